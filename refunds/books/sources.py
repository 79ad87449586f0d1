"""Which facts are booked, and between which accounts: each a query that answers one row a fact.

What a processor's or a bank's statement tells is booked from the statement; what it cannot know, from our record. A
refund is in both, and stands in clearing from when it succeeded here until it is on a statement there.

Every query answers: happened_at, event_key, kind, account, gateway, team_id, subject_kind, subject_id, reference, and
two movements (debit_, credit_, currency_, amount_ with 1 and 2), of which either may be NULL or nothing. A negative
amount moves the other way.
"""

from __future__ import annotations

from typing import Final

from refunds.breaks.vocabulary import BESIDE_AN_OPERATION

from .vocabulary import LINE_ROLES, AccountRole, EntryKind

ACCOUNT_OF_OPERATION: Final = "CASE operation.gateway WHEN 'bank_transfer' THEN 'bank' ELSE operation.gateway END"
"""Whose statements show it: the bank's those of our transfers, each processor's its own."""

BALANCE_OF_LINE: Final = (
    f"CASE line.account WHEN 'bank' THEN '{AccountRole.BANK}' ELSE '{AccountRole.PROCESSOR_BALANCE}' END"
)

BALANCE_OF_BREAK: Final = (
    f"CASE found.account WHEN 'bank' THEN '{AccountRole.BANK}' ELSE '{AccountRole.PROCESSOR_BALANCE}' END"
)

SETTLES_ITS_REFUND: Final = (
    "found.line_id IS NOT NULL AND found.kind IN (" + ", ".join(f"'{kind}'" for kind in BESIDE_AN_OPERATION) + ")"
)
"""Whether the line of a resolved break is a refund of ours all the same, which it takes out of clearing."""

OPERATION_OF_LINE: Final = (
    "CASE WHEN line.operation_ref ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'"
    " THEN line.operation_ref::uuid END"
)

_NO_SECOND: Final = "NULL::text AS debit_2, NULL::text AS credit_2, NULL::text AS currency_2, NULL::bigint AS amount_2"

_ROLES: Final = " ".join(f"WHEN '{category}' THEN '{role}'" for category, role in LINE_ROLES.items())

REFUNDS: Final = f"""
    SELECT operation.succeeded_at AS happened_at, 'operation:' || operation.id AS event_key,
        '{EntryKind.REFUND}' AS kind, {ACCOUNT_OF_OPERATION} AS account, operation.gateway AS gateway,
        request.team_id AS team_id, 'refund_request' AS subject_kind, request.id::text AS subject_id,
        request.reference AS reference,
        CASE request.category WHEN 'goodwill_credit' THEN '{AccountRole.GOODWILL_EXPENSE}'
            ELSE '{AccountRole.REFUND_EXPENSE}' END AS debit_1,
        CASE operation.gateway WHEN 'store_credit' THEN '{AccountRole.STORE_CREDIT_LIABILITY}'
            ELSE '{AccountRole.PROCESSOR_CLEARING}' END AS credit_1,
        operation.currency::text AS currency_1, operation.amount_minor AS amount_1, {_NO_SECOND}
    FROM refunds_operation AS operation
        JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
    WHERE operation.state IN ('succeeded', 'failed') AND operation.succeeded_at >= %(since)s
"""  # noqa: S608 - words of ours
"""Money that went back, and what came back later, which is reversed."""

SETTLEMENTS: Final = f"""
    SELECT line.booked_at AS happened_at, 'match:' || match.id AS event_key,
        '{EntryKind.SETTLEMENT}' AS kind, line.account AS account, operation.gateway AS gateway,
        request.team_id AS team_id, 'statement_line' AS subject_kind, line.id::text AS subject_id,
        line.external_id AS reference,
        '{AccountRole.PROCESSOR_CLEARING}' AS debit_1,
        CASE WHEN line.currency = operation.currency THEN {BALANCE_OF_LINE}
            ELSE '{AccountRole.FX_DIFFERENCE}' END AS credit_1,
        operation.currency::text AS currency_1,
        match.amount_minor AS amount_1,
        '{AccountRole.FX_DIFFERENCE}' AS debit_2, {BALANCE_OF_LINE} AS credit_2, line.currency::text AS currency_2,
        CASE WHEN line.currency = operation.currency THEN NULL ELSE match.line_minor END AS amount_2
    FROM refunds_match AS match
        JOIN refunds_statementline AS line ON line.id = match.line_id
        JOIN refunds_operation AS operation ON operation.id = match.operation_id
        JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
    WHERE match.matched_at >= %(since)s
"""  # noqa: S608 - words of ours
"""Refunds that a statement shows. Where it was settled in another currency, each currency is zero through FX."""

RETURNS: Final = f"""
    SELECT line.booked_at AS happened_at, 'return:' || line.id AS event_key,
        '{EntryKind.RETURNED}' AS kind, line.account AS account, operation.gateway AS gateway,
        request.team_id AS team_id, 'statement_line' AS subject_kind, line.id::text AS subject_id,
        line.external_id AS reference,
        '{AccountRole.PROCESSOR_CLEARING}' AS debit_1,
        CASE WHEN line.currency = operation.currency THEN {BALANCE_OF_LINE}
            ELSE '{AccountRole.FX_DIFFERENCE}' END AS credit_1,
        operation.currency::text AS currency_1,
        CASE WHEN line.currency = operation.currency THEN -line.gross_minor
            ELSE -operation.amount_minor END AS amount_1,
        '{AccountRole.FX_DIFFERENCE}' AS debit_2, {BALANCE_OF_LINE} AS credit_2, line.currency::text AS currency_2,
        CASE WHEN line.currency = operation.currency THEN NULL ELSE -line.gross_minor END AS amount_2
    FROM refunds_statementline AS line
        JOIN refunds_statement AS statement ON statement.id = line.statement_id
        JOIN refunds_operation AS operation ON operation.id = {OPERATION_OF_LINE}
        JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
    WHERE line.category = 'refund_failure' AND line.result IN ('matched', 'other')
        AND statement.uploaded_at >= %(since)s
"""  # noqa: S608 - words of ours
"""Refunds that a statement takes back, where ours failed too."""

STATEMENT_LINES: Final = f"""
    SELECT line.booked_at AS happened_at, 'line:' || line.id AS event_key,
        '{EntryKind.STATEMENT}' AS kind, line.account AS account, line.account AS gateway,
        NULL::bigint AS team_id, 'statement_line' AS subject_kind, line.id::text AS subject_id,
        line.external_id AS reference,
        CASE line.category {_ROLES} END AS debit_1,
        {BALANCE_OF_LINE} AS credit_1, line.currency::text AS currency_1,
        CASE WHEN line.category IN ('refund', 'refund_failure') THEN NULL ELSE -line.gross_minor END AS amount_1,
        '{AccountRole.FEES}' AS debit_2, {BALANCE_OF_LINE} AS credit_2, line.currency::text AS currency_2,
        line.fee_minor AS amount_2
    FROM refunds_statementline AS line
        JOIN refunds_statement AS statement ON statement.id = line.statement_id
    WHERE statement.uploaded_at >= %(since)s AND (
        (line.category = ANY(%(categories)s) AND (line.gross_minor <> 0 OR line.fee_minor <> 0))
        OR (line.category IN ('refund', 'refund_failure') AND line.fee_minor <> 0)
    ) AND NOT (line.account = 'bank' AND line.category IN ('payout', 'payout_reversal'))
"""  # noqa: S608 - words of ours
"""Fees, payouts, disputes, shares of connected accounts and adjustments, with what the processor took for them.

A payout is booked once, from the processor's side.
"""

GOODWILL: Final = f"""
    SELECT coalesce(action.occurred_at, action.updated_at) AS happened_at, 'action:' || action.id AS event_key,
        '{EntryKind.GOODWILL}' AS kind, action.gateway AS account, action.gateway AS gateway,
        action.team_id AS team_id, 'governed_action' AS subject_kind, action.id::text AS subject_id,
        action.reference AS reference,
        '{AccountRole.GOODWILL_EXPENSE}' AS debit_1, '{AccountRole.STORE_CREDIT_LIABILITY}' AS credit_1,
        action.currency::text AS currency_1, action.amount_minor AS amount_1, {_NO_SECOND}
    FROM policies_governedaction AS action
    WHERE action.category = 'goodwill_credit' AND action.state = 'done' AND action.updated_at >= %(since)s
"""  # noqa: S608 - words of ours
"""Credits on a customer's balance, which no statement shows."""

BREAKS: Final = f"""
    SELECT found.happened_at AS happened_at, 'break:' || found.id || ':' || found.round AS event_key,
        '{EntryKind.BREAK}' AS kind, found.account AS account,
        coalesce(operation.gateway, found.account) AS gateway, found.team_id AS team_id, 'break' AS subject_kind,
        found.id::text AS subject_id, found.reference AS reference,
        found.books_against AS debit_1,
        CASE WHEN found.line_id IS NULL THEN '{AccountRole.PROCESSOR_CLEARING}' ELSE {BALANCE_OF_BREAK} END AS credit_1,
        found.currency::text AS currency_1, -found.amount_minor AS amount_1,
        '{AccountRole.PROCESSOR_CLEARING}' AS debit_2,
        CASE WHEN found.kind = 'currency_differs' THEN '{AccountRole.FX_DIFFERENCE}'
            ELSE {BALANCE_OF_BREAK} END AS credit_2,
        operation.currency::text AS currency_2,
        CASE WHEN {SETTLES_ITS_REFUND} THEN operation.amount_minor END AS amount_2
    FROM refunds_break AS found LEFT JOIN refunds_operation AS operation ON operation.id = found.operation_id
    WHERE found.state = 'resolved' AND found.books_against <> '' AND found.resolved_at >= %(since)s
"""  # noqa: S608 - words of ours
"""What people said a break was. A line that no match books is booked here, and with it the refund it stands for."""

SOURCES: Final[tuple[str, ...]] = (REFUNDS, SETTLEMENTS, RETURNS, STATEMENT_LINES, GOODWILL, BREAKS)

FAILED_LATER: Final = """
    SELECT entry.id AS entry_id, coalesce((
        SELECT max(told.at) FROM evidence_ledgerentry AS told
        WHERE told.subject_kind = 'refund_request' AND told.subject_id = operation.refund_request_id
            AND told.kind = 'refund_request.failed'
    ), %(at)s) AS happened_at
    FROM refunds_operation AS operation
        JOIN refunds_journalentry AS entry ON entry.event_key = 'operation:' || operation.id
    WHERE operation.state = 'failed' AND operation.succeeded_at IS NOT NULL
"""
"""Refunds that came back after they had succeeded, on the day we heard of it."""

TAKEN_BACK: Final = """
    SELECT entry.id AS entry_id, action.updated_at AS happened_at
    FROM policies_governedaction AS action
        JOIN refunds_journalentry AS entry ON entry.event_key = 'action:' || action.id
    WHERE action.category = 'goodwill_credit' AND action.state = 'failed'
"""
"""Credits that turned out not to have been given."""

NOT_ON_A_STATEMENT: Final = """
    SELECT entry.id AS entry_id, %(at)s::timestamptz AS happened_at
    FROM refunds_journalentry AS entry
        LEFT JOIN refunds_statementline AS line ON line.id = entry.subject_id::bigint
    WHERE entry.kind IN ('returned', 'statement') AND line.id IS NULL
    UNION ALL
    SELECT entry.id, %(at)s::timestamptz
    FROM refunds_journalentry AS entry
        LEFT JOIN refunds_match AS match ON match.id = substr(entry.event_key, 7)::bigint
    WHERE entry.kind = 'settlement' AND match.id IS NULL
"""
"""What a statement told that was taken back since, and matches that were undone."""

NOT_WHAT_WE_SAID: Final = """
    SELECT entry.id AS entry_id, %(at)s::timestamptz AS happened_at
    FROM refunds_break AS found CROSS JOIN LATERAL generate_series(1, found.round) AS told(round)
        JOIN refunds_journalentry AS entry ON entry.event_key = 'break:' || found.id || ':' || told.round
    WHERE told.round < found.round OR found.state <> 'resolved' OR found.books_against = ''
"""
"""Breaks that were opened again, and those that the statement books by now."""

UNDONE: Final[tuple[str, ...]] = (FAILED_LATER, TAKEN_BACK, NOT_ON_A_STATEMENT, NOT_WHAT_WE_SAID)
