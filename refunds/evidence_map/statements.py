"""The statements that work out what decided requests need and have; every name is ours, every value a parameter."""

from __future__ import annotations

from typing import Final

_NEEDS: Final = r"""
WITH asked AS (
    SELECT r.id, r.team_id, r.category, coalesce(r.reason, '') AS reason, r.exception_code, r.method, r.currency,
        r.requested_minor, coalesce(r.approved_minor, r.requested_minor) AS signed_minor, r.decided_at, r.state,
        r.decision_id, r.route_id, r.approved_by_id IS NOT NULL AS is_signed, r.note ~ '\S' AS has_note,
        r.exception_code <> '' AND r.exception_rationale ~ '\S' AS is_granted
    FROM refunds_refundrequest r
    WHERE r.decided_at IS NOT NULL AND NOT r.state = ANY (%(not_decided)s)
        AND (%(ids)s::uuid[] IS NULL OR r.id = ANY (%(ids)s::uuid[]))
        AND (%(teams)s::bigint[] IS NULL OR r.team_id = ANY (%(teams)s::bigint[]))
        AND (%(since)s::timestamptz IS NULL OR r.decided_at >= %(since)s::timestamptz)
        AND (%(until)s::timestamptz IS NULL OR r.decided_at < %(until)s::timestamptz)
        AND (%(reason)s = '' OR r.reason = %(reason)s)
        AND (%(exception_code)s = '' OR r.exception_code = %(exception_code)s)
), passed AS (
    SELECT a.id, a.team_id, a.category, a.reason, a.exception_code, a.method, a.currency, at.point, at.point_minor
    FROM asked a
    CROSS JOIN LATERAL (VALUES
        ('request', a.requested_minor, TRUE),
        ('exception', a.requested_minor, a.exception_code <> ''),
        ('approval', a.signed_minor, a.is_signed),
        ('payout', a.signed_minor, a.state = ANY (%(paid)s)),
        ('message', a.signed_minor, a.state = 'declined' OR (a.exception_code <> '' AND a.state = ANY (%(paid)s)))
    ) AS at (point, point_minor, is_passed)
    WHERE at.is_passed
), needed AS (
    SELECT p.id, p.point, made.artifact
    FROM passed p
    JOIN unnest(%(created_points)s::text[], %(created_artifacts)s::text[]) AS made (point, artifact)
        ON made.point = p.point
    UNION
    SELECT p.id, p.point, q.artifact
    FROM passed p
    JOIN evidence_evidencerequirement q ON q.point = p.point AND q.is_active
        AND (q.team_id IS NULL OR q.team_id = p.team_id)
        AND q.category IN ('', p.category)
        AND q.reason IN ('', p.reason)
        AND q.exception_code IN ('', p.exception_code)
        AND q.method IN ('', p.method)
        AND (q.above_minor IS NULL OR (q.currency = p.currency AND p.point_minor > q.above_minor))
    UNION
    SELECT a.id, 'request', trim(kind)
    FROM asked a
    JOIN policies_policydecision d ON d.id = a.decision_id AND d.mode = 'enforce'
    CROSS JOIN LATERAL jsonb_array_elements(d.findings) AS finding
    CROSS JOIN LATERAL unnest(string_to_array(finding ->> 'limit', ',')) AS kind
    WHERE finding ->> 'rule' = 'evidence'
), proved AS (
    SELECT a.id, a.team_id, date_trunc('month', a.decided_at AT TIME ZONE 'UTC')::date AS month, n.point, n.artifact,
        CASE n.artifact
            WHEN 'policy_check' THEN a.decision_id IS NOT NULL
            WHEN 'customer_statement' THEN a.has_note
            WHEN 'exception_record' THEN a.is_granted
            WHEN 'approval_record' THEN EXISTS (
                SELECT FROM approvals_approvaldecision s WHERE s.route_id = a.route_id AND s.verdict = 'approve')
            WHEN 'rationale' THEN EXISTS (
                SELECT FROM approvals_approvaldecision s
                WHERE s.route_id = a.route_id AND s.verdict = 'approve' AND s.rationale ~ '\S')
            WHEN 'execution_record' THEN EXISTS (
                SELECT FROM refunds_operation o WHERE o.refund_request_id = a.id AND o.attempt_count > 0)
            WHEN 'message_copy' THEN EXISTS (
                SELECT FROM evidence_customermessage m
                WHERE m.subject_kind = %(kind)s AND m.subject_id = a.id AND m.state <> 'dropped'
                    AND (n.point <> 'message' OR (m.needs_review AND m.state IN ('sent', 'kept'))))
            WHEN 'message_review' THEN EXISTS (
                SELECT FROM evidence_customermessage m
                WHERE m.subject_kind = %(kind)s AND m.subject_id = a.id AND m.state <> 'dropped'
                    AND m.reviewed_by_id IS NOT NULL)
                AND NOT EXISTS (
                SELECT FROM evidence_customermessage m
                WHERE m.subject_kind = %(kind)s AND m.subject_id = a.id AND m.state IN ('drafted', 'in_review'))
            WHEN 'message_text' THEN EXISTS (
                SELECT FROM evidence_customermessage m
                WHERE m.subject_kind = %(kind)s AND m.subject_id = a.id AND m.state <> 'dropped'
                    AND m.edition_id IS NOT NULL)
            ELSE EXISTS (
                SELECT FROM evidence_attachment f
                WHERE f.subject_kind = %(kind)s AND f.subject_id = a.id AND f.kind = n.artifact
                    AND f.scan_state = ANY (%(shown)s))
        END AS is_held
    FROM needed n JOIN asked a ON a.id = n.id
)
"""
"""Who is asked about, which points each passed, what that needs, and whether it is there."""

EACH: Final = f"{_NEEDS} SELECT id, point, artifact, is_held FROM proved"  # noqa: S608 - our own names

BY_POINT: Final = f"""{_NEEDS}
, each AS (SELECT point, id, count(*) AS needed, count(*) FILTER (WHERE is_held) AS held FROM proved GROUP BY point, id)
SELECT point, count(*), count(*) FILTER (WHERE held = needed), sum(needed), sum(held) FROM each GROUP BY point
"""  # noqa: S608 - our own names

BY_TEAM_AND_MONTH: Final = f"""{_NEEDS}
, each AS (
    SELECT team_id, month, id, count(DISTINCT artifact) AS needed,
        count(DISTINCT artifact) FILTER (WHERE is_held) AS held
    FROM proved GROUP BY team_id, month, id
)
SELECT team_id, month, count(*), count(*) FILTER (WHERE held = needed), sum(needed), sum(held)
FROM each GROUP BY team_id, month ORDER BY month DESC, team_id
"""  # noqa: S608 - our own names
