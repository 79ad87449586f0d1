"""Whether each statement of an account begins with what the one before it ended with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Window
from django.db.models.functions import Lag

from config.kernel.money import Money
from refunds.models import StatementBalance

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from .report import Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Money that moved between two statements of one account of ours, so that one may be missing or wrong."""

    own_account: str
    ended_in: str
    ended_at: datetime | None
    ended: Money
    began: Money

    def __str__(self) -> str:
        name = f"{self.own_account} begins" if self.own_account else "A statement begins"
        apart = Money(abs((self.began - self.ended).minor), self.began.currency)
        day = f" on {self.ended_at:%-d %B}" if self.ended_at else ""
        return (
            f"{name} with {self.began}, and {self.ended_in} ended{day} with {self.ended}: "
            f"{apart} apart. A statement between them may be missing, or an amount is wrong."
        )


def gap_before(balance: Balance, *, account: str, from_at: datetime) -> Gap | None:
    """Hold what a file begins with against the last statement that ends before it."""
    before = (
        _standing(account)
        .filter(statement__to_at__lt=from_at, own_account=balance.own_account, currency=balance.currency)
        .order_by("-statement__to_at", "-pk")
        .first()
    )
    if before is None or before.closing_minor == balance.opening_minor:
        return None
    return _gap(before, Money(balance.opening_minor, balance.currency))


def gaps_between(account: str, *, from_at: datetime, until_at: datetime) -> list[Gap]:
    """Find the statements that begin within a time and do not go on where the one before them ended.

    Statements whose days overlap are not held against each other: the days say nothing about their order.
    """
    own = [F("own_account"), F("currency")]
    in_order = [F("statement__from_at").asc(), F("pk").asc()]
    balances = _standing(account).annotate(
        before_id=Window(Lag("pk"), partition_by=own, order_by=in_order),
        before_minor=Window(Lag("closing_minor"), partition_by=own, order_by=in_order),
        before_at=Window(Lag("statement__to_at"), partition_by=own, order_by=in_order),
    )
    apart = balances.filter(
        before_at__lt=F("statement__from_at"), statement__from_at__gte=from_at, statement__from_at__lt=until_at
    ).exclude(before_minor=F("opening_minor"))
    found = list(apart.order_by("statement__from_at", "pk"))
    before = StatementBalance.objects.select_related("statement").in_bulk([one.before_id for one in found])
    return [_gap(before[one.before_id], one.opening) for one in found]


def _standing(account: str) -> QuerySet[StatementBalance]:
    return StatementBalance.objects.select_related("statement").filter(
        statement__account=account, statement__undone_at__isnull=True
    )


def _gap(before: StatementBalance, began: Money) -> Gap:
    return Gap(
        own_account=before.own_account,
        ended_in=before.statement.filename,
        ended_at=before.statement.to_at,
        ended=before.closing,
        began=began,
    )
