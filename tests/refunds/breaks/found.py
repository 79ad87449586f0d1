"""Builders of breaks as matching finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refunds.models import Break
from refunds.reconciliation.matching import match_open_lines
from refunds.vocabulary import LineResult
from tests.refunds.books import LATER
from tests.refunds.journal.lines import line_of

if TYPE_CHECKING:
    from datetime import datetime


def look(account: str = "stripe", *, at: datetime = LATER) -> list[Break]:
    """Match an account, and answer its breaks."""
    match_open_lines(account=account, at=at, go_on=lambda _done: True)
    return list(Break.objects.filter(account=account).order_by("happened_at", "reference"))


def a_break(gross_minor: int = -500, *, at: datetime = LATER, **columns: Any) -> Break:
    """Let a statement show a refund that nobody made."""
    category = columns.pop("category", "refund")
    line = line_of(category, gross_minor, result=LineResult.UNMATCHED, **columns)
    look(line.account, at=at)
    return Break.objects.get(line=line)
