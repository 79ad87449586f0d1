"""Which part of the rows a reader looks at, and the address of exactly those rows in the list of requests."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A team by slug and a currency, empty for all; days in UTC, both included."""

    from_on: date
    to_on: date
    team: str = ""
    currency: str = ""

    @property
    def scope(self) -> Q:
        """Narrow requests to the team and the currency, whatever the day."""
        found = Q()
        if self.team:
            found &= Q(team__slug=self.team)
        if self.currency:
            found &= Q(currency=self.currency)
        return found

    @property
    def refunded(self) -> Q:
        """Narrow requests to those whose refund was confirmed within the days and has not failed since."""
        after = datetime.combine(self.from_on, time.min, tzinfo=UTC)
        before = datetime.combine(self.to_on + timedelta(days=1), time.min, tzinfo=UTC)
        return self.scope & Q(refunded_at__gte=after, refunded_at__lt=before)

    @property
    def query(self) -> Mapping[str, str]:
        """Say it as a query of the dashboard itself."""
        return {
            "team": self.team,
            "currency": self.currency,
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
        }

    def rows(self, **more: str) -> str:
        """Name the address of the requests refunded within this slice, narrowed by `more` (`reason="damaged"`)."""
        days = {"refunded_from": self.from_on.isoformat(), "refunded_to": self.to_on.isoformat()}
        return self._address({**days, **more})

    def rows_of_any_day(self, **more: str) -> str:
        """Name the address of the requests of this team and currency, refunded or not."""
        return self._address(more)

    def month_rows(self, month: date, **more: str) -> str:
        """Name the address of what was refunded in one month of this slice."""
        last = month.replace(day=monthrange(month.year, month.month)[1])
        days = {
            "refunded_from": max(month, self.from_on).isoformat(),
            "refunded_to": min(last, self.to_on).isoformat(),
        }
        return self._address({**days, **more})

    def _address(self, more: Mapping[str, str]) -> str:
        words = {"team": self.team, "currency": self.currency, **more}
        return f"{reverse('refunds:requests')}?{urlencode({name: word for name, word in words.items() if word})}"


def default_slice(today: date) -> Slice:
    """Look at this month and the eleven before it, every team, every currency."""
    return Slice(from_on=_months_back(today.replace(day=1), MONTHS_SHOWN - 1), to_on=today)


def months_of(wanted: Slice) -> list[date]:
    """List the first day of every month the slice touches, oldest first; at most ten years of them."""
    month = wanted.from_on.replace(day=1)
    found: list[date] = []
    while month <= wanted.to_on and len(found) < MONTHS_SHOWN * 10:
        found.append(month)
        month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found


def _months_back(month: date, count: int) -> date:
    years, months = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, months + 1, 1)
