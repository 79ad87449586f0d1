"""The closed lists of proposals."""

from django.db import models


class ProposalKind(models.TextChoices):
    """What may be proposed, and nothing else."""

    REASON_CODE = "reason_code", "Reason code"
    SUMMARY = "summary", "Summary"
    MESSAGE = "message", "Question to the customer"


class ProposalState(models.TextChoices):
    """What a person made of it."""

    PROPOSED = "proposed", "Proposed"
    ACCEPTED = "accepted", "Accepted"
    DISMISSED = "dismissed", "Dismissed"


class AskOutcome(models.TextChoices):
    """What came of asking."""

    PROPOSED = "proposed", "Proposed something"
    NOTHING = "nothing", "Had nothing to propose"
    NO_BUDGET = "no_budget", "Not asked: the budget of the day is used up"
    FORBIDDEN = "forbidden", "Not asked: its address is not allowed"
    NO_ANSWER = "no_answer", "Did not answer in time"
    REFUSED = "refused", "Answered that it cannot"
    UNREADABLE = "unreadable", "Answered something that is no proposal"
