"""What a reader asks of the sums: days, team, currency, and by which day a refund counts."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

from analytics.models import MONTHS, Basis
from analytics.slices import default_slice
from config.kernel.money import known_currency
from config.kernel.people import team_ids_of
from config.kernel.web import day_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from config.kernel.people import User

LONGEST_DAYS = 10 * 366
LONGEST_MONTH_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A team by slug and a currency, empty for all; days in UTC, both included."""

    from_on: date
    to_on: date
    team: str = ""
    currency: str = ""
    basis: str = Basis.REFUND.value

    @classmethod
    def of(cls, query: Mapping[str, str], *, today: date) -> Self:
        """Read an address; days that make no sense become the last twelve months."""
        usual = default_slice(today)
        from_on, to_on = day_in(query.get("from", "")) or usual.from_on, day_in(query.get("to", "")) or usual.to_on
        if not 0 <= (to_on - from_on).days <= LONGEST_DAYS:
            from_on, to_on = usual.from_on, usual.to_on
        currency = query.get("currency", "").upper()
        return cls(
            from_on=from_on,
            to_on=to_on,
            team=query.get("team", ""),
            currency=currency if known_currency(currency) else "",
            basis=Basis.SALE.value if query.get("basis") == Basis.SALE else Basis.REFUND.value,
        )

    def narrowed(self, viewer: User) -> Q:
        """Narrow rows to the team and currency, and always to the viewer's teams."""
        found = Q(team_id__in=team_ids_of(viewer))
        if self.team:
            found &= Q(team__slug=self.team)
        return found & Q(currency=self.currency) if self.currency else found

    @property
    def days(self) -> Q:
        """Narrow cells to these days."""
        return Q(on__gte=self.from_on, on__lte=self.to_on)

    def cells_of(self, dimension: str) -> Q:
        """Narrow cells to one dimension in these days: whole months by month, the days at both ends by day."""
        begins, ends = self.from_on.day == 1, self.to_on.day == monthrange(self.to_on.year, self.to_on.month)[1]
        if self.from_on.replace(day=1) == self.to_on.replace(day=1) and not (begins and ends):
            # Asked first: before the first month and after the last there is no other.
            return Q(dimension=dimension) & self.days
        first = self.from_on if begins else _next_month(self.from_on)
        last = self.to_on if ends else self.to_on.replace(day=1) - timedelta(days=1)
        if first > last:
            return Q(dimension=dimension) & self.days
        found = Q(dimension=f"{MONTHS}{dimension}", on__gte=first, on__lte=last)
        if self.from_on < first:
            found |= Q(dimension=dimension, on__gte=self.from_on, on__lt=first)
        if self.to_on > last:
            found |= Q(dimension=dimension, on__gt=last, on__lte=self.to_on)
        return found

    def between(self, from_on: date, to_on: date) -> Ask:
        """Ask the same of fewer days."""
        return replace(self, from_on=max(from_on, self.from_on), to_on=min(to_on, self.to_on))

    def by(self, basis: Basis) -> Ask:
        """Ask the same by another day of a refund."""
        return replace(self, basis=basis.value)

    def between_months(self) -> Ask:
        """Ask the same of the whole months that these days touch."""
        return replace(self, from_on=self.from_on.replace(day=1))

    def words(self, **more: str) -> dict[str, str]:
        """Say it as the query of an address, what is empty left out."""
        told = {
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "team": self.team,
            "currency": self.currency,
            "basis": "" if self.basis == Basis.REFUND else self.basis,
            **more,
        }
        return {name: word for name, word in told.items() if word}

    def rows(self, **more: str) -> str:
        """Name the address of the rows behind a number; `by` and `value` say which, `kind` what leaked."""
        return f"{reverse('analytics:leakage_rows')}?{urlencode(self.words(**more))}"


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=LONGEST_MONTH_DAYS)).replace(day=1)
