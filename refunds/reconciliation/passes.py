"""The passes of matching, each one statement over all open lines of an account.

Two references on both sides must be the same; where one of them is missing, a pass believes what is left only if it
names one line and one operation and nothing else does. Nothing is ever matched by its amount alone. What was settled
in another currency is believed where a reference is proof and the customer got our amount to the last unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.models.match import ONE_AT_A_TIME

from .readers import BANK

if TYPE_CHECKING:
    from datetime import datetime

EARLIEST_DAYS, LATEST_DAYS = 3, 10
"""So many days before we heard of a refund, and after it, may a statement book it."""


SAME_AMOUNT = "operation.currency = line.currency AND operation.amount_minor = -line.gross_minor"
CUSTOMERS_AMOUNT = (
    "operation.currency = line.customer_currency AND operation.amount_minor = abs(line.customer_minor)"
    " AND operation.currency <> line.currency AND line.gross_minor < 0"
)


@dataclass(frozen=True, slots=True)
class Pass:
    """What a line and an operation have in common besides the amount.

    `is_proof` says that the reference was given out once: one operation, and its first line. Otherwise the pair must
    be the only one on both sides.
    """

    found_by: str
    explanation: str
    condition: str
    is_proof: bool
    agrees: str = SAME_AMOUNT


# A reference of the processor's on both sides is the same or it is another refund; a bank's own says nothing of ours.
_NO_OTHER_REFERENCE = (
    "line.operation_ref = '' AND (%(is_bank)s OR line.source_id = '' OR operation.external_id IS NULL)"
)

_OPERATION_ID = "operation.id::text = lower(line.operation_ref)"
_PROCESSORS_REFERENCE = (
    "line.operation_ref = '' AND operation.external_id = line.source_id AND operation.gateway = %(gateway)s"
)

PASSES = (
    Pass(
        gettext_noop("operation id"),
        gettext_noop("The same operation id, currency and amount."),
        _OPERATION_ID,
        is_proof=True,
    ),
    Pass(
        gettext_noop("processor's reference"),
        gettext_noop("The processor's own reference of the refund, the same currency and amount."),
        _PROCESSORS_REFERENCE,
        is_proof=True,
    ),
    Pass(
        gettext_noop("operation id, other currency"),
        gettext_noop("The same operation id; settled in another currency, and the customer got our amount."),
        _OPERATION_ID,
        is_proof=True,
        agrees=CUSTOMERS_AMOUNT,
    ),
    Pass(
        gettext_noop("processor's reference, other currency"),
        gettext_noop("The processor's own reference; settled in another currency, and the customer got our amount."),
        _PROCESSORS_REFERENCE,
        is_proof=True,
        agrees=CUSTOMERS_AMOUNT,
    ),
    Pass(
        gettext_noop("payment and amount"),
        gettext_noop("The only open refund of this payment with this currency and amount, on both sides."),
        f"{_NO_OTHER_REFERENCE} AND line.payment_ref <> '' AND payment.external_id = line.payment_ref"
        " AND operation.gateway = %(gateway)s",
        is_proof=False,
    ),
    Pass(
        gettext_noop("order, amount and date"),
        f"The only open refund of this order with this currency and amount, {EARLIEST_DAYS} days before to"
        f" {LATEST_DAYS} days after ours, on both sides.",
        f"{_NO_OTHER_REFERENCE} AND line.merchant_ref <> '' AND bought.external_id = line.merchant_ref"
        " AND operation.gateway = %(gateway)s AND line.booked_at BETWEEN"
        f" operation.succeeded_at - interval '{EARLIEST_DAYS} days'"
        f" AND operation.succeeded_at + interval '{LATEST_DAYS} days'",
        is_proof=False,
    ),
)

_FIND = """
    WITH back AS (
        SELECT operation_ref, source_id FROM refunds_statementline
        WHERE account = %(account)s AND category = 'refund_failure'
    ), pair AS (
        SELECT line.id AS line_id, operation.id AS operation_id, -line.gross_minor AS line_minor,
            operation.amount_minor,
            count(*) OVER (PARTITION BY line.id) AS of_line,
            count(*) OVER (PARTITION BY operation.id) AS of_operation,
            row_number() OVER (PARTITION BY operation.id ORDER BY line.id) AS place
        FROM refunds_statementline AS line
        JOIN refunds_operation AS operation ON {agrees}
        JOIN refunds_payment AS payment ON payment.id = operation.payment_id
        JOIN refunds_order AS bought ON bought.id = payment.order_id
        JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
        WHERE line.account = %(account)s AND line.result = 'unmatched' AND line.category = 'refund'
            AND operation.state = 'succeeded' AND request.state = 'refunded'
            AND NOT EXISTS (SELECT FROM refunds_match AS known WHERE known.operation_id = operation.id)
            AND NOT EXISTS (
                SELECT FROM refunds_severedmatch AS apart
                WHERE apart.line_id = line.id AND apart.operation_id = operation.id
            )
            AND NOT EXISTS (SELECT FROM back WHERE back.operation_ref = operation.id::text)
            AND NOT EXISTS (
                SELECT FROM back WHERE back.source_id <> '' AND back.source_id = operation.external_id
            )
            AND NOT EXISTS (
                SELECT FROM refunds_period AS period
                WHERE period.state = 'locked' AND period.account = line.account
                    AND line.booked_at >= period.from_at AND line.booked_at < period.until_at
            )
            AND {condition}
    ), made AS (
        INSERT INTO refunds_match (line_id, operation_id, line_minor, amount_minor, found_by, explanation, matched_at)
        SELECT line_id, operation_id, line_minor, amount_minor, %(found_by)s, %(explanation)s, %(at)s FROM pair
        WHERE of_line = 1 AND {choice}
        ON CONFLICT DO NOTHING
        RETURNING line_id
    )
    UPDATE refunds_statementline AS line SET result = 'matched', result_note = ''
        FROM made WHERE line.id = made.line_id
"""


@transaction.atomic(durable=True)
def find_pairs(*, account: str, at: datetime) -> int:
    """Match what every pass believes of an account's open lines, the surest pass first. Answers how many were found.

    Requests stay as they are: whoever closes them asks again under their locks.
    """
    found = 0
    with connection.cursor() as cursor:
        # Two imports at once would find the same pairs, and so would a person meanwhile.
        cursor.execute(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        for one in PASSES:
            words: dict[str, str | bool | datetime] = {
                "account": account,
                "gateway": ManualBankTransfer.name if account == BANK else account,
                "is_bank": account == BANK,
                "found_by": one.found_by,
                "explanation": one.explanation,
                "at": at,
            }
            choice = "place = 1" if one.is_proof else "of_operation = 1"
            cursor.execute(_FIND.format(agrees=one.agrees, condition=one.condition, choice=choice), words)
            found += cursor.rowcount
    return found
