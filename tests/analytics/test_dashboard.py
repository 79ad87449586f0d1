"""The dashboard: its numbers against a recount by hand, its links against the list they lead to."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from analytics import selectors
from analytics.definitions import MEASURES
from analytics.slices import Slice, default_slice
from config.kernel.money import Money
from policies.models import ReasonCode
from refunds.vocabulary import State
from tests.refunds.books import person_with, request_in, team_called

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from config.kernel.people import Team, User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

OWNED = {"leakage_class": "preventable", "owner": "Quality", "playbook": "Read it.", "sla_hours": 24}
YEAR = Slice(from_on=date(2025, 12, 1), to_on=date(2026, 11, 20))


@pytest.fixture
def requests_of_a_year(north: Team) -> list[RefundRequest]:
    """Make ninety requests of three teams in two currencies and five states, from a seed."""
    dice = random.Random(7)  # noqa: S311 - a seed, not a secret
    reasons = [
        ReasonCode.objects.get_or_create(code=code, defaults={"label": label, **OWNED})[0]
        for code, label in (("damaged", "Damaged"), ("late_delivery", "Late delivery"))
    ]
    teams = [north, team_called("euro", "EUR"), team_called("south")]
    states = [State.REFUNDED, State.RECONCILED, State.FAILED, State.AWAITING_APPROVAL, State.INTAKE]
    return [
        request_in(
            dice.choice(states),
            team=dice.choice(teams),
            amount_minor=dice.randrange(1, 100_000),
            reason=dice.choice([*reasons, None]),
            refunded_at=datetime(2025, 10, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(0, 415 * 24 * 60)),
        )
        for _ in range(90)
    ]


def counted_by_hand(requests: list[RefundRequest], key: object) -> dict[object, tuple[int, int]]:
    """Recount in plain Python what Sam may see of the year: (key, currency) to (count, minor units)."""
    after, before = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    counts: Counter[object] = Counter()
    sums: Counter[object] = Counter()
    for one in requests:
        if one.team.slug in {"north", "euro"} and one.refunded_at is not None and after <= one.refunded_at < before:
            of = key(one), one.currency  # type: ignore[operator]
            counts[of] += 1
            sums[of] += one.approved_minor or 0
    return {of: (counts[of], sums[of]) for of in counts}


def as_counted(figures: list[selectors.Figure]) -> dict[object, tuple[int, int]]:
    return {(figure.code, figure.money.currency): (figure.count, figure.money.minor) for figure in figures}


class TestFigures:
    """Numbers against a recount."""

    def test_tie_by_month(self, sam: User, requests_of_a_year: list[RefundRequest]) -> None:
        figures = selectors.refunded_by_month(sam, YEAR)

        assert figures
        assert as_counted(figures) == counted_by_hand(requests_of_a_year, lambda one: f"{one.refunded_at:%Y-%m}")

    def test_tie_by_reason(self, sam: User, requests_of_a_year: list[RefundRequest]) -> None:
        figures = selectors.refunded_by_reason(sam, YEAR)

        assert as_counted(figures) == counted_by_hand(requests_of_a_year, lambda one: one.reason_id or "")

    def test_tie_by_outcome(self, sam: User, requests_of_a_year: list[RefundRequest]) -> None:
        assert as_counted(selectors.refunded_by_outcome(sam, YEAR)) == counted_by_hand(requests_of_a_year, lambda _: "")

    def test_tie_by_state(self, sam: User, requests_of_a_year: list[RefundRequest]) -> None:
        expected = Counter(
            (one.state, one.currency)
            for one in requests_of_a_year
            if one.team.slug != "south" and one.state != State.INTAKE
        )

        figures = selectors.requests_by_state(sam, YEAR)

        assert {(figure.code, figure.money.currency): figure.count for figure in figures} == expected

    @pytest.mark.parametrize("slug", MEASURES)
    def test_never_mix_currencies(self, sam: User, requests_of_a_year: list[RefundRequest], slug: str) -> None:
        sums: Counter[str] = Counter()
        for figure in MEASURES[slug].count(sam, YEAR):
            sums[figure.money.currency] += figure.money.minor
        alone = {
            currency: sum(
                figure.money.minor
                for figure in MEASURES[slug].count(
                    sam, Slice(from_on=YEAR.from_on, to_on=YEAR.to_on, currency=currency)
                )
            )
            for currency in ("GBP", "EUR")
        }

        assert sums == alone
        assert set(sums) == {"GBP", "EUR"}

    def test_lead_to_exactly_their_rows(
        self, client: Client, sam: User, requests_of_a_year: list[RefundRequest]
    ) -> None:
        client.force_login(sam)
        figures = [figure for measure in MEASURES.values() for figure in measure.count(sam, YEAR) if figure.rows]

        assert len(figures) > 20
        for figure in figures:
            rows = client.get(figure.rows).context["rows"]
            assert len(rows) == figure.count, figure
            assert sum((row.amount for row in rows), Money(0, figure.money.currency)) == figure.money

    @pytest.mark.parametrize(
        ("part", "whole", "said"), [(1, 3, "33.3 %"), (2, 3, "66.7 %"), (0, 0, "-"), (5, 5, "100.0 %")]
    )
    def test_shares_are_rounded_in_whole_numbers(self, part: int, whole: int, said: str) -> None:
        assert selectors.percent(part, whole) == said


class TestPage:
    """What the page says and costs."""

    def test_shows_each_currency_by_itself(self, client: Client, sam: User, north: Team) -> None:
        now = datetime.now(UTC)
        request_in(State.REFUNDED, team=north, amount_minor=1_000, refunded_at=now)
        request_in(State.REFUNDED, team=team_called("euro", "EUR"), amount_minor=700, refunded_at=now)
        client.force_login(sam)

        text = client.get(reverse("analytics:dashboard")).text

        assert "£10.00" in text
        assert "€7.00" in text
        assert "17.00" not in text

    def test_shows_nothing_of_other_teams(self, client: Client, sam: User) -> None:
        request_in(State.REFUNDED, team=team_called("south"), refunded_at=datetime.now(UTC))
        client.force_login(sam)

        assert "Nothing was refunded in these days" in client.get(reverse("analytics:dashboard")).text

    def test_prints_the_formula_beside_every_measure(
        self, client: Client, sam: User, requests_of_a_year: list[RefundRequest]
    ) -> None:
        client.force_login(sam)

        text = client.get(reverse("analytics:dashboard"), {"from": "2025-12-01", "to": "2026-11-20"}).text

        assert all(measure.formula.split(",")[0] in text for measure in MEASURES.values())

    def test_links_every_number_to_filters_that_the_list_knows(
        self, client: Client, sam: User, requests_of_a_year: list[RefundRequest]
    ) -> None:
        client.force_login(sam)
        text = client.get(reverse("analytics:dashboard"), {"from": "2025-12-01", "to": "2026-11-20"}).text

        addresses = re.findall(r'href="(/requests/\?[^"]+)"', text)

        assert len(addresses) > 40
        asked = {name for address in addresses for name in parse_qs(urlsplit(address.replace("&amp;", "&")).query)}
        assert asked <= {"state", "reason", "outcome", "currency", "refunded_from", "refunded_to", "team"}

    @pytest.mark.parametrize(
        "query",
        [
            {"from": "2026-13-01", "to": "soon"},
            {"from": "2026-05-01", "to": "2026-01-01"},
            {"currency": "XXQ", "team": "'; --"},
            {"from": "0001-01-01", "to": "9999-12-30"},
        ],
    )
    def test_survives_any_address(self, client: Client, sam: User, query: dict[str, str]) -> None:
        client.force_login(sam)

        assert client.get(reverse("analytics:dashboard"), query).status_code == 200

    def test_asks_no_more_queries_for_more_rows(
        self,
        client: Client,
        sam: User,
        requests_of_a_year: list[RefundRequest],
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        client.force_login(sam)

        with django_assert_max_num_queries(14):
            client.get(reverse("analytics:dashboard"), {"from": "2025-12-01", "to": "2026-11-20"})

    def test_is_closed_without_the_right(self, client: Client, north: Team) -> None:
        client.force_login(person_with("amir", "refunds.view_refundrequest", teams=(north,)))

        assert client.get(reverse("analytics:dashboard")).status_code == 403
        assert client.get(reverse("analytics:measure_csv", args=["refunded-by-month"])).status_code == 403

    def test_looks_at_twelve_months_unless_told_otherwise(self) -> None:
        assert default_slice(date(2026, 3, 15)) == Slice(from_on=date(2025, 4, 1), to_on=date(2026, 3, 15))


class TestCsv:
    """The same figures as a file."""

    @pytest.mark.parametrize("slug", MEASURES)
    def test_ties_with_the_page(
        self, client: Client, sam: User, requests_of_a_year: list[RefundRequest], slug: str
    ) -> None:
        client.force_login(sam)
        query = {"from": "2025-12-01", "to": "2026-11-20"}

        response = client.get(reverse("analytics:measure_csv", args=[slug]), query)

        rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
        figures = MEASURES[slug].count(sam, YEAR)
        assert [(row["Code"], row["Currency"], row["Amount"]) for row in rows] == [
            (figure.code, figure.money.currency, f"{figure.money.major:f}") for figure in figures
        ]

    def test_does_not_run_a_label(self, client: Client, sam: User, north: Team) -> None:
        reason = ReasonCode.objects.create(code="evil", label="=HYPERLINK(1)", **OWNED)
        request_in(State.REFUNDED, team=north, reason=reason, refunded_at=datetime.now(UTC))
        client.force_login(sam)

        text = client.get(reverse("analytics:measure_csv", args=["refunded-by-reason"])).text

        assert "'=HYPERLINK(1)" in text

    def test_is_404_for_a_measure_nobody_defined(self, client: Client, sam: User) -> None:
        client.force_login(sam)

        assert client.get(reverse("analytics:measure_csv", args=["leakage"])).status_code == 404
