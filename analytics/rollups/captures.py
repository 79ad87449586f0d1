"""Keeping captured money in step with the payments: what is new since the bookmark is counted, each payment once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from analytics.models import CaptureCell, CaptureFact

from .marking import is_alone, the_mark, writers_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

PAYMENTS_AT_ONCE: Final = 20_000
PAYMENTS: Final = "refunds_payment"

_TOLD: Final = """
    SELECT p.id AS payment_id, p.order_id, o.team_id, p.currency, (p.captured_at AT TIME ZONE 'UTC')::date AS "on",
        p.captured_minor
    FROM refunds_payment AS p JOIN refunds_order AS o ON o.id = p.order_id
"""
_COLUMNS: Final = 'payment_id, order_id, team_id, currency, "on", captured_minor'
_KEPT: Final = f"INSERT INTO analytics_capturefact ({_COLUMNS}) {_TOLD}"
_FOLD: Final = """
    INSERT INTO analytics_capturecell AS cell ("on", team_id, currency, count, captured_minor)
    SELECT "on", team_id, currency, {sign}count(*), {sign}sum(captured_minor)::bigint FROM analytics_capturefact
    {where} GROUP BY "on", team_id, currency ORDER BY "on", team_id, currency
    ON CONFLICT ("on", team_id, currency) DO UPDATE
    SET count = cell.count + excluded.count, captured_minor = cell.captured_minor + excluded.captured_minor
"""
_EMPTY: Final = "DELETE FROM analytics_capturecell WHERE count = 0"

_NEW: Final = "WHERE {id} > %(first)s AND {id} <= %(last)s"
_OF_ORDERS: Final = "WHERE {order_id} = ANY(%(orders)s::bigint[])"

Key = tuple["date", int, str]


def follow_payments() -> None:
    """Count the payments that came since the bookmark, some in each transaction; ids only ever grow.

    Killed anywhere, a batch is counted again or was counted once. Somebody else who is at it is left to it.
    """
    while _follow_some():
        pass


@transaction.atomic(durable=True)
def _follow_some() -> bool:
    """Count one batch; answers whether more are there.

    Ids are given before transactions commit, so a smaller one may appear after a larger one: what is counted is only
    what nobody who was writing when it was the newest is still at.
    """
    if not is_alone():
        return False
    mark = the_mark()
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM refunds_payment")
        newest = int(cursor.fetchone()[0])
    if newest <= mark.payment_id:
        return False
    writers = writers_of(PAYMENTS)
    if not mark.payment_pending_id or mark.payment_pending_id <= mark.payment_id:
        mark.payment_pending_id, mark.payment_waits_for = newest, writers
    if set(mark.payment_waits_for) & set(writers):
        mark.save(update_fields=["payment_pending_id", "payment_waits_for"])
        return False
    last = min(mark.payment_pending_id, mark.payment_id + PAYMENTS_AT_ONCE)
    _count(_NEW, {"first": mark.payment_id, "last": last})
    mark.payment_id = last
    if last == mark.payment_pending_id:
        mark.payment_pending_id, mark.payment_waits_for = 0, []
    mark.save(update_fields=["payment_id", "payment_pending_id", "payment_waits_for"])
    return last < newest


def count_captures(orders: Collection[int]) -> None:
    """Count the payments of these orders anew; nobody else may count meanwhile."""
    if orders:
        _count(_OF_ORDERS, {"orders": list(orders)})


def count_all_captures() -> None:
    """Throw all away and count every payment anew, within the caller's transaction; nobody else may count meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_capturecell")
        cursor.execute("DELETE FROM analytics_capturefact")
        # One snapshot for the rows and for how far they go: what appears later has a larger id, or is waited for.
        cursor.execute(f"{_KEPT} WHERE p.id <= %s", [the_mark().payment_id])
        cursor.execute(_FOLD.format(sign="", where=""))


def captures_apart() -> Iterator[str]:
    """Compare every payment up to the bookmark with its fact, and each sum with the facts added up in plain Python."""
    last = the_mark().payment_id
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(told.payment_id, fact.payment_id), told.captured_minor, fact.captured_minor
            FROM ({_TOLD} WHERE p.id <= %s) AS told
            FULL JOIN analytics_capturefact AS fact ON fact.payment_id = told.payment_id
            WHERE (told.order_id, told.team_id, told.currency, told."on", told.captured_minor) IS DISTINCT FROM
                (fact.order_id, fact.team_id, fact.currency, fact."on", fact.captured_minor)
                AND (fact.payment_id IS NULL OR fact.payment_id <= %s)
            ORDER BY 1
            """,  # noqa: S608 - words of ours
            [last, last],
        )
        for payment_id, told, kept in cursor.fetchall():
            yield f"captured by payment {payment_id}: is {kept}, recounted {told}, or on another day or team."
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    facts = CaptureFact.objects.values_list("on", "team_id", "currency", "captured_minor")
    for on, team_id, currency, minor in facts.iterator(chunk_size=10_000):
        count, total = sums[on, team_id, currency]
        sums[on, team_id, currency] = [count + 1, total + minor]
    cells = {(cell.on, cell.team_id, cell.currency): [cell.count, cell.captured_minor] for cell in _cells()}
    for key in sorted({*sums, *cells}, key=str):
        if sums.get(key) != cells.get(key):
            yield f"captured {key}: is {cells.get(key)}, recounted {sums.get(key)}."


def _cells() -> Iterator[CaptureCell]:
    yield from CaptureCell.objects.iterator()


def _count(where: str, told: dict[str, Any]) -> None:
    """Take the facts off their cells, count them anew from their payments, and add them again."""
    facts = where.format(id="payment_id", order_id="order_id")
    with connection.cursor() as cursor:
        cursor.execute(_FOLD.format(sign="-", where=facts), told)
        cursor.execute(f"DELETE FROM analytics_capturefact {facts}", told)  # noqa: S608 - words of ours
        cursor.execute(f"{_KEPT} {where.format(id='p.id', order_id='p.order_id')}", told)
        cursor.execute(_FOLD.format(sign="", where=facts), told)
        cursor.execute(_EMPTY)
