"""Decisions of a quarter, drawn inside the database: mostly refunds, of one or two lines, all windows counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection
from psycopg.types.json import Jsonb

from policies.engine.document import parse_document
from policies.engine.facts import RefundFacts
from policies.engine.judgement import judge
from policies.simulation.compiling import compile_outcome
from policies.simulation.facts import decisions_for
from policies.simulation.sql import Sql, sql
from tests.harness.world import NOON

if TYPE_CHECKING:
    from policies.models import PolicyVersion

DAYS: Final = 90
AT_A_TIME: Final = 100_000

_LINE: Final = """jsonb_build_object('line', '1', 'product_category', (ARRAY['home', 'toys', 'food'])[1 + mod(n, 3)],
    'condition', (ARRAY['opened', 'unopened', 'unopened', 'worn'])[1 + mod(n, 4)], 'final_sale', mod(n, 60) = 0,
    'quantity', 1 + mod(n, 3), 'amount_minor', 1000 + mod(n * 6007::bigint, 20000))"""

_FACTS: Final = """jsonb_build_object(
    'category', (ARRAY['refund', 'refund', 'refund', 'refund', 'refund', 'refund', 'refund', 'goodwill_credit',
        'payout', 'dispute'])[1 + mod(n, 10)],
    'amount_minor', CASE WHEN mod(n, 97) = 0 THEN 600000 ELSE 100 + mod(n * 7919::bigint, 14000) END,
    'currency', CASE WHEN mod(n, 25) = 0 THEN 'EUR' ELSE 'GBP' END,
    'reason', (ARRAY['changed_mind', 'damaged', 'not_as_described', 'wrong_item', 'not_received', 'late_delivery',
        'changed_mind', 'duplicate_charge', 'billing_error', 'changed_mind', 'other', 'price_promise',
        'fraudulent'])[1 + mod(n, 13)],
    'method', 'original',
    'lines', CASE WHEN mod(n, 3) = 0 THEN jsonb_build_array(line, line || '{"line": "2"}')
        ELSE jsonb_build_array(line) END,
    'shipping_minor', mod(n, 2) * 499,
    'days_since_delivery', mod(n * 31::bigint, 36),
    'is_delivered', TRUE,
    'counted_from_on', '2026-10-01',
    'evidence_kinds', CASE WHEN mod(n, 2) = 0 THEN '["photo"]'::jsonb ELSE '[]'::jsonb END,
    'payment_is_found', mod(n, 50) <> 0,
    'refundable_minor', 1000000 - mod(n, 1000),
    'customer_tenure_days', mod(n, 900),
    'exception_code', CASE WHEN mod(n, 20) = 0 THEN 'OTHER' ELSE '' END,
    'dispute_is_open', mod(n, 200) = 0,
    'dispute_due_in_hours', NULL,
    'legal_basis', '',
    'charge_minor', CASE WHEN mod(n, 5) = 0 THEN 2500 ELSE 0 END,
    'recent', (SELECT jsonb_object_agg(per || '.' || days, jsonb_build_array(mod(n + days, 5), mod(n, 7) * 500, 90000))
        FROM unnest(ARRAY['customer', 'charge', 'agent']) per, unnest(ARRAY[1, 7, 30, 90, 365]) days),
    'asked_weekday', 1 + mod(n, 7),
    'asked_minute', mod(n, 1440),
    'asked_on', '2026-11-20')"""
"""The facts of decision `n`, as `RefundFacts.to_json` writes them."""


def store_decisions(version: PolicyVersion, rows: int) -> None:
    """Fill the quarter before noon; each row has the outcome its version gives, and findings of the usual size."""
    with connection.cursor() as cursor:
        for first in range(0, rows, AT_A_TIME):
            filled = _filled(version, first, min(first + AT_A_TIME, rows) - 1, rows)
            cursor.execute(filled.text, filled.params)
        cursor.execute("VACUUM ANALYZE policies_policydecision")


def _filled(version: PolicyVersion, first: int, last: int, rows: int) -> Sql:
    document = parse_document(version.document)
    outcome = compile_outcome(document)
    findings = [finding.to_json() for finding in judge(document, _usual()).findings]
    told = sql(
        """(SELECT (lpad(to_hex(1758000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid AS id,
            n, facts, facts ->> 'category' AS category, '' AS outcome,
            facts ->> 'currency' AS currency, (facts ->> 'amount_minor')::bigint AS amount_minor,
            {}::timestamptz + {}::interval * (n::float / {}) AS decided_at
        FROM generate_series({}::int, {}::int) n, LATERAL (SELECT {} AS line OFFSET 0) goods,
            LATERAL (SELECT {} AS facts OFFSET 0) told)""",
        NOON - timedelta(days=DAYS),
        timedelta(days=DAYS),
        rows,
        first,
        last,
        Sql(_LINE),
        Sql(_FACTS),
    )
    return sql(
        """WITH told AS MATERIALIZED {}
        INSERT INTO policies_policydecision (id, version_id, subject_kind, subject_id, reference, page, is_trial,
            category, mode, outcome, matched_rule, amount_minor, allowed_minor, currency, facts, findings,
            why_not_automatic, exception_codes, decided_at)
        SELECT told.id, {}::uuid, 'refund_request', told.id, 'RR-' || n, '/requests/RR-' || n || '/', FALSE,
            told.category, 'enforce', {}, 'thresholds.refund.GBP', told.amount_minor, 0, told.currency, told.facts,
            {}::jsonb, '[]', '[]', told.decided_at
        FROM {} JOIN told USING (id) ORDER BY n""",
        told,
        version.pk,
        outcome,
        Jsonb(findings),
        decisions_for(outcome, Sql("TRUE"), source=Sql("told")),
    )


def _usual() -> RefundFacts:
    return RefundFacts("refund", 4_000, "GBP", "changed_mind", payment_is_found=True, refundable_minor=9_000)
