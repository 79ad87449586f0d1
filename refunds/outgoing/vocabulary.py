"""The closed lists of webhooks out."""

from django.db import models

from config.kernel.wording import said


class Event(models.TextChoices):
    """What systems outside can hear of; the names are promised."""

    SUBMITTED = "refund_request.submitted", said("A refund request was handed in")
    APPROVED = "refund_request.approved", said("A refund request was approved, by policy or by people")
    DECLINED = "refund_request.declined", said("A refund request was declined")
    REFUNDED = "refund_request.refunded", said("The processor paid")
    FAILED = "refund_request.failed", said("The money did not arrive, perhaps weeks later")
    RECONCILED = "refund_request.reconciled", said("The processor's statement agrees to the last unit")
    REQUESTED = "approval.requested", said("Signatures are waited for")
    GRANTED = "approval.granted", said("The last signature that was needed was given")
    DENIED = "approval.denied", said("People said no")
    DECIDED = "decision.recorded", said("A policy judged a case")
    PUBLISHED = "policy.published", said("A version of a policy is in force")
    TICKET = "ticket.note", said("A request moved that answers a ticket of a helpdesk: the note to write there")
    BREAK = "break.opened", said("A line of a statement agrees with nothing of ours")
    DUE_SOON = "approval.due_soon", said("A promise to decide is about to end")
    IN_REVIEW = "policy.in_review", said("A version of a policy waits for a second reader")
    STOPPED = "gateway_line.stopped", said("Nothing is sent to a processor for now")


FOR_PEOPLE = frozenset({Event.REQUESTED, Event.DUE_SOON, Event.FAILED, Event.BREAK, Event.IN_REVIEW, Event.STOPPED})
"""What a chat or a mailbox can hear of; the rest is for machines."""


TEST = "webhook.test"
"""Told to one endpoint because somebody pressed a button; nobody subscribes to it."""


class Shape(models.TextChoices):
    """How an endpoint is told."""

    JSON = "json", said("Signed JSON, for a system")
    SLACK = "slack", said("Slack, or what reads its messages")
    TEAMS = "teams", said("Microsoft Teams, by a workflow")
    MAIL = "mail", said("E-mail")

    @property
    def vendor(self) -> str:
        """Whose addresses they are."""
        return str(self.label).partition(",")[0]


CHATS = frozenset({Shape.SLACK, Shape.TEAMS})
"""Whoever knows their address can write there."""


class SendState(models.TextChoices):
    """Where a delivery is."""

    WAITING = "waiting", said("Waiting")
    DELIVERED = "delivered", said("Delivered")
    FAILED = "failed", said("Failed")


class CallOutcome(models.TextChoices):
    """What one try came to."""

    DELIVERED = "delivered", said("Delivered")
    ANSWERED = "answered", said("Answered something else than 2xx")
    REDIRECTED = "redirected", said("Redirect, not followed")
    GONE = "gone", said("410 Gone")
    TIMED_OUT = "timed_out", said("Took too long")
    UNREACHABLE = "unreachable", said("Could not be reached")
    UNTRUSTED = "untrusted", said("Its certificate is not good for its name, nothing was sent")
    UNREADABLE = "unreadable", said("Answered what is no HTTP")
    FORBIDDEN = "forbidden", said("Forbidden address, nothing was sent")
    UNSIGNED = "unsigned", said("No secret could be read, nothing was sent")
    INTERRUPTED = "interrupted", said("The worker was stopped; it may have arrived")
