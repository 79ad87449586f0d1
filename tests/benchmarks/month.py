"""A month of refunds and of statement lines about them, drawn inside the database, two in a hundred with a fault.

Every row is like one that a builder made, but for what tells it apart; no trigger and no foreign key looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

from tests.harness.known import payment_behind
from tests.refunds.books import paid, team_called
from tests.refunds.journal.lines import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.backends.utils import CursorWrapper

_FAR: Final = "1000000000::bigint"
"""Beyond every number that a sequence of a test database has come to."""

_OPERATION: Final = "md5('operation ' || {n})::uuid"
_AMOUNT: Final = "(100 + mod(n * 7919::bigint, 14000))"
_CURRENCY: Final = "CASE WHEN mod(n, 25) = 0 THEN 'EUR' ELSE 'GBP' END"
_MONTH: Final = "(TIMESTAMPTZ '2026-10-01 00:00+00' + mod(n, 30) * interval '1 day')"
_FAULT: Final = "mod(n, 700)"
"""Fourteen of seven hundred are two of a hundred."""

AMOUNT_DIFFERS, CURRENCY_DIFFERS, TOLD_TWICE, NOT_TOLD, CAME_BACK = 1, 2, 3, 4, 5
TOO_LATE, TWO_FOR_ONE, NAMES_ANOTHER, STILL_PENDING, NO_REFERENCE, ODD_REFERENCE = 6, 7, 8, 9, 10, 11
BY_REFERENCE, BY_PAYMENT, BY_ORDER = 12, 13, 14
"""What is the matter with operation `n`, by the rest of it; the last three are found by weaker passes."""

UNMATCHED: Final = (
    AMOUNT_DIFFERS,
    CURRENCY_DIFFERS,
    NOT_TOLD,
    CAME_BACK,
    TOO_LATE,
    TWO_FOR_ONE,
    NAMES_ANOTHER,
    STILL_PENDING,
    NO_REFERENCE,
    ODD_REFERENCE,
)
"""Those whose line must be left for a person."""

_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "refunds_order": {"id": f"{_FAR} + n", "external_id": "'mo-' || n", "currency": _CURRENCY},
    "refunds_payment": {
        "id": f"{_FAR} + n",
        "order_id": f"{_FAR} + n",
        "external_id": "'mpi_' || n",
        "currency": _CURRENCY,
        "captured_minor": _AMOUNT,
    },
    "refunds_refundrequest": {
        "id": "md5('request ' || n)::uuid",
        "reference": "'MR-' || n",
        "order_id": f"{_FAR} + n",
        "payment_id": f"{_FAR} + n",
        "currency": _CURRENCY,
        "requested_minor": _AMOUNT,
        "approved_minor": _AMOUNT,
    },
    "refunds_operation": {
        "id": _OPERATION.format(n="n"),
        "refund_request_id": "md5('request ' || n)::uuid",
        "payment_id": f"{_FAR} + n",
        "amount_minor": _AMOUNT,
        "currency": _CURRENCY,
        "idempotency_key": "'mop-' || n",
        "external_id": f"CASE WHEN {_FAULT} IN ({BY_PAYMENT}, {BY_ORDER}, {TOO_LATE}, {TWO_FOR_ONE}) THEN NULL"
        " ELSE 're_' || n END",
        "state": f"CASE WHEN {_FAULT} = {STILL_PENDING} THEN 'pending' ELSE 'succeeded' END",
        "succeeded_at": _MONTH,
    },
}

_LINE: Final = {
    "id": f"{_FAR} + n",
    "number": "n",
    "external_id": "'mtxn_' || n",
    "operation_ref": f"CASE WHEN {_FAULT} IN ({BY_REFERENCE}, {BY_PAYMENT}, {BY_ORDER}, {TOO_LATE}, {TWO_FOR_ONE},"
    f" {NO_REFERENCE}) THEN '' WHEN {_FAULT} = {NAMES_ANOTHER} THEN md5('another ' || n)::uuid::text"
    f" WHEN {_FAULT} = {ODD_REFERENCE} THEN '=op-' || n ELSE {_OPERATION.format(n='n')}::text END",
    "source_id": f"CASE WHEN {_FAULT} IN ({BY_PAYMENT}, {BY_ORDER}, {TOO_LATE}, {TWO_FOR_ONE}) THEN ''"
    f" WHEN {_FAULT} = {NO_REFERENCE} THEN 're_other_' || n ELSE 're_' || n END",
    "payment_ref": f"CASE WHEN {_FAULT} IN ({BY_ORDER}, {TOO_LATE}) THEN '' ELSE 'mpi_' || n END",
    "merchant_ref": "'mo-' || n",
    "booked_at": f"{_MONTH} + CASE WHEN {_FAULT} = {TOO_LATE} THEN interval '20 days' ELSE interval '1 day' END",
    "gross_minor": f"-{_AMOUNT} - CASE WHEN {_FAULT} = {AMOUNT_DIFFERS} THEN 1 ELSE 0 END",
    "net_minor": f"-{_AMOUNT} - CASE WHEN {_FAULT} = {AMOUNT_DIFFERS} THEN 1 ELSE 0 END",
    "currency": f"CASE WHEN {_FAULT} = {CURRENCY_DIFFERS} THEN 'USD' ELSE {_CURRENCY} END",
}

_AGAIN: Final = _LINE | {"id": f"2 * {_FAR} + n", "external_id": "'mtxn_again_' || n"}
_BACK: Final = _LINE | {
    "id": f"3 * {_FAR} + n",
    "external_id": "'mtxn_back_' || n",
    "category": "'refund_failure'",
    "gross_minor": _AMOUNT,
    "net_minor": _AMOUNT,
}


def draw_month(count: int) -> int:
    """Draw so many operations and the lines about them into an empty database; answers how many lines there are."""
    operation = paid(team=team_called("north"))
    line = line_of("refund", -1, result="unmatched")
    likes: dict[str, int | UUID] = {
        "refunds_order": payment_behind(operation).order_id,
        "refunds_payment": payment_behind(operation).pk,
        "refunds_refundrequest": operation.refund_request_id,
        "refunds_operation": operation.pk,
        "refunds_statementline": line.pk,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, columns in _ROWS.items():
            _draw(cursor, table, columns, count, like=likes[table])
        told = f"{_FAULT} <> {NOT_TOLD}"
        again = f"{_FAULT} IN ({TOLD_TWICE}, {TWO_FOR_ONE})"
        for columns, which in ((_LINE, told), (_AGAIN, again), (_BACK, f"{_FAULT} = {CAME_BACK}")):
            _draw(cursor, "refunds_statementline", columns, count, like=line.pk, which=which)
        cursor.execute("DELETE FROM refunds_operation WHERE id = %s", [operation.pk])
        cursor.execute("DELETE FROM refunds_statementline WHERE id = %s", [line.pk])
        cursor.execute("SELECT count(*) FROM refunds_statementline")
        drawn: int = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return drawn


def right_and_wrong(count: int) -> tuple[int, int, int]:
    """Count the pairs that are right, the pairs that are wrong, and those that should have been found."""
    is_to_be_found = f"NOT ({_FAULT} = ANY(%(unmatched)s))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH wanted AS (
                SELECT 'mtxn_' || n AS line, {_OPERATION.format(n="n")} AS operation
                FROM generate_series(1, %(count)s) AS n WHERE {is_to_be_found}
            ), pair AS (
                SELECT line.external_id AS line, known.operation_id AS operation
                FROM refunds_match AS known JOIN refunds_statementline AS line ON line.id = known.line_id
            )
            SELECT (SELECT count(*) FROM pair JOIN wanted USING (line, operation)),
                (SELECT count(*) FROM pair LEFT JOIN wanted USING (line, operation) WHERE wanted.line IS NULL),
                (SELECT count(*) FROM wanted)
            """,  # noqa: S608 - our own words
            {"count": count, "unmatched": list(UNMATCHED)},
        )
        right, wrong, wanted = cursor.fetchone()
    return right, wrong, wanted


def _draw(
    cursor: CursorWrapper, table: str, columns: Mapping[str, str], count: int, *, like: int | UUID, which: str = "TRUE"
) -> None:
    """Write `count` rows like one that is there, but for these columns."""
    cursor.execute(
        "SELECT attname FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    names = [name for (name,) in cursor.fetchall()]
    chosen = ", ".join(columns.get(name, f'one."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"INSERT INTO {table} ({listed}) OVERRIDING SYSTEM VALUE"  # noqa: S608 - our own words
        f" SELECT {chosen} FROM {table} AS one, generate_series(1, %s) AS n WHERE one.id = %s AND {which}",
        [count, like],
    )
