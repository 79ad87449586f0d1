"""Builders of statement lines as an import would have left them, and of sums to compare."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from config.kernel.people import User
from refunds.models import JournalLine, Match, Statement, StatementLine
from refunds.vocabulary import LineResult
from tests.refunds.books import NOON

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import Operation

_numbers = count(1)


def statement_of(account: str = "stripe", *, at: datetime = NOON, **columns: Any) -> Statement:
    """Upload a file that says nothing yet."""
    number = next(_numbers)
    return Statement.objects.create(
        account=account,
        format="payout",
        filename=f"{number}.csv",
        sha256=f"{number:064d}",
        content=b"",
        uploaded_by=User.objects.get_or_create(username="uploader")[0],
        uploaded_at=at,
        **columns,
    )


def line_of(
    category: str, gross_minor: int, *, fee_minor: int = 0, at: datetime = NOON, **columns: Any
) -> StatementLine:
    """Write one line of the processor's."""
    number = next(_numbers)
    statement = columns.pop("statement", None) or statement_of(columns.pop("account", "stripe"), at=at)
    columns.setdefault("result", LineResult.OTHER)
    columns.setdefault("currency", "GBP")
    return StatementLine.objects.create(
        statement=statement,
        account=statement.account,
        external_id=f"txn_{number}",
        number=number,
        category=category,
        booked_at=at,
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        net_minor=gross_minor - fee_minor,
        **columns,
    )


def settled(operation: Operation, *, at: datetime = NOON, **columns: Any) -> Match:
    """Show an operation on a statement, and agree."""
    columns.setdefault("gross_minor", -operation.amount_minor)
    columns.setdefault("currency", operation.currency)
    if columns["currency"] != operation.currency:
        columns |= {"customer_minor": -operation.amount_minor, "customer_currency": operation.currency}
    line = line_of("refund", at=at, operation_ref=str(operation.pk), result=LineResult.MATCHED, **columns)
    return Match.objects.create(
        line=line,
        operation=operation,
        line_minor=-line.gross_minor,
        amount_minor=operation.amount_minor,
        found_by="operation id",
        explanation="The same.",
        matched_at=at,
    )


def balances() -> dict[tuple[str, str], int]:
    """Sum the journal by role and currency, what is zero left out."""
    rows = JournalLine.objects.order_by().values_list("role", "currency").annotate(total=Sum("amount_minor"))
    return {(role, currency): total for role, currency, total in rows if total}
