"""The closed lists of webhooks out."""

from django.db import models


class Event(models.TextChoices):
    """What systems outside can hear of; the names are promised."""

    SUBMITTED = "refund_request.submitted", "A refund request was handed in"
    APPROVED = "refund_request.approved", "A refund request was approved, by policy or by people"
    DECLINED = "refund_request.declined", "A refund request was declined"
    REFUNDED = "refund_request.refunded", "The processor paid"
    FAILED = "refund_request.failed", "The money did not arrive, perhaps weeks later"
    RECONCILED = "refund_request.reconciled", "The processor's statement agrees to the last unit"
    REQUESTED = "approval.requested", "Signatures are waited for"
    GRANTED = "approval.granted", "The last signature that was needed was given"
    DENIED = "approval.denied", "People said no"
    DECIDED = "decision.recorded", "A policy judged a case"
    PUBLISHED = "policy.published", "A version of a policy is in force"
    TICKET = "ticket.note", "A request moved that answers a ticket of a helpdesk: the note to write there"
    BREAK = "break.opened", "A line of a statement agrees with nothing of ours"
    DUE_SOON = "approval.due_soon", "A promise to decide is about to end"
    IN_REVIEW = "policy.in_review", "A version of a policy waits for a second reader"
    STOPPED = "gateway_line.stopped", "Nothing is sent to a processor for now"


FOR_PEOPLE = frozenset({Event.REQUESTED, Event.DUE_SOON, Event.FAILED, Event.BREAK, Event.IN_REVIEW, Event.STOPPED})
"""What a chat or a mailbox can hear of; the rest is for machines."""


TEST = "webhook.test"
"""Told to one endpoint because somebody pressed a button; nobody subscribes to it."""


class Shape(models.TextChoices):
    """How an endpoint is told."""

    JSON = "json", "Signed JSON, for a system"
    SLACK = "slack", "Slack, or what reads its messages"
    TEAMS = "teams", "Microsoft Teams, by a workflow"
    MAIL = "mail", "E-mail"

    @property
    def vendor(self) -> str:
        """Whose addresses they are."""
        return str(self.label).partition(",")[0]


CHATS = frozenset({Shape.SLACK, Shape.TEAMS})
"""Whoever knows their address can write there."""


class SendState(models.TextChoices):
    """Where a delivery is."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class CallOutcome(models.TextChoices):
    """What one try came to."""

    DELIVERED = "delivered", "Delivered"
    ANSWERED = "answered", "Answered something else than 2xx"
    REDIRECTED = "redirected", "Redirect, not followed"
    GONE = "gone", "410 Gone"
    TIMED_OUT = "timed_out", "Took too long"
    UNREACHABLE = "unreachable", "Could not be reached"
    UNTRUSTED = "untrusted", "Its certificate is not good for its name, nothing was sent"
    UNREADABLE = "unreadable", "Answered what is no HTTP"
    FORBIDDEN = "forbidden", "Forbidden address, nothing was sent"
    UNSIGNED = "unsigned", "No secret could be read, nothing was sent"
    INTERRUPTED = "interrupted", "The worker was stopped; it may have arrived"
