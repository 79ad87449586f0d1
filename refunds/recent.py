"""Count what a customer, a charge and an agent have asked for lately, so that one request is judged as a part of it."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from policies.engine.conduct import WINDOWS_DAYS
from policies.engine.facts import Recent
from policies.engine.words import Per

from .models import RefundRequest
from .vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from policies.engine.document import PolicyDocument

NOT_COUNTED = (State.INTAKE, State.DECLINED, State.BLOCKED, State.WITHDRAWN, State.EXPIRED)
"""Drafts, and requests that gave nothing back."""

_WINDOWS = [timedelta(days=days) for days in WINDOWS_DAYS]


def hold_counts(refund_request: RefundRequest, document: PolicyDocument) -> None:
    """Let nobody else submit for the same customer, or the same agent where it matters, until we commit.

    Two requests in the same moment would each be judged without the other. Taken after the lock of the request.
    """
    hold_customer(refund_request)
    if _agent_windows(document):
        _hold(f"agent {refund_request.requested_by_id}")


def hold_customer(refund_request: RefundRequest) -> None:
    """Let nobody else submit for the same customer until we commit."""
    if refund_request.customer_id is not None:
        # Not the customer's row: whoever imports orders locks that before the payments.
        _hold(f"customer {refund_request.customer_id}")


def _hold(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"refunds.recent {name}"])


def recent_of(refund_request: RefundRequest, document: PolicyDocument, *, at: datetime) -> tuple[Recent, ...]:
    """Count every window of the customer and of the charge, so that any later draft can be tried on this decision.

    Windows end at `at`: when the request was first submitted, or a question left open would empty them.
    What an agent entered is counted only in windows the document asks about: it can be very much, and few policies want
    to know.
    """
    of_customer, of_charge = _asked(refund_request, at)
    found = []
    if refund_request.customer_id is not None:
        bought = _bought_minor(refund_request, at)
        found += [
            Recent(Per.CUSTOMER, days, *asked, bought_minor)
            for days, asked, bought_minor in zip(WINDOWS_DAYS, of_customer, bought, strict=True)
        ]
    payment = refund_request.payment
    if payment is not None:
        found += [
            Recent(Per.CHARGE, days, *asked, payment.captured_minor)
            for days, asked in zip(WINDOWS_DAYS, of_charge, strict=True)
        ]
    return (*found, *[_entered(refund_request, days, at) for days in _agent_windows(document)])


def _agent_windows(document: PolicyDocument) -> Sequence[int]:
    asked = {limit.window_days for limit in document.velocity if limit.per == Per.AGENT}
    if document.sums.agent_days is not None:
        asked.add(document.sums.agent_days)
    return sorted(asked)


@cache
def _what_was_asked() -> str:
    """Write one statement that counts all windows of the customer and of the charge at once."""
    columns = []
    for whose in ("r.customer_id = %(customer)s", "r.payment_id = %(payment)s"):
        for place in range(len(_WINDOWS)):
            within = f"{whose} AND r.submitted_at >= %(since_{place})s"
            columns.append(f"count(*) FILTER (WHERE {within})")
            columns.append(
                "coalesce(sum(coalesce(r.approved_minor, r.requested_minor))"
                f" FILTER (WHERE {within} AND r.currency = %(currency)s), 0)"
            )
    # The names are ours and the values are parameters.
    return (
        f"SELECT {', '.join(columns)} FROM refunds_refundrequest r"  # noqa: S608
        " WHERE (r.customer_id = %(customer)s OR r.payment_id = %(payment)s)"
        f" AND r.submitted_at >= %(since_{len(_WINDOWS) - 1})s"
        " AND r.id <> %(request)s AND NOT r.state = ANY (%(not_counted)s)"
    )


@cache
def _what_was_bought() -> str:
    columns = [
        f"coalesce(sum(p.captured_minor) FILTER (WHERE o.placed_at >= %(since_{place})s), 0)"
        for place in range(len(_WINDOWS))
    ]
    return (
        f"SELECT {', '.join(columns)} FROM refunds_order o JOIN refunds_payment p ON p.order_id = o.id"  # noqa: S608
        f" WHERE o.customer_id = %(customer)s AND o.placed_at >= %(since_{len(_WINDOWS) - 1})s"
        " AND p.currency = %(currency)s"
    )


def _asked(refund_request: RefundRequest, at: datetime) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Answer count and minor units per window: of the customer, then of the charge."""
    row = _counted(_what_was_asked(), refund_request, at)
    pairs = list(zip(row[::2], row[1::2], strict=True))
    return pairs[: len(_WINDOWS)], pairs[len(_WINDOWS) :]


def _bought_minor(refund_request: RefundRequest, at: datetime) -> list[int]:
    """Answer what the customer paid within each window, in the currency of the request."""
    return _counted(_what_was_bought(), refund_request, at)


def _counted(statement: str, refund_request: RefundRequest, at: datetime) -> list[int]:
    values = {
        "customer": refund_request.customer_id,
        "payment": refund_request.payment_id,
        "request": refund_request.pk,
        "currency": refund_request.currency,
        "not_counted": [str(state) for state in NOT_COUNTED],
        **{f"since_{place}": at - window for place, window in enumerate(_WINDOWS)},
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [int(value) for value in cursor.fetchone() or ()]


def _entered(refund_request: RefundRequest, days: int, at: datetime) -> Recent:
    others = (
        RefundRequest.objects.filter(
            requested_by=refund_request.requested_by_id, submitted_at__gte=at - timedelta(days=days)
        )
        .exclude(pk=refund_request.pk)
        .exclude(state__in=NOT_COUNTED)
    )
    same_currency = Q(currency=refund_request.currency)
    counted = others.aggregate(
        count=Count("pk"), minor=Sum(Coalesce("approved_minor", "requested_minor"), filter=same_currency)
    )
    return Recent(Per.AGENT, days, counted["count"], int(counted["minor"] or 0))
