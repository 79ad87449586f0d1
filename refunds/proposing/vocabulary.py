"""The closed lists of proposals."""

from django.db import models

from config.kernel.wording import said


class ProposalKind(models.TextChoices):
    """What may be proposed, and nothing else."""

    REASON_CODE = "reason_code", said("Reason code")
    SUMMARY = "summary", said("Summary")
    MESSAGE = "message", said("Question to the customer")


class ProposalState(models.TextChoices):
    """What a person made of it."""

    PROPOSED = "proposed", said("Proposed")
    ACCEPTED = "accepted", said("Accepted")
    DISMISSED = "dismissed", said("Dismissed")


class AskOutcome(models.TextChoices):
    """What came of asking."""

    PROPOSED = "proposed", said("Proposed something")
    NOTHING = "nothing", said("Had nothing to propose")
    NO_BUDGET = "no_budget", said("Not asked: the budget of the day is used up")
    FORBIDDEN = "forbidden", said("Not asked: its address is not allowed")
    NO_ANSWER = "no_answer", said("Did not answer in time")
    REFUSED = "refused", said("Answered that it cannot")
    UNREADABLE = "unreadable", said("Answered something that is no proposal")
