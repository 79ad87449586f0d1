"""Which cells answer a question: months where they are whole, days at both ends, and never one twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analytics.leakage.asking import Ask
from analytics.models import MONTHS, SUMMED, OutflowCell
from config.kernel.people import Team

BEGINS, DAYS = date(2026, 1, 1), 120


def cells(ask: Ask) -> list[tuple[str, date]]:
    found = OutflowCell.objects.filter(ask.cells_of("code"), basis="refund")
    return sorted(found.values_list("dimension", "on"))


@pytest.fixture
def written(db: None) -> None:
    """One request on each of 120 days from New Year, by day and by month."""
    team = Team.objects.create(slug="a", name="A", currency="GBP")
    days = [BEGINS + timedelta(days=place) for place in range(DAYS)]
    nothing = dict.fromkeys(SUMMED, 0)
    same = {"basis": "refund", "team": team, "currency": "GBP", "value": "X"}
    OutflowCell.objects.bulk_create(
        OutflowCell(dimension="code", on=day, **same, **{**nothing, "count": 1}) for day in days
    )
    for month in sorted({day.replace(day=1) for day in days}):
        count = sum(day.replace(day=1) == month for day in days)
        OutflowCell.objects.create(dimension=f"{MONTHS}code", on=month, **same, **{**nothing, "count": count})


@pytest.mark.usefixtures("written")
class TestCellsOf:
    def test_whole_months_are_read_by_month(self) -> None:
        assert cells(Ask(from_on=date(2026, 1, 1), to_on=date(2026, 2, 28))) == [
            ("month.code", date(2026, 1, 1)),
            ("month.code", date(2026, 2, 1)),
        ]

    def test_ends_are_read_by_day(self) -> None:
        assert cells(Ask(from_on=date(2026, 1, 30), to_on=date(2026, 3, 2))) == [
            ("code", date(2026, 1, 30)),
            ("code", date(2026, 1, 31)),
            ("code", date(2026, 3, 1)),
            ("code", date(2026, 3, 2)),
            ("month.code", date(2026, 2, 1)),
        ]

    def test_days_within_a_month_are_read_by_day(self) -> None:
        assert cells(Ask(from_on=date(2026, 2, 2), to_on=date(2026, 2, 3))) == [
            ("code", date(2026, 2, 2)),
            ("code", date(2026, 2, 3)),
        ]

    def test_every_stretch_counts_each_of_its_days_once(self) -> None:
        last = BEGINS + timedelta(days=89)
        for start in range(0, 90, 7):
            for end in range(start, 90, 5):
                ask = Ask(from_on=BEGINS + timedelta(days=start), to_on=min(BEGINS + timedelta(days=end), last))
                found = OutflowCell.objects.filter(ask.cells_of("code"), basis="refund")

                assert sum(found.values_list("count", flat=True)) == end - start + 1
