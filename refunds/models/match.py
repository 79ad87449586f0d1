"""Agreements between statement lines and operations of ours, which add up to the last unit on both sides."""

from __future__ import annotations

from typing import Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from .operation import Operation
from .period_lock import MATCHES_ARE_LOCKED
from .statement import StatementLine

ONE_AT_A_TIME: Final = "hashtextextended('matches', 0)"
"""The lock of whoever changes what is matched: two that match the same refund at once would each see it open."""

_ADD_UP = f"""
    PERFORM pg_advisory_xact_lock({ONE_AT_A_TIME});
    -- Looked up row by row, and planned anew each time. A join would trust what was counted of the matches last, which
    -- in the middle of an import may be none at all: then every match would read all rows of the statement.
    EXECUTE $asked$
        SELECT one.line_id::text
        FROM {{rows}} AS one
            CROSS JOIN LATERAL (
                SELECT count(*) AS parts, count(DISTINCT part.operation_id) AS pairs, sum(part.line_minor) AS minor
                FROM refunds_match AS part WHERE part.line_id = one.line_id
            ) AS told
            CROSS JOIN LATERAL (
                SELECT known.currency, known.gross_minor, known.customer_minor, known.customer_currency
                FROM refunds_statementline AS known WHERE known.id = one.line_id OFFSET 0
            ) AS line
            CROSS JOIN LATERAL (
                SELECT known.currency FROM refunds_operation AS known WHERE known.id = one.operation_id OFFSET 0
            ) AS operation
        WHERE told.parts > 0 AND (told.parts > told.pairs OR told.minor <> -line.gross_minor OR CASE
            WHEN line.currency = operation.currency THEN one.line_minor <> one.amount_minor
            ELSE told.parts > 1 OR line.customer_currency <> operation.currency
                OR one.amount_minor IS DISTINCT FROM abs(line.customer_minor)
        END)
        LIMIT 1
    $asked$ INTO odd;
    IF odd IS NULL THEN
        EXECUTE $asked$
            SELECT one.operation_id::text
            FROM {{rows}} AS one
                CROSS JOIN LATERAL (
                    SELECT sum(part.amount_minor) AS minor FROM refunds_match AS part
                    WHERE part.operation_id = one.operation_id
                ) AS told
                CROSS JOIN LATERAL (
                    SELECT known.amount_minor FROM refunds_operation AS known WHERE known.id = one.operation_id OFFSET 0
                ) AS operation
            WHERE told.minor <> operation.amount_minor
            LIMIT 1
        $asked$ INTO odd;
    END IF;
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'What is matched with % does not add up to it.', odd
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matches_add_up';
    END IF;
    RETURN NULL;
"""  # noqa: S608 - words of ours


def _adds_up(name: str, operation: pgtrigger.Operation, rows: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**{rows.partition("_")[0]: rows}),  # type: ignore[no-untyped-call]  # of the library
        declare=[("odd", "text")],
        func=_ADD_UP.format(rows=rows),
    )


class Match(models.Model):
    """A part of a statement line that is a part of an operation of ours, with the pass or the person that found it.

    `line_minor` is in the line's currency, `amount_minor` in the operation's; they differ only where the line was
    settled in another currency. What is matched is matched whole: the parts of a line add up to it, and so do those
    of an operation, after every statement; a pair is matched once. The triggers ask that, not a unique index of both:
    where nothing was counted yet, a search for an operation would go through all of it.
    """

    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, related_name="matches", related_query_name="match"
    )
    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="matches", related_query_name="match"
    )
    line_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    found_by = models.CharField(max_length=40)
    explanation = models.CharField(max_length=200)
    matched_at = models.DateTimeField()
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.CheckConstraint(name="match_is_of_something", condition=Q(line_minor__gt=0, amount_minor__gt=0)),
        ]
        triggers = [
            *MATCHES_ARE_LOCKED,
            _adds_up("new_matches_add_up", pgtrigger.Insert, "new_rows"),
            _adds_up("other_matches_add_up", pgtrigger.Update, "new_rows"),
            _adds_up("remaining_matches_add_up", pgtrigger.Delete, "old_rows"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} = {self.operation_id}"


class SeveredMatch(models.Model):
    """A match that a person took apart, and why: no pass finds the pair again, a person may."""

    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="severed")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="+")
    found_by = models.CharField(max_length=40)
    why = models.CharField(max_length=400)
    severed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    severed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "severed matches"
        permissions = []
        constraints = [models.CheckConstraint(name="severing_says_why", condition=~Q(why=""))]
        indexes = [models.Index(name="severed_pair", fields=["line", "operation"])]

    def __str__(self) -> str:
        return f"{self.line_id} is not {self.operation_id}"
