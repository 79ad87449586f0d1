"""Take an approval back while the money is still queued: the one undo there is, and it ends when a worker takes over.

Money that people approve waits for `RECALL_SECONDS` before any worker may take it; what the policy approves by itself
leaves at once, because nobody signed who could think better of it. The customer is told when the wait is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from approvals.services.routing import recall_route
from approvals.vocabulary import Verdict
from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.wording import said
from evidence import ledger

from . import balances, entitlement, judgement, lifecycle, notifications
from .models import Operation
from .payouts import answering
from .processing.queueing import queue_operation
from .vocabulary import OperationState, State

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .models import RefundRequest

TOO_LATE = said("The money is on its way.")
AFTER_APPROVAL = frozenset({State.PROCESSING, State.REFUNDED, State.RECONCILED, State.FAILED})


def queue_with_recall(refund_request: RefundRequest, *, at: datetime) -> None:
    """Queue the money that a person approved so that it waits for a recall; the customer is told when it leaves."""
    recall_until = at + timedelta(seconds=settings.RECALL_SECONDS) if settings.RECALL_SECONDS else None
    queue_operation(refund_request=refund_request, at=at, recall_until=recall_until)
    if recall_until is None:
        notifications.tell_approved(refund_request, at=at)


@transaction.atomic(durable=True)
def recall(*, reference: str, note: str, actor: User, at: datetime) -> RefundRequest:
    """Take an approval back; the request waits for signatures anew, for all it asked.

    1. Cancel the operation, which the worker may take only under the same lock on the request.
    2. Reserve again what an approver had cut off.
    3. Mark the route as recalled, so that its signatures stay on record, and open a fresh one.

    :raises NotPermitted: to whoever neither signed nor could have
    :raises OutOfDate: once a worker has taken it, or when it is not approved any more
    :raises Refused: `exceeds_refundable_balance` when what was cut off has gone elsewhere
    """
    refund_request = entitlement.locked_for(reference, actor)
    check_may_recall(actor, refund_request, at=at)
    entitlement.check_words(note, field="note")
    if refund_request.state in AFTER_APPROVAL:
        raise OutOfDate("out_of_date", TOO_LATE)
    lifecycle.check_knows(refund_request, "recall")
    approved = refund_request.amount
    route = recall_route(subject=refund_request.subject, at=at)
    # There is at most one, because it is live.
    queued = Operation.objects.select_for_update().filter(refund_request=refund_request, state=OperationState.READY)
    operation = queued.first()
    if route is None or operation is None or not operation.may_be_recalled:
        raise OutOfDate("out_of_date", TOO_LATE)
    operation.state = OperationState.CANCELLED
    operation.save(update_fields=["state"])
    balances.restore_reserve(refund_request)
    answering.take_back(refund_request)
    lifecycle.advance(
        refund_request,
        "recall",
        actor=actor,
        at=at,
        sentence=f"took the approval of {approved} back before the money left.",
        data={
            "operation": str(operation.pk),
            "route": str(route.pk),
            "amount_minor": approved.minor,
            "currency": approved.currency,
            "note_sha256": ledger.salted_digest(refund_request.subject, note),
        },
        columns={"question": note.strip()},
    )
    judgement.open_route_for(refund_request, judgement.judge_request(refund_request, at=at), at=at)
    return refund_request


def check_may_recall(actor: User, refund_request: RefundRequest, *, at: datetime) -> None:
    """Let those recall who signed, in whose name it was signed, or who could have decided.

    :raises NotPermitted: `not_permitted`, `self_approval` or `over_authority`, in every state the same
    """
    lifecycle.check_may_speak(actor, "recall")
    if not _signed(actor, refund_request):
        entitlement.check_may_decide_on(actor, refund_request, "recall", at=at)


def _signed(actor: User, refund_request: RefundRequest) -> bool:
    route = refund_request.route
    if route is None:
        return False
    signers = route.decisions.filter(verdict=Verdict.APPROVE).values_list("decided_by", "acting_for")
    return actor.pk in {pk for pair in signers for pk in pair}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page says of an approval that can be taken back."""

    until: datetime
    seconds_left: int

    @property
    def left(self) -> str:
        """Print the time left as minutes and seconds; empty when it is over and the worker has not come yet."""
        minutes, seconds = divmod(self.seconds_left, 60)
        return f"{minutes}:{seconds:02}" if self.seconds_left else ""


def offer_for(viewer: User, refund_request: RefundRequest, *, at: datetime) -> Offer | None:
    """Say how long this person may still take the approval back; None when she may not, or it is too late."""
    if refund_request.state != State.APPROVED or refund_request.route_id is None:
        return None
    operation = refund_request.operations.filter(state=OperationState.READY).first()
    if operation is None or operation.recall_until is None or not operation.may_be_recalled:
        return None
    try:
        check_may_recall(viewer, refund_request, at=at)
    except NotPermitted:
        return None
    left = (operation.recall_until - at).total_seconds()
    return Offer(operation.recall_until, max(int(left), 0))
