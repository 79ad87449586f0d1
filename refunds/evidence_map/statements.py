"""The statements that work out what decided requests need and have; every name is ours, every value a parameter."""

from __future__ import annotations

from typing import Final

_NEEDS: Final = r"""
WITH limits AS (
    SELECT q.currency, array_agg(DISTINCT q.above_minor ORDER BY q.above_minor) AS above
    FROM evidence_evidencerequirement q WHERE q.is_active AND q.above_minor IS NOT NULL GROUP BY q.currency
), asked AS (
    SELECT r.id, r.team_id, date_trunc('month', r.decided_at AT TIME ZONE 'UTC')::date AS month,
        r.category, coalesce(r.reason, '') AS reason, r.exception_code, r.method, r.currency,
        l.above[width_bucket(r.requested_minor - 1, l.above)] AS requested_above,
        l.above[width_bucket(coalesce(r.approved_minor, r.requested_minor) - 1, l.above)] AS signed_above,
        array_remove(ARRAY[
            'request',
            CASE WHEN r.exception_code <> '' THEN 'exception' END,
            CASE WHEN r.approved_by_id IS NOT NULL THEN 'approval' END,
            CASE WHEN r.state = ANY (%(paid)s) THEN 'payout' END,
            CASE WHEN r.state = 'declined' OR (r.exception_code <> '' AND r.state = ANY (%(paid)s)) THEN 'message' END
        ], NULL) AS points,
        r.decision_id, r.route_id, r.note ~ '\S' AS has_note,
        r.exception_code <> '' AND r.exception_rationale ~ '\S' AS is_granted
    FROM refunds_refundrequest r
    LEFT JOIN limits l ON l.currency = r.currency
    WHERE r.decided_at IS NOT NULL AND NOT r.state = ANY (%(not_decided)s)
        AND (%(ids)s::uuid[] IS NULL OR r.id = ANY (%(ids)s::uuid[]))
        AND (%(teams)s::bigint[] IS NULL OR r.team_id = ANY (%(teams)s::bigint[]))
        AND (%(since)s::timestamptz IS NULL OR r.decided_at >= %(since)s::timestamptz)
        AND (%(until)s::timestamptz IS NULL OR r.decided_at < %(until)s::timestamptz)
        AND (%(reason)s = '' OR r.reason = %(reason)s)
        AND (%(exception_code)s = '' OR r.exception_code = %(exception_code)s)
), by_policy AS (
    SELECT a.id, array_agg(DISTINCT trim(kind) ORDER BY trim(kind)) AS kinds
    FROM asked a
    JOIN policies_policydecision d ON d.id = a.decision_id AND d.mode = 'enforce'
        AND d.findings @> '[{"rule": "evidence"}]'
    CROSS JOIN LATERAL jsonb_array_elements(d.findings) AS finding
    CROSS JOIN LATERAL unnest(string_to_array(finding ->> 'limit', ',')) AS kind
    WHERE finding ->> 'rule' = 'evidence'
    GROUP BY a.id
), letters AS (
    SELECT m.subject_id, bool_or(m.state <> 'dropped') AS has_copy,
        bool_or(m.needs_review AND m.state IN ('sent', 'kept')) AS has_read_copy,
        bool_or(m.state <> 'dropped' AND m.reviewed_by_id IS NOT NULL)
            AND NOT bool_or(m.state IN ('drafted', 'in_review')) AS is_reviewed,
        bool_or(m.state <> 'dropped' AND m.edition_id IS NOT NULL) AS has_text
    FROM evidence_customermessage m
    WHERE m.subject_kind = %(kind)s AND m.subject_id IN (SELECT id FROM asked)
    GROUP BY m.subject_id
), files AS (
    SELECT f.subject_id, array_agg(DISTINCT f.kind::text ORDER BY f.kind::text) AS kinds
    FROM evidence_attachment f
    WHERE f.subject_kind = %(kind)s AND f.scan_state = ANY (%(shown)s) AND f.subject_id IN (SELECT id FROM asked)
    GROUP BY f.subject_id
), known AS MATERIALIZED (
    SELECT {id} AS id, a.team_id, a.month, a.category, a.reason, a.exception_code, a.method, a.currency,
        a.requested_above, a.signed_above, a.points, d.kinds AS demanded,
        array_remove(ARRAY[
            CASE WHEN a.decision_id IS NOT NULL THEN 'policy_check' END,
            CASE WHEN a.has_note THEN 'customer_statement' END,
            CASE WHEN a.is_granted THEN 'exception_record' END,
            CASE WHEN EXISTS (SELECT FROM approvals_approvaldecision s
                WHERE s.route_id = a.route_id AND s.verdict = 'approve') THEN 'approval_record' END,
            CASE WHEN EXISTS (SELECT FROM approvals_approvaldecision s
                WHERE s.route_id = a.route_id AND s.verdict = 'approve' AND s.rationale ~ '\S') THEN 'rationale' END,
            CASE WHEN EXISTS (SELECT FROM refunds_operation o
                WHERE o.refund_request_id = a.id AND o.attempt_count > 0) THEN 'execution_record' END,
            CASE WHEN m.has_copy THEN 'message_copy' END,
            CASE WHEN m.has_read_copy THEN 'read message_copy' END,
            CASE WHEN m.is_reviewed THEN 'message_review' END,
            CASE WHEN m.has_text THEN 'message_text' END
        ], NULL) || coalesce(f.kinds, '{}') AS held
    FROM asked a
    LEFT JOIN by_policy d ON d.id = a.id
    LEFT JOIN letters m ON m.subject_id = a.id
    LEFT JOIN files f ON f.subject_id = a.id
), alike AS (
    SELECT row_number() OVER () AS kin, count(*) AS requests, k.*
    FROM known k
    GROUP BY id, team_id, month, category, reason, exception_code, method, currency, requested_above, signed_above,
        points, demanded, held
), passed AS (
    SELECT a.kin, a.team_id, a.category, a.reason, a.exception_code, a.method, a.currency, point,
        CASE WHEN point IN ('request', 'exception') THEN a.requested_above ELSE a.signed_above END AS point_above
    FROM alike a CROSS JOIN LATERAL unnest(a.points) AS point
), needed AS (
    SELECT p.kin, p.point, made.artifact
    FROM passed p
    JOIN unnest(%(created_points)s::text[], %(created_artifacts)s::text[]) AS made (point, artifact)
        ON made.point = p.point
    UNION
    SELECT p.kin, p.point, q.artifact
    FROM passed p
    JOIN evidence_evidencerequirement q ON q.point = p.point AND q.is_active
        AND (q.team_id IS NULL OR q.team_id = p.team_id)
        AND q.category IN ('', p.category)
        AND q.reason IN ('', p.reason)
        AND q.exception_code IN ('', p.exception_code)
        AND q.method IN ('', p.method)
        AND (q.above_minor IS NULL OR (q.currency = p.currency AND q.above_minor <= p.point_above))
    UNION
    SELECT a.kin, 'request', kind FROM alike a CROSS JOIN LATERAL unnest(a.demanded) AS kind
), proved AS (
    SELECT a.kin, a.requests, a.id, a.team_id, a.month, n.point, n.artifact,
        CASE WHEN n.point = 'message' AND n.artifact = 'message_copy' THEN 'read message_copy' ELSE n.artifact END
            = ANY (a.held) AS is_held
    FROM needed n JOIN alike a ON a.kin = n.kin
)
"""
"""Who is asked about, which points each passed, what that needs, and whether it is there.

Requests that nothing here can tell apart are judged once and counted as many: of an amount only the highest limit of
the catalogue counts that it is above (`width_bucket` finds those not above what it is given, hence one less).
What they are told apart by is few columns without flags: of many flags the planner expects as many kinds as requests,
and sorts. Where the message itself is the point, only a copy that somebody read and that went out is there.
"""

_ONE_BY_ONE: Final = _NEEDS.replace("{id}", "a.id")
_TOGETHER: Final = _NEEDS.replace("{id}", "NULL::uuid")

EACH: Final = f"{_ONE_BY_ONE} SELECT id, point, artifact, is_held FROM proved"  # noqa: S608 - our own names

BY_POINT: Final = f"""{_TOGETHER}
, each AS (
    SELECT point, kin, requests, count(*) AS needed, count(*) FILTER (WHERE is_held) AS held
    FROM proved GROUP BY point, kin, requests
)
SELECT point, sum(requests), sum(requests) FILTER (WHERE held = needed), sum(needed * requests), sum(held * requests)
FROM each GROUP BY point
"""  # noqa: S608 - our own names

BY_TEAM_AND_MONTH: Final = f"""{_TOGETHER}
, each AS (
    SELECT team_id, month, kin, requests, count(DISTINCT artifact) AS needed,
        count(DISTINCT artifact) FILTER (WHERE is_held) AS held
    FROM proved GROUP BY team_id, month, kin, requests
)
SELECT team_id, month, sum(requests), sum(requests) FILTER (WHERE held = needed), sum(needed * requests),
    sum(held * requests)
FROM each GROUP BY team_id, month ORDER BY month DESC, team_id
"""  # noqa: S608 - our own names
