"""What can happen to money here: each deed checks the rules and returns the rows to write down, and writes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from refunds.gateways.sandbox.faults import OF_WEBHOOKS, Fault
from refunds.gateways.sandbox.problems import Problem
from refunds.gateways.sandbox.records import UNDONE, Dispute, Event, FraudWarning, Outgoing, Payment, Refund

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refunds.gateways.sandbox.books import Books

REFUND_FAILS = "pm_card_refundFail"
REFUND_PENDING = "pm_card_pendingRefund"
REFUND_NEEDS_ACTION = "pm_sandbox_refundRequiresAction"
DISPUTED = "pm_card_createDispute"
METHODS = frozenset({"pm_card_visa", "card", REFUND_FAILS, REFUND_PENDING, REFUND_NEEDS_ACTION, DISPUTED})
"""Stripe's documented test methods, and one of ours for refunds that wait for the customer."""

DISPUTE_DAYS = 9
_DAY_SECONDS = 24 * 3600
_COPIES = {Fault.DROP_WEBHOOK: 0, Fault.DOUBLE_WEBHOOK: 2}

Rows = list[Payment | Refund | Dispute | FraudWarning | Outgoing | Event]


def give_back(  # noqa: PLR0913 - one refund is made of these
    books: Books,
    payment: Payment,
    *,
    amount: int | None,
    reason: str | None,
    metadata: Mapping[str, str],
    shared: tuple[str, ...] = (),
    key: str,
    fault: Fault | None,
    now: float,
    turns_after_seconds: float,
) -> Rows:
    """Refund a payment in part or in full.

    :raises Problem: when nothing or too little is left, or the money is in dispute
    """
    disputed = books.dispute_of(payment)
    if disputed is not None and not disputed.is_inquiry and disputed.status != "won":
        raise Problem(400, "charge_disputed", f"Charge {payment.charge} has been charged back; cannot issue a refund.")
    refunded = books.refunded(payment)
    left = payment.amount - refunded
    if left == 0:
        raise Problem(400, "charge_already_refunded", f"Charge {payment.charge} has already been refunded.")
    amount = left if amount is None else amount
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Problem(400, "amount_too_large", message, param="amount")
    status, turns = _prospects(payment.method, fault)
    refund = Refund(
        id=books.next_id("re"),
        payment=payment.id,
        amount=amount,
        currency=payment.currency,
        created=int(now),
        status=status,
        reason=reason,
        metadata=dict(metadata),
        shared=shared,
        idempotency_key=key or None,
        turns=turns,
        turns_at=now + turns_after_seconds if turns else None,
    )
    after = {"amount_refunded": refunded + amount, "refunded": refunded + amount == payment.amount}
    return [
        refund,
        _event(books, "refund.created", refund, refund.id, {"status": status}, at=int(now), fault=fault),
        _event(books, "charge.refunded", refund, payment.charge, after, at=int(now), fault=fault),
    ]


def _event(
    books: Books,
    kind: str,
    refund: Refund,
    object_id: str,
    snapshot: dict[str, Any],
    *,
    at: int,
    previous: dict[str, Any] | None = None,
    fault: Fault | None = None,
) -> Event:
    return Event(
        id=books.next_id("evt"),
        type=kind,
        created=at,
        object_id=object_id,
        snapshot=snapshot,
        previous=previous or {},
        idempotency_key=refund.idempotency_key,
        copies=_COPIES.get(fault, 1) if fault else 1,
        guise=fault.value if fault in OF_WEBHOOKS else "",
    )


def _prospects(method: str, fault: Fault | None) -> tuple[str, str | None]:
    """Tell the first status of a refund and what it turns into by itself."""
    if fault is Fault.PENDING or method == REFUND_PENDING:
        return "pending", "succeeded"
    if fault is Fault.PENDING_FAILS:
        return "pending", "failed"
    if fault is Fault.FAIL_LATER or method == REFUND_FAILS:
        return "succeeded", "failed"
    if method == REFUND_NEEDS_ACTION:
        return "requires_action", None
    return "succeeded", None


def turn(books: Books, refund: Refund, to: str, *, now: float) -> Rows:
    """Move a refund on: a pending one succeeds, any living one fails, one that waits for the customer is cancelled.

    :raises Problem: when it already stands there for good
    """
    if refund.status in UNDONE or refund.status == to:
        message = f"Refund {refund.id} is {refund.status} and cannot become {to}."
        raise Problem(400, "refund_unexpected_state", message)
    turned = replace(
        refund,
        status=to,
        turns=None,
        turns_at=None,
        failure_reason="expired_or_canceled_card" if to == "failed" else None,
        undone_at=int(now) if to in UNDONE else None,
    )
    was = {"status": refund.status}
    types = ["refund.updated", "refund.failed"] if to == "failed" else ["refund.updated"]
    return [
        turned,
        *(_event(books, kind, turned, turned.id, {"status": to}, at=int(now), previous=was) for kind in types),
    ]


def dispute(books: Books, payment: Payment, *, due_by: int | None, now: float, is_inquiry: bool = False) -> Rows:
    """Let the customer complain at the bank about everything not yet refunded; an inquiry takes no money yet.

    `due_by` 0 is a dispute that no answer is allowed to.

    :raises Problem: when they already did, or nothing is left to complain about
    """
    amount = payment.amount - books.refunded(payment)
    if books.dispute_of(payment) or amount == 0:
        message = f"Charge {payment.charge} is already disputed or has nothing left to dispute."
        raise Problem(400, "charge_disputed", message)
    made = Dispute(
        id=books.next_id("du"),
        payment=payment.id,
        amount=amount,
        currency=payment.currency,
        created=int(now),
        due_by=int(now) + DISPUTE_DAYS * _DAY_SECONDS if due_by is None else due_by,
        status="warning_needs_response" if is_inquiry else "needs_response",
        taken_at=None if is_inquiry else int(now),
    )
    return [made, Event(books.next_id("evt"), "charge.dispute.created", created=int(now), object_id=made.id)]


def close_dispute(books: Books, dispute: Dispute, status: str, *, now: float) -> Rows:
    """Decide a dispute: won or lost, and an inquiry is closed or becomes a chargeback.

    :raises Problem: for a status it cannot come to
    """
    onward = {"warning_closed", "needs_response"} if dispute.is_inquiry else {"won", "lost"}
    if not dispute.is_open or status not in onward:
        raise Problem(400, "dispute_unexpected_state", f"Dispute {dispute.id} is {dispute.status}.")
    moved = replace(dispute, status=status)
    if moved.is_open:
        moved.taken_at, kind = int(now), "charge.dispute.updated"
    else:
        moved.closed_at, kind = int(now), "charge.dispute.closed"
    return [moved, Event(books.next_id("evt"), kind, created=int(now), object_id=moved.id)]


def warn(books: Books, payment: Payment, *, now: float) -> Rows:
    """Let the customer's bank say that a payment was fraud, before there is a dispute."""
    made = FraudWarning(id=books.next_id("issfr"), payment=payment.id, created=int(now))
    kind = "radar.early_fraud_warning.created"
    return [made, Event(books.next_id("evt"), kind, created=int(now), object_id=made.id)]
