"""The sandbox's own addresses: its books, its faults, and what a tester makes happen."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.forms import currency_code, one_text, whole_number, words
from refunds.gateways.sandbox.movements import movements, paid_out_by
from refunds.gateways.sandbox.outgoing_shapes import outgoing_shape
from refunds.gateways.sandbox.problems import Problem, refuse, refuse_missing
from refunds.gateways.sandbox.records import Payment
from refunds.gateways.sandbox.report import payout_report
from refunds.gateways.sandbox.shapes import dispute_shape, is_actionable, refund_shape, warning_shape
from refunds.gateways.sandbox.wire import Reply, Request, told

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk

MOST_PAYMENTS = 5000
MOST_FAULTS = 1000
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")


def books(desk: Desk, _request: Request) -> Reply:
    """Show everything the sandbox holds, and its totals."""
    held = desk.books
    payments = [
        {
            "id": payment.id,
            "charge": payment.charge,
            "amount": payment.amount,
            "amount_refunded": held.refunded(payment),
            "currency": payment.currency,
            "created": payment.created,
            "method": payment.method,
            "disputed": held.dispute_of(payment) is not None,
            "metadata": payment.metadata,
        }
        for payment in held.payments.values()
    ]
    refunds = [
        {
            "id": refund.id,
            "payment_intent": refund.payment,
            "amount": refund.amount,
            "currency": refund.currency,
            "status": refund.status,
            "failure_reason": refund.failure_reason,
            "created": refund.created,
            "idempotency_key": refund.idempotency_key,
            "shared": list(refund.shared),
            "metadata": refund.metadata,
        }
        for refund in held.refunds.values()
    ]
    credited = [outgoing_shape(row, held) for row in held.outgoings.values() if row.kind == "credit"]
    return told({"payments": payments, "refunds": refunds, "credits": credited, "totals": held.totals()})


def arm_fault(desk: Desk, request: Request) -> Reply:
    """Arm a fault for the next new refund call."""
    body = read_json(request)
    if not isinstance(body, dict) or body.get("fault") not in list(Fault):
        refuse("parameter_invalid", f"fault is one of {', '.join(Fault)}", "fault")
    times = whole_number(body.get("times", 1), "times", most=MOST_FAULTS)
    return told({"armed": desk.faults.arm(Fault(body["fault"]), times)})


def fail_refund(desk: Desk, request: Request) -> Reply:
    """Let a refund fail now, however long ago it succeeded."""
    refund = desk.books.refunds.get(request.named)
    if refund is None:
        refuse_missing("refund", request.named, "id")
    desk.record(*deeds.turn(desk.books, refund, "failed", now=desk.clock.now()))
    return told(refund_shape(desk.books.refunds[refund.id], desk.books.payments[refund.payment]))


def dispute_payment(desk: Desk, request: Request) -> Reply:
    """Let the customer of a payment complain at the bank."""
    payment = desk.books.payment(request.named)
    if payment is None:
        refuse_missing("payment", request.named, "id")
    body = read_json(request) if request.raw else {}
    due_by = body.get("due_by") if isinstance(body, dict) else None
    due_at = None if due_by is None else _unix_seconds(due_by, "due_by")
    is_inquiry = isinstance(body, dict) and body.get("inquiry") is True
    desk.record(*deeds.dispute(desk.books, payment, due_by=due_at, now=desk.clock.now(), is_inquiry=is_inquiry))
    dispute = desk.books.dispute_of(payment)
    return told(dispute_shape(dispute, payment) if dispute else {})


def close_dispute(desk: Desk, request: Request) -> Reply:
    """Decide a dispute."""
    dispute = desk.books.disputes.get(request.named)
    if dispute is None:
        refuse_missing("dispute", request.named, "id")
    body = read_json(request)
    status = body.get("status") if isinstance(body, dict) else None
    desk.record(*deeds.close_dispute(desk.books, dispute, str(status), now=desk.clock.now()))
    return told(dispute_shape(desk.books.disputes[dispute.id], desk.books.payments[dispute.payment]))


def warn_of_payment(desk: Desk, request: Request) -> Reply:
    """Let the customer's bank warn of a payment."""
    payment = desk.books.payment(request.named)
    if payment is None:
        refuse_missing("payment", request.named, "id")
    desk.record(*deeds.warn(desk.books, payment, now=desk.clock.now()))
    warning = next(reversed(desk.books.warnings.values()))
    return told(warning_shape(warning, payment, is_actionable=is_actionable(payment, desk.books)))


def register_payments(desk: Desk, request: Request) -> Reply:
    """Hear of payments captured elsewhere; those known already are left alone, differing ones are named."""
    body = read_json(request)
    if not isinstance(body, list) or len(body) > MOST_PAYMENTS:
        refuse("parameter_invalid", f"Send a list of at most {MOST_PAYMENTS} payments.", "")
    payments = [_payment(row) for row in body]
    new: dict[str, Payment] = {}
    conflicts = []
    for payment in payments:
        known = desk.books.payment(payment.id) or new.get(payment.id)
        if known is None:
            new[payment.id] = payment
        elif (known.amount, known.currency) != (payment.amount, payment.currency):
            conflicts.append(payment.id)
    if new:
        desk.record(*new.values())
    for payment in new.values():
        if payment.method == deeds.DISPUTED:
            desk.record(*deeds.dispute(desk.books, payment, due_by=None, now=desk.clock.now()))
    return told({"registered": len(new), "known": len(payments) - len(new), "conflicts": conflicts})


def report(desk: Desk, request: Request) -> Reply:
    """Write the payout report of a payout, or of one currency and window (`from` inclusive, `to` exclusive)."""
    if "payout" in request.params:
        payout = desk.books.outgoings.get(str(request.params["payout"]))
        if payout is None or not payout.is_automatic:
            refuse_missing("payout", str(request.params["payout"]), "payout")
        paid = paid_out_by(desk.books, payout)
        text = payout_report(paid, currency=payout.currency, closed_at=payout.until, payout=payout.id)
        return Reply(200, text, {"X-Payout-Amount": str(payout.amount)}, content_type="text/csv; charset=utf-8")
    currency = currency_code(request.params.get("currency"))
    since = _unix_seconds(request.params["from"], "from") if "from" in request.params else 0
    until = _unix_seconds(request.params["to"], "to") if "to" in request.params else int(desk.clock.now()) + 1
    lines = [
        one
        for one in movements(desk.books)
        if one.currency == currency and since <= one.created < until and one.payout is None
    ]
    headers = {"X-Payout-Amount": str(sum(one.net for one in lines))}
    text = payout_report(lines, currency=currency, closed_at=until)
    return Reply(200, text, headers, content_type="text/csv; charset=utf-8")


def reset(desk: Desk, _request: Request) -> Reply:
    """Begin with empty books."""
    desk.clear()
    return told({"reset": True})


def _payment(row: Any) -> Payment:
    if not isinstance(row, dict):
        refuse("parameter_invalid", "Each payment is an object.", "")
    external_id = row.get("external_id")
    if not isinstance(external_id, str) or not _EXTERNAL_ID.fullmatch(external_id):
        refuse("parameter_invalid", f"Not an id: {external_id!r}", "external_id")
    is_bare_charge = external_id.startswith(("ch_", "py_"))
    return Payment(
        id=external_id,
        charge=external_id if is_bare_charge else f"ch_{external_id.removeprefix('pi_')}",
        intent=None if is_bare_charge else external_id,
        amount=whole_number(row.get("amount"), "amount"),
        currency=currency_code(row.get("currency")),
        created=_unix_seconds(row.get("captured_at", int(time.time())), "captured_at"),
        method=one_text(row.get("method", "card"), "method"),
        metadata=words(row.get("metadata"), "metadata"),
        destination="acct_sandbox" if row.get("destination_charge") is True else "",
    )


def _unix_seconds(value: Any, param: str) -> int:
    if isinstance(value, str) and not value.isdigit():
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            refuse("parameter_invalid", f"Not a time: {value}", param)
        if moment.tzinfo is None and "T" in value:
            refuse("parameter_invalid", f"A time needs its zone: {value}", param)
        return int((moment if moment.tzinfo else moment.astimezone()).timestamp())
    return whole_number(value, param, least=0)


def read_json(request: Request) -> Any:
    """Read a body of JSON.

    :raises Problem:
    """
    try:
        return cast("object", json.loads(request.raw))
    except (ValueError, RecursionError) as unreadable:
        raise Problem(400, "invalid", f"Send JSON: {unreadable}") from unreadable
