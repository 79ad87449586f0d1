"""A year with something planted in it, and many years without: what is told, and how often it is a false alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scipy import stats

from analytics.patterns.finding import PATTERNS, signals_in
from analytics.patterns.signals import worth_telling
from analytics.statistics.discovery import RATE

from .year import SERIAL, SPLIT_CUSTOMER, SPLITTER, STAMPER, TEAM, clean_year, planted_year

if TYPE_CHECKING:
    from analytics.patterns.signals import Looked

SEEDS = range(100, 125)
"""Each a year of about 2,250 requests, 1,570 decisions, 9 agents, 8 approvers and 1,500 customers."""


class TestPlantedYear:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_is_found_in_full(self, seed: int) -> None:
        year = planted_year(seed)
        found = {(signal.kind.slug, signal.key): signal for signal in signals_in(year.observed())}

        stamping = {key for slug, key in found if slug == "stamping"}
        assert {f"haste-{STAMPER}", f"unopened-{STAMPER}", f"identical-{STAMPER}"} <= stamping
        assert ("splitting", f"{TEAM}-GBP-10000-{SPLIT_CUSTOMER}") in found
        assert ("insiders", f"{TEAM}-{SPLITTER}-{SPLIT_CUSTOMER}") in found
        assert ("serial", str(SERIAL)) in found
        assert "damaged" in found["drift", f"{TEAM}-reasons"].sentence
        assert "1 days after the charge was disputed" in found["disputes", str(year.disputed[0].request_id)].sentence
        photo = [signal for (slug, _), signal in found.items() if slug == "photos"]
        assert [set(signal.rows) for signal in photo] == [{year.photos[0].earlier_id, year.photos[0].later_id}]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_accuses_nobody_else_of_stamping(self, seed: int) -> None:
        found = signals_in(planted_year(seed).observed())

        assert {signal.people for signal in found if signal.kind.slug in {"stamping", "approvers"}} == {(STAMPER,)}

    def test_links_a_signal_to_exactly_its_rows(self) -> None:
        year = planted_year(1)
        found = {(signal.kind.slug, signal.key): signal for signal in signals_in(year.observed())}

        hers = [one for one in year.decisions if one.approver_id == STAMPER and one.evidence_count]
        assert set(found["stamping", f"unopened-{STAMPER}"].rows) == {one.request.id for one in hers}
        split = [one.id for one in year.requests if one.customer == SPLIT_CUSTOMER and one.amount_minor == 92_00]
        assert set(split) <= set(found["splitting", f"{TEAM}-GBP-10000-{SPLIT_CUSTOMER}"].rows)


@pytest.fixture(scope="module")
def clean_looks() -> list[list[Looked]]:
    """Look once at each clean year, pattern by pattern."""
    years = [clean_year(seed).observed() for seed in SEEDS]
    return [[pattern(year) for pattern in PATTERNS] for year in years]


class TestCleanYear:
    def test_raises_no_more_alarms_than_the_stated_rate(self, clean_looks: list[list[Looked]]) -> None:
        years_with_any = sum(bool(worth_telling(looks)) for looks in clean_looks)

        # At the stated rate so many years of 25, or more, would have any in fewer than one run of a hundred.
        assert years_with_any <= stats.binom.ppf(0.99, len(SEEDS), RATE)

    @pytest.mark.parametrize("place", range(len(PATTERNS)), ids=[pattern.__name__ for pattern in PATTERNS])
    def test_gives_p_values_that_are_honest(self, clean_looks: list[list[Looked]], place: int) -> None:
        looks = [looks[place] for looks in clean_looks]
        tests = sum(look.tests for look in looks)
        small = sum((signal.p_value or 0.0) <= RATE for look in looks for signal in look.candidates)

        # Tests share rows, so that their number swings more than independent ones would.
        assert small <= 1.5 * RATE * tests
