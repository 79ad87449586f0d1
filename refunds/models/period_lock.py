"""What the database refuses in a locked month, whoever writes it: statement lines, matches and journal entries.

Each trigger looks once at all rows of a statement, and shares a lock with whoever is about to close a month: what was
written before the signature is in it, what comes after is refused.
"""

from __future__ import annotations

from typing import Final

import pgtrigger

CLOSING: Final = "hashtextextended('close_books', 0)"

_GUARD = """
    PERFORM pg_advisory_xact_lock_shared({closing});
    IF EXISTS (SELECT FROM refunds_period AS period WHERE period.state = 'locked') AND EXISTS ({rows}) THEN
        RAISE EXCEPTION 'This month is closed: {what} of it no longer change.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_locked';
    END IF;
    RETURN NULL;
"""

_LINES = """
    SELECT FROM {table} AS line JOIN refunds_period AS period ON period.account = line.account
        AND line.booked_at >= period.from_at AND line.booked_at < period.until_at
    WHERE period.state = 'locked'
"""
_CHANGED_LINES = """
    SELECT FROM old_rows AS before JOIN new_rows AS line ON line.id = before.id
        JOIN refunds_period AS period ON
            period.account = line.account AND line.booked_at >= period.from_at AND line.booked_at < period.until_at
            OR period.account = before.account
                AND before.booked_at >= period.from_at AND before.booked_at < period.until_at
    WHERE period.state = 'locked' AND (
        before.account, before.external_id, before.category, before.booked_at, before.gross_minor, before.fee_minor,
        before.net_minor, before.currency, before.result
    ) IS DISTINCT FROM (
        line.account, line.external_id, line.category, line.booked_at, line.gross_minor, line.fee_minor,
        line.net_minor, line.currency, line.result
    )
"""
_MATCHES = """
    SELECT FROM {table} AS match JOIN refunds_statementline AS line ON line.id = match.line_id
        JOIN refunds_period AS period ON period.account = line.account
            AND line.booked_at >= period.from_at AND line.booked_at < period.until_at
    WHERE period.state = 'locked'
"""
_CHANGED_MATCHES = """
    SELECT FROM old_rows AS before JOIN new_rows AS match ON match.id = before.id
        JOIN refunds_statementline AS line ON line.id IN (match.line_id, before.line_id)
        JOIN refunds_period AS period ON period.account = line.account
            AND line.booked_at >= period.from_at AND line.booked_at < period.until_at
    WHERE period.state = 'locked'
        AND (before.line_id, before.operation_id) IS DISTINCT FROM (match.line_id, match.operation_id)
"""
_ENTRIES = """
    SELECT FROM new_rows AS entry JOIN refunds_period AS period ON period.account = entry.account
        AND entry.booked_on BETWEEN period.first_on AND period.last_on
    WHERE period.state = 'locked'
"""


def _lock(operation: pgtrigger.Operation, name: str, rows: str, what: str) -> pgtrigger.Trigger:
    old = None if operation is pgtrigger.Insert else "old_rows"
    new = None if operation is pgtrigger.Delete else "new_rows"
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(old=old, new=new),  # type: ignore[no-untyped-call]  # of the library
        func=_GUARD.format(closing=CLOSING, rows=rows, what=what),
    )


LINES_ARE_LOCKED: Final = (
    _lock(pgtrigger.Insert, "no_new_line_in_a_closed_month", _LINES.format(table="new_rows"), "the lines"),
    _lock(pgtrigger.Update, "no_other_line_in_a_closed_month", _CHANGED_LINES, "the lines"),
    _lock(pgtrigger.Delete, "no_line_leaves_a_closed_month", _LINES.format(table="old_rows"), "the lines"),
)
"""What a note beside a line says may change: names are forgotten in closed months too."""

MATCHES_ARE_LOCKED: Final = (
    _lock(pgtrigger.Insert, "no_new_match_in_a_closed_month", _MATCHES.format(table="new_rows"), "the matches"),
    _lock(pgtrigger.Update, "no_other_match_in_a_closed_month", _CHANGED_MATCHES, "the matches"),
    _lock(pgtrigger.Delete, "no_match_leaves_a_closed_month", _MATCHES.format(table="old_rows"), "the matches"),
)

ENTRIES_ARE_LOCKED: Final = (_lock(pgtrigger.Insert, "nothing_is_booked_in_a_closed_month", _ENTRIES, "the journal"),)
"""Entries are never changed at all."""
