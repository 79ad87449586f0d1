"""What moved on the balance: derived from the books, never stored beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from refunds.gateways.sandbox.shapes import transaction_id, undone_transaction_id
from refunds.gateways.units import stripe_digits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.gateways.sandbox.books import Books
    from refunds.gateways.sandbox.records import Dispute, Outgoing, Payment, Refund

DAY_SECONDS = 24 * 3600
AVAILABLE_AFTER_DAYS = 3
DISPUTE_FEE_MAJOR = 20
_FEE_PER_MILLE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One balance transaction; `amount` and `fee` in Stripe's units, `net` is what the balance felt."""

    id: str
    created: int
    amount: int
    fee: int
    currency: str
    category: str
    type: str
    source: str
    payment: Payment | None = None
    refund: Refund | None = None
    dispute: Dispute | None = None
    payout: Outgoing | None = None

    @property
    def net(self) -> int:
        """Subtract the fee."""
        return self.amount - self.fee

    @property
    def available_on(self) -> int:
        """Tell the midnight at which the money becomes available."""
        return (self.created // DAY_SECONDS + AVAILABLE_AFTER_DAYS) * DAY_SECONDS


def movements(books: Books) -> list[Movement]:
    """List every movement, oldest first."""
    return sorted(_all(books), key=lambda movement: (movement.created, movement.id))


def _all(books: Books) -> Iterator[Movement]:
    for payment in books.payments.values():
        yield Movement(
            id=transaction_id(payment.charge),
            created=payment.created,
            amount=payment.amount,
            fee=charge_fee(payment.amount, payment.currency),
            currency=payment.currency,
            category="charge",
            type="charge",
            source=payment.charge,
            payment=payment,
        )
    for refund in books.refunds.values():
        yield from _of_refund(refund, books.payments[refund.payment])
    for dispute in books.disputes.values():
        yield from _of_dispute(dispute, books.payments[dispute.payment])
    for outgoing in books.outgoings.values():
        if outgoing.is_automatic:
            yield from _of_payout(outgoing)


def _of_dispute(dispute: Dispute, payment: Payment) -> Iterator[Movement]:
    """Take the money and the fee; what is won comes back without the fee."""
    if dispute.taken_at is None:
        return
    taken = Movement(
        id=transaction_id(dispute.id),
        created=dispute.taken_at,
        amount=-dispute.amount,
        fee=DISPUTE_FEE_MAJOR * 10 ** stripe_digits(dispute.currency.upper()),
        currency=dispute.currency,
        category="dispute",
        type="adjustment",
        source=dispute.id,
        payment=payment,
        dispute=dispute,
    )
    yield taken
    if dispute.status == "won":
        yield replace(
            taken,
            id=undone_transaction_id(dispute.id),
            created=dispute.closed_at or dispute.taken_at,
            amount=dispute.amount,
            fee=0,
            category="dispute_reversal",
        )


def _of_payout(payout: Outgoing) -> Iterator[Movement]:
    """Take the balance down by what is paid out; what the bank sends back is there again."""
    paid = Movement(
        id=transaction_id(payout.id),
        created=payout.created,
        amount=-payout.amount,
        fee=0,
        currency=payout.currency,
        category="payout",
        type="payout",
        source=payout.id,
        payout=payout,
    )
    yield paid
    if payout.status == "failed":
        yield replace(
            paid,
            id=undone_transaction_id(payout.id),
            created=payout.failed_at or payout.created,
            amount=payout.amount,
            category="payout_reversal",
            type="payout_failure",
        )


def paid_out_by(books: Books, payout: Outgoing) -> list[Movement]:
    """List what an automatic payout consists of, oldest first, without the payout itself."""
    return [
        one
        for one in movements(books)
        if one.currency == payout.currency and payout.since <= one.created < payout.until and one.category != "payout"
    ]


def _of_refund(refund: Refund, payment: Payment) -> Iterator[Movement]:
    if refund.status in {"requires_action", "canceled"}:
        return
    yield Movement(
        id=transaction_id(refund.id),
        created=refund.created,
        amount=-refund.amount,
        fee=0,
        currency=refund.currency,
        category="refund",
        type="refund",
        source=refund.id,
        payment=payment,
        refund=refund,
    )
    if refund.status == "failed":
        yield Movement(
            id=undone_transaction_id(refund.id),
            created=refund.undone_at or refund.created,
            amount=refund.amount,
            fee=0,
            currency=refund.currency,
            category="refund_failure",
            type="refund_failure",
            source=refund.id,
            payment=payment,
            refund=refund,
        )


def charge_fee(amount: int, currency: str) -> int:
    """Compute the processor's fee: 1.5 % and 0.20, rounded half up."""
    fixed: int = 2 * 10 ** stripe_digits(currency.upper()) // 10
    return (amount * _FEE_PER_MILLE + 500) // 1000 + fixed
