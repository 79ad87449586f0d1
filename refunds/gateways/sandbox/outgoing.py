"""Stripe's addresses for money that leaves besides refunds: payouts, transfers, fees, lost disputes, credits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.admin import read_json
from refunds.gateways.sandbox.forms import LARGEST_AMOUNT, currency_code, one_text, only, whole_number, words
from refunds.gateways.sandbox.lists import list_outgoings
from refunds.gateways.sandbox.once import Made, once
from refunds.gateways.sandbox.outgoing_shapes import outgoing_shape
from refunds.gateways.sandbox.problems import Problem, refuse_missing
from refunds.gateways.sandbox.records import Event, Outgoing
from refunds.gateways.sandbox.shapes import dispute_shape
from refunds.gateways.sandbox.wire import Reply, Request, told

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk
    from refunds.gateways.sandbox.faults import Fault

_PAYOUT = frozenset({"amount", "currency", "description", "destination", "metadata", "method", "expand"})
_TRANSFER = frozenset({"amount", "currency", "description", "destination", "metadata", "transfer_group", "expand"})
_CREDIT = frozenset({"amount", "currency", "description", "metadata", "expand"})
_PART = frozenset({"amount", "description", "metadata", "expand"})


def create_payout(desk: Desk, request: Request) -> Reply:
    """Send money to the platform's own bank account."""
    only(request.params, _PAYOUT)
    return _make(desk, request, "po", "payout", "payout.created", destination=request.params.get("destination") or "")


def create_transfer(desk: Desk, request: Request) -> Reply:
    """Send money to a connected account."""
    only(request.params, _TRANSFER)
    destination = one_text(request.params.get("destination"), "destination")
    return _make(desk, request, "tr", "transfer", "transfer.created", destination=destination)


def reverse_transfer(desk: Desk, request: Request) -> Reply:
    """Take a transfer back, in part or whole."""
    return _take_back(desk, request, "trr", "reversal", "transfer.reversed")


def refund_fee(desk: Desk, request: Request) -> Reply:
    """Give an application fee back, in part or whole."""
    return _take_back(desk, request, "fr", "fee_refund", "application_fee.refunded")


def credit_customer(desk: Desk, request: Request) -> Reply:
    """Write to a customer's balance: less than nothing is a credit that her next invoice uses. No event tells of it."""
    only(request.params, _CREDIT)
    amount = whole_number(request.params.get("amount"), "amount", least=-LARGEST_AMOUNT)
    currency = currency_code(request.params.get("currency"))
    metadata = words(request.params.get("metadata"), "metadata")
    if not request.named.startswith("cus_"):
        refuse_missing("customer", request.named, "customer")

    def make(_fault: Fault | None) -> Made:
        row = _row(desk, request, "cbtxn", "credit", amount=amount, currency=currency, metadata=metadata)
        row.about = request.named
        return outgoing_shape(row, desk.books), [row]

    return once(desk, request, make, may_fail=True)


def list_credits(desk: Desk, request: Request) -> Reply:
    """List what was written to a customer's balance."""
    written = [row for row in _newest(desk, "credit") if row.about == request.named]
    return list_outgoings(request, written, desk.books)


def accept_dispute(desk: Desk, request: Request) -> Reply:
    """Close a dispute without an answer: it is lost."""
    only(request.params, frozenset({"expand"}))

    def make(_fault: Fault | None) -> Made:
        dispute = desk.books.disputes.get(request.named)
        if dispute is None:
            refuse_missing("dispute", request.named, "id")
        rows = deeds.close_dispute(desk.books, dispute, "lost", now=desk.clock.now())
        return dispute_shape(replace(dispute, status="lost"), desk.books.payments[dispute.payment]), rows

    return once(desk, request, make, may_fail=True)


def get_payout(desk: Desk, request: Request) -> Reply:
    """Show one payout."""
    return told(outgoing_shape(_known(desk, request.named, "payout"), desk.books))


def get_transfer(desk: Desk, request: Request) -> Reply:
    """Show one transfer."""
    return told(outgoing_shape(_known(desk, request.named, "transfer"), desk.books))


def get_fee(desk: Desk, request: Request) -> Reply:
    """Show one application fee."""
    return told(outgoing_shape(_known(desk, request.named, "fee"), desk.books))


def list_payouts(desk: Desk, request: Request) -> Reply:
    """List payouts."""
    return list_outgoings(request, _newest(desk, "payout"), desk.books)


def list_transfers(desk: Desk, request: Request) -> Reply:
    """List transfers."""
    return list_outgoings(request, _newest(desk, "transfer"), desk.books)


def list_reversals(desk: Desk, request: Request) -> Reply:
    """List what was taken back of a transfer."""
    taken_back = desk.books.taken_back(_known(desk, request.named, "transfer"))
    return list_outgoings(request, taken_back[::-1], desk.books)


def list_fee_refunds(desk: Desk, request: Request) -> Reply:
    """List what was given back of a fee."""
    taken_back = desk.books.taken_back(_known(desk, request.named, "fee"))
    return list_outgoings(request, taken_back[::-1], desk.books)


def take_fee(desk: Desk, request: Request) -> Reply:
    """Take an application fee, as a charge of a connected account would: `{"amount", "currency"}`."""
    body = read_json(request)
    asked = body if isinstance(body, dict) else {}
    fee = Outgoing(
        id=desk.books.next_id("fee"),
        kind="fee",
        amount=whole_number(asked.get("amount"), "amount"),
        currency=currency_code(asked.get("currency")),
        created=int(desk.clock.now()),
        destination="acct_sandbox",
    )
    desk.record(fee)
    return told(outgoing_shape(fee, desk.books))


def fail_payout(desk: Desk, request: Request) -> Reply:
    """Let the bank send a payout back."""
    failed = replace(_known(desk, request.named, "payout"), status="failed", failed_at=int(desk.clock.now()))
    desk.record(failed, _event(desk, "payout.failed", failed.id, failed.idempotency_key))
    return told(outgoing_shape(failed, desk.books))


def _make(desk: Desk, request: Request, prefix: str, kind: str, news: str, *, destination: Any) -> Reply:
    amount = whole_number(request.params.get("amount"), "amount")
    currency = currency_code(request.params.get("currency"))
    metadata = words(request.params.get("metadata"), "metadata")

    def make(_fault: Fault | None) -> Made:
        row = _row(desk, request, prefix, kind, amount=amount, currency=currency, metadata=metadata)
        row.status, row.destination = "paid" if kind == "payout" else "", str(destination)
        return outgoing_shape(row, desk.books), [row, _event(desk, news, row.id, row.idempotency_key)]

    return once(desk, request, make, may_fail=True)


def _take_back(desk: Desk, request: Request, prefix: str, kind: str, news: str) -> Reply:
    only(request.params, _PART)
    asked = whole_number(request.params["amount"], "amount") if "amount" in request.params else None
    metadata = words(request.params.get("metadata"), "metadata")

    def make(_fault: Fault | None) -> Made:
        whole = _known(desk, request.named, "transfer" if kind == "reversal" else "fee")
        left = whole.amount - sum(row.amount for row in desk.books.taken_back(whole))
        amount = left if asked is None else asked
        if amount > left or left == 0:
            message = f"Amount ({amount}) is greater than what is left ({left}) of {whole.id}."
            raise Problem(400, "amount_too_large", message, param="amount")
        row = _row(desk, request, prefix, kind, amount=amount, currency=whole.currency, metadata=metadata)
        row.about = whole.id
        return outgoing_shape(row, desk.books), [row, _event(desk, news, whole.id, row.idempotency_key)]

    return once(desk, request, make, may_fail=True)


def _row(
    desk: Desk, request: Request, prefix: str, kind: str, *, amount: int, currency: str, metadata: dict[str, str]
) -> Outgoing:
    return Outgoing(
        id=desk.books.next_id(prefix),
        kind=kind,
        amount=amount,
        currency=currency,
        created=int(desk.clock.now()),
        metadata=metadata,
        idempotency_key=request.headers.get("idempotency-key") or None,
    )


def _event(desk: Desk, kind: str, object_id: str, key: str | None) -> Event:
    made = int(desk.clock.now())
    return Event(desk.books.next_id("evt"), kind, created=made, object_id=object_id, idempotency_key=key)


def _known(desk: Desk, named: str, kind: str) -> Outgoing:
    row = desk.books.outgoings.get(named)
    if row is None or row.kind != kind:
        refuse_missing(kind, named, "id")
    return row


def _newest(desk: Desk, kind: str) -> list[Outgoing]:
    return [row for row in reversed(desk.books.outgoings.values()) if row.kind == kind]
