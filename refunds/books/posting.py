"""Book what happened: set-based, in bounded batches, and never twice.

Nothing waits for the journal and it holds nothing up: what has no entry yet gets one at the next run, whatever was
killed meanwhile. A fact that no longer stands is reversed, never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection, transaction

from refunds.models.period_lock import CLOSING

from .sources import SOURCES, UNDONE
from .vocabulary import LINE_ROLES, STANDARD_CODES, EntryKind

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTS_AT_ONCE: Final = 20_000
LOOKS_BACK: Final = timedelta(days=2)
"""How far back the frequent run looks; the full one finds what was written with an older date."""

THE_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtextextended('post_journal', 0))"
_BEFORE_OR_AFTER_CLOSING = f"SELECT pg_advisory_xact_lock_shared({CLOSING})"

_LINES = """
    standard AS (SELECT * FROM unnest(%(roles)s::text[], %(codes)s::text[]) AS known(role, code)),
    side AS (
        SELECT fact.event_key, fact.team_id, fact.gateway, moved.place, moved.role, moved.currency, moved.amount_minor
        FROM fact CROSS JOIN LATERAL (VALUES
            (1, fact.debit_1, fact.currency_1, fact.amount_1), (2, fact.credit_1, fact.currency_1, -fact.amount_1),
            (3, fact.debit_2, fact.currency_2, fact.amount_2), (4, fact.credit_2, fact.currency_2, -fact.amount_2)
        ) AS moved(place, role, currency, amount_minor)
        WHERE moved.amount_minor <> 0
    ),
    coded AS MATERIALIZED (
        SELECT place.*, coalesce((
            SELECT account.code FROM refunds_glaccount AS account
            WHERE account.role = place.role AND account.gateway IN ('', place.gateway)
                AND account.currency IN ('', place.currency)
                AND (account.team_id IS NULL OR account.team_id = place.team_id)
            ORDER BY account.team_id IS NULL, account.gateway = '', account.currency = '' LIMIT 1
        ), (SELECT code FROM standard WHERE standard.role = place.role)) AS code
        FROM (SELECT DISTINCT role, team_id, gateway, currency FROM side) AS place
    )
"""

_IGNORES_NOTHING = "SET LOCAL pgtrigger.ignore = '{}'"
"""Every trigger of pgtrigger reads this setting, and catches an error in a subtransaction where nobody set it.

Each of those looks through all lines that wait for the end of the transaction: a batch would take minutes.
"""

_BOOKED_ON = """
    CASE WHEN EXISTS (
        SELECT FROM refunds_period AS period WHERE period.state = 'locked' AND period.account = fact.account
            AND fact.occurred_on BETWEEN period.first_on AND period.last_on
    ) THEN (
        SELECT min(closed.last_on + 1) FROM refunds_period AS closed
        WHERE closed.state = 'locked' AND closed.account = fact.account AND closed.last_on >= fact.occurred_on
            AND NOT EXISTS (
                SELECT FROM refunds_period AS after WHERE after.state = 'locked' AND after.account = fact.account
                    AND after.first_on = closed.last_on + 1
            )
    ) ELSE fact.occurred_on END
"""
"""The fact's own day, or the first day of the first month after it that is not closed."""

_POST = """
    WITH fact AS MATERIALIZED (
        SELECT source.*, (source.happened_at AT TIME ZONE %(zone)s)::date AS occurred_on
        FROM ({source}) AS source
        WHERE NOT EXISTS (
            SELECT FROM refunds_journalentry AS known WHERE known.event_key = source.event_key
        )
        ORDER BY source.happened_at LIMIT %(limit)s
    ), {lines}, entry AS (
        INSERT INTO refunds_journalentry (event_key, kind, account, gateway, occurred_on, booked_on, subject_kind,
            subject_id, reference, line_count, created_at)
        SELECT fact.event_key, fact.kind, fact.account, fact.gateway, fact.occurred_on, {booked_on},
            fact.subject_kind, fact.subject_id, fact.reference, counted.lines, %(at)s
        FROM fact JOIN (SELECT event_key, count(*) AS lines FROM side GROUP BY event_key) AS counted USING (event_key)
        ORDER BY fact.happened_at, fact.event_key
        RETURNING id, event_key
    ), written AS (
        INSERT INTO refunds_journalline (entry_id, role, code, currency, amount_minor, team_id)
        SELECT entry.id, side.role, coded.code, side.currency, side.amount_minor, side.team_id
        FROM entry JOIN side USING (event_key) JOIN coded ON coded.role = side.role
            AND coded.team_id IS NOT DISTINCT FROM side.team_id AND coded.gateway = side.gateway
            AND coded.currency = side.currency
        ORDER BY entry.id, side.place
    )
    SELECT count(*) FROM entry
"""

_REVERSE = """
    WITH fact AS MATERIALIZED (
        SELECT entry.id, entry.account, entry.gateway, entry.subject_kind, entry.subject_id, entry.reference,
            entry.line_count, greatest(
                (undone.happened_at AT TIME ZONE %(zone)s)::date, entry.occurred_on
            ) AS occurred_on
        FROM ({undone}) AS undone JOIN refunds_journalentry AS entry ON entry.id = undone.entry_id
        WHERE NOT EXISTS (SELECT FROM refunds_journalentry AS reversal WHERE reversal.reversal_of_id = entry.id)
        ORDER BY entry.id LIMIT %(limit)s
    ), entry AS (
        INSERT INTO refunds_journalentry (event_key, kind, account, gateway, occurred_on, booked_on, subject_kind,
            subject_id, reference, line_count, reversal_of_id, created_at)
        SELECT 'reversal:' || fact.id, %(reversal)s, fact.account, fact.gateway, fact.occurred_on, {booked_on},
            fact.subject_kind, fact.subject_id, fact.reference, fact.line_count, fact.id, %(at)s
        FROM fact ORDER BY fact.id
        RETURNING id, reversal_of_id
    ), written AS (
        INSERT INTO refunds_journalline (entry_id, role, code, currency, amount_minor, team_id)
        SELECT entry.id, line.role, line.code, line.currency, -line.amount_minor, line.team_id
        FROM entry JOIN refunds_journalline AS line ON line.entry_id = entry.reversal_of_id
        ORDER BY entry.id, line.id
    )
    SELECT count(*) FROM entry
"""


@dataclass(frozen=True, slots=True)
class Posted:
    """What one run booked."""

    entry_count: int
    reversal_count: int


def post_journal(*, at: datetime, since: datetime = THE_BEGINNING, facts_at_once: int = FACTS_AT_ONCE) -> Posted:
    """Book every fact since a moment that has no entry yet, and reverse entries whose fact no longer stands.

    Each batch is a transaction of its own. While another run is at it, this one does nothing.
    """
    return Posted(
        entry_count=sum(
            _run(_POST.format(source=one, lines=_LINES, booked_on=_BOOKED_ON), at, since, facts_at_once)
            for one in SOURCES
        ),
        reversal_count=sum(
            _run(_REVERSE.format(undone=one, booked_on=_BOOKED_ON), at, since, facts_at_once) for one in UNDONE
        ),
    )


def _run(sql: str, at: datetime, since: datetime, limit: int) -> int:
    """Run a statement batch by batch until there is nothing left for it."""
    total, count = 0, limit
    while count == limit:
        count = _batch(sql, _words(at, since, limit))
        total += count
    return total


@transaction.atomic(durable=True)
def _batch(sql: str, words: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        if not cursor.fetchone()[0]:
            return 0
        # Asked before the statement looks which months are closed, not only by the trigger after it.
        cursor.execute(_BEFORE_OR_AFTER_CLOSING)
        cursor.execute(_IGNORES_NOTHING)
        cursor.execute(sql, words)
        return int(cursor.fetchone()[0])


def _words(at: datetime, since: datetime, limit: int) -> dict[str, Any]:
    return {
        "at": at,
        "since": since,
        "limit": limit,
        "zone": settings.ORGANISATION_TIME_ZONE,
        "roles": [str(role) for role in STANDARD_CODES],
        "codes": list(STANDARD_CODES.values()),
        "categories": list(LINE_ROLES),
        "reversal": str(EntryKind.REVERSAL),
    }
