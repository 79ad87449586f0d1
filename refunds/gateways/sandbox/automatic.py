"""Automatic payouts: what Stripe does by itself every day, here when a tester says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from refunds.gateways.sandbox.admin import read_json
from refunds.gateways.sandbox.forms import currency_code
from refunds.gateways.sandbox.movements import paid_out_by
from refunds.gateways.sandbox.outgoing_shapes import outgoing_shape
from refunds.gateways.sandbox.problems import Problem, refuse, refuse_missing
from refunds.gateways.sandbox.records import Event, Outgoing
from refunds.gateways.sandbox.wire import Reply, Request, told

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk


def pay_out(desk: Desk, request: Request) -> Reply:
    """Pay out what moved in a currency since the last automatic payout and before this second: `{"currency": "gbp"}`.

    `"reconciled": false` leaves it to be reconciled later, as Stripe takes hours for it.
    """
    body = read_json(request)
    asked = body if isinstance(body, dict) else {}
    currency, now = currency_code(asked.get("currency")), int(desk.clock.now())
    earlier = [row for row in desk.books.outgoings.values() if row.is_automatic and row.currency == currency]
    payout = Outgoing(
        id=desk.books.next_id("po"),
        kind="payout",
        amount=0,
        currency=currency,
        created=now,
        status="paid",
        is_automatic=True,
        since=max((row.until for row in earlier), default=0),
        until=now,
    )
    lines = paid_out_by(desk.books, payout)
    if not lines:
        refuse("balance_insufficient", f"Nothing moved in {currency} since the last payout.", "currency")
    payout.amount = sum(line.net for line in lines)
    desk.record(payout, _event(desk, "payout.created", payout), _event(desk, "payout.paid", payout))
    return _reconciled(desk, payout) if asked.get("reconciled", True) else told(outgoing_shape(payout, desk.books))


def reconcile_payout(desk: Desk, request: Request) -> Reply:
    """Say that it is known what an automatic payout consists of."""
    payout = desk.books.outgoings.get(request.named)
    if payout is None or payout.kind != "payout":
        refuse_missing("payout", request.named, "id")
    if not payout.is_automatic:
        raise Problem(400, "payout_not_automatic", "Only automatic payouts are reconciled.")
    return _reconciled(desk, payout)


def _reconciled(desk: Desk, payout: Outgoing) -> Reply:
    done = replace(payout, is_reconciled=True)
    desk.record(done, _event(desk, "payout.reconciliation_completed", done))
    return told(outgoing_shape(done, desk.books))


def _event(desk: Desk, kind: str, payout: Outgoing) -> Event:
    return Event(desk.books.next_id("evt"), kind, created=int(desk.clock.now()), object_id=payout.id)
