"""Which operations may be what open lines are about: found for a page of lines at once, a bounded number for each."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection

from .passes import EARLIEST_DAYS, LATEST_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from refunds.models import StatementLine

MOST_OF_AMOUNT: Final = 5
"""So many with the same amount, the nearest in time, are looked at for each line."""

MOST_OF_REFERENCE: Final = 50
MOST_WORDS: Final = 12

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{4,79}")
_MAY_REFER = re.compile(r"[0-9]|^[A-Z]{2}-")

_FIND: Final = f"""
    WITH RECURSIVE line AS (
        SELECT * FROM unnest(
            %(lines)s::bigint[], %(ids)s::uuid[], %(sources)s::text[], %(payments)s::text[], %(orders)s::text[],
            %(accounts)s::text[], %(currencies)s::text[], %(amounts)s::bigint[], %(moments)s::timestamptz[]
        ) AS line(id, operation_id, source, payment, bought, account, currency, amount_minor, booked_at)
    ), word AS (
        SELECT * FROM unnest(%(of)s::bigint[], %(words)s::text[]) AS word(line_id, said)
    ), channel AS (
        (SELECT channel FROM refunds_order ORDER BY channel LIMIT 1)
        UNION ALL
        SELECT (SELECT bought.channel FROM refunds_order AS bought WHERE bought.channel > channel.channel
            ORDER BY bought.channel LIMIT 1)
        FROM channel WHERE channel.channel IS NOT NULL
    ), named AS (
        SELECT line.id AS line_id, operation.id FROM line
            JOIN refunds_operation AS operation ON operation.id = line.operation_id
        UNION SELECT line.id, operation.id FROM line
            JOIN refunds_operation AS operation ON operation.external_id = line.source
        UNION SELECT line.id, operation.id FROM line
            JOIN refunds_payment AS payment ON payment.gateway = line.account AND payment.external_id = line.payment
            JOIN refunds_operation AS operation ON operation.payment_id = payment.id
        UNION SELECT line.id, operation.id FROM line
            JOIN channel ON channel.channel IS NOT NULL
            JOIN refunds_order AS bought ON bought.channel = channel.channel AND bought.external_id = line.bought
            JOIN refunds_payment AS payment ON payment.order_id = bought.id
            JOIN refunds_operation AS operation ON operation.payment_id = payment.id
        UNION SELECT word.line_id, operation.id FROM word
            JOIN refunds_refundrequest AS request ON request.reference = word.said
            JOIN refunds_operation AS operation ON operation.refund_request_id = request.id
        UNION SELECT word.line_id, operation.id FROM word
            JOIN refunds_operation AS operation ON operation.acquirer_reference = word.said
                AND operation.acquirer_reference <> ''
        UNION SELECT word.line_id, operation.id FROM word
            JOIN refunds_operation AS operation ON operation.external_id = word.said
    ), alike AS (
        SELECT line.id AS line_id, near.id FROM line CROSS JOIN LATERAL (
            SELECT operation.id FROM refunds_operation AS operation
            WHERE operation.currency = line.currency AND operation.amount_minor = line.amount_minor
                AND operation.succeeded_at BETWEEN line.booked_at - interval '{LATEST_DAYS} days'
                AND line.booked_at + interval '{EARLIEST_DAYS} days'
                AND NOT EXISTS (SELECT FROM refunds_match AS known WHERE known.operation_id = operation.id)
            ORDER BY abs(extract(epoch FROM operation.succeeded_at - line.booked_at)), operation.id
            LIMIT {MOST_OF_AMOUNT}
        ) AS near
    ), numbered AS (
        SELECT named.*, row_number() OVER (PARTITION BY line_id ORDER BY id) AS place FROM named
    )
    SELECT line_id, id FROM numbered WHERE place <= {MOST_OF_REFERENCE}
    UNION SELECT line_id, id FROM alike
"""  # noqa: S608 - numbers of ours


def candidates_for(lines: Sequence[StatementLine]) -> Mapping[int, set[UUID]]:
    """Find operations by every reference of each line, by the words in it, and by amount and date, in one query."""
    found: dict[int, set[UUID]] = defaultdict(set)
    if not lines:
        return found
    said = [(line.pk, word) for line in lines for word in words_of(line)]
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "lines": [line.pk for line in lines],
                "ids": [_id_in(line.operation_ref) for line in lines],
                "sources": [line.source_id or None for line in lines],
                "payments": [line.payment_ref or None for line in lines],
                "orders": [line.merchant_ref or None for line in lines],
                "accounts": [line.account for line in lines],
                "currencies": [line.currency for line in lines],
                "amounts": [-line.gross_minor for line in lines],
                "moments": [line.booked_at for line in lines],
                "of": [pk for pk, _ in said],
                "words": [word for _, word in said],
            },
        )
        for line_id, operation_id in cursor.fetchall():
            found[line_id].add(operation_id)
    return found


def words_of(line: StatementLine) -> list[str]:
    """List what in a line's texts may be a reference: words of five and more with a digit, or like RR-CDFG."""
    texts: Iterable[str] = (line.text, line.merchant_ref, line.source_id, line.operation_ref)
    words = [word for text in texts for word in _WORD.findall(text) if _MAY_REFER.search(word)]
    return list(dict.fromkeys(words))[:MOST_WORDS]


def _id_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
