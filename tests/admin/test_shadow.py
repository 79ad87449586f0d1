"""The shadow report in the admin site: every figure leads to exactly its rows, and the file proves them."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.vocabulary import RouteState
from config.kernel.people import assign_to_teams
from tests.admin.desk import desk_of
from tests.harness.people import fresh
from tests.harness.world import NOON
from tests.policies.decisions import beside, facts_of, in_shadow, kept, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from policies.models import Policy, PolicyVersion
    from tests.harness.world import World

FIGURE = re.compile(r'<td><a href="([^"]+)">(\d+)</a>')


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def saas(world: World) -> Policy:
    """A policy in shadow that said something of six cases."""
    version = world.policy("eu-saas")
    answers = (RouteState.APPROVED, RouteState.DECLINED, RouteState.OPEN, None)
    for place, answer in enumerate(answers):
        decision = kept(
            version,
            facts_of(10_00 + place, currency="EUR", days_since_delivery=1),
            at=NOON - timedelta(days=place),
        )
        if answer is not None:
            signed(decision, state=answer)
    kept(version, facts_of(30_000_00, currency="EUR", days_since_delivery=1))
    kept(version, facts_of(20_00, currency="USD", days_since_delivery=1), reference="=SUM(A1)")
    return version.policy


@pytest.fixture
def tried(world: World) -> PolicyVersion:
    """A version in shadow beside one that gates."""
    version = in_shadow(world, since=NOON - timedelta(days=2), auto_up_to_minor=100_00)
    for minor in (40_00, 60_00, 200_00):
        beside(kept(world.policy(), facts_of(minor), mode="enforce"), version)
    return version


def report(policy: Policy, number: int | None = None, word: str = "shadow") -> str:
    """Name a page of a report."""
    if number is None:
        return reverse(f"admin:policies_policy_{word}", args=[policy.pk])
    return reverse(f"admin:policies_policy_version_{word}", args=[policy.pk, number])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


class TestTheReport:
    def test_leads_from_every_figure_to_exactly_its_rows(self, saas: Policy, milo: User) -> None:
        desk = desk_of(milo)
        figures = FIGURE.findall(text_of(desk.get(report(saas))))

        assert len(figures) > 20
        for href, count in figures:
            rows = desk.get(unescape(href)).context["rows"]
            assert len(rows) == int(count), href

    def test_leads_there_for_a_version_too(self, tried: PolicyVersion, milo: User) -> None:
        desk = desk_of(milo)
        page = desk.get(report(tried.policy, tried.number))
        figures = FIGURE.findall(text_of(page))

        assert "Beside the version in force" in text_of(page)
        assert len(figures) > 10
        for href, count in figures:
            assert len(desk.get(unescape(href)).context["rows"]) == int(count), href

    def test_shows_each_currency_by_itself(self, saas: Policy, milo: User) -> None:
        page = desk_of(milo).get(report(saas))

        assert [table.currency for table in page.context["would"]] == ["EUR", "USD"]
        euros = page.context["would"][0].rows[-1]
        assert [(figure.tally.count, str(figure.tally.money)) if figure else None for figure in euros.figures] == [
            (4, "€40.06"),
            None,
            None,
            (1, "€30,000.00"),
            (5, "€30,040.06"),
        ]

    def test_says_how_agreement_is_reckoned(self, saas: Policy, milo: User) -> None:
        page = desk_of(milo).get(report(saas))

        assert "agreement rate = agrees ÷ (agrees + agrees in part + disagrees)" in text_of(page)
        together = page.context["by_category"][-1]
        assert (together.label, together.agreed.rate, together.agreed.undecided) == ("All", "50.0", 4)

    def test_looks_at_the_days_it_is_asked_for(self, saas: Policy, milo: User) -> None:
        page = desk_of(milo).get(report(saas), {"from": "2026-11-17", "to": "2026-11-18"})

        assert page.context["count"] == 2

    @pytest.mark.parametrize(
        "odd",
        [
            {"from": "tomorrow", "to": "0001-01-01"},
            {"from": "9998-12-31"},
            {"outcome": "maybe\x00", "currency": "XXXX", "day": "1"},
            {"after": "not-an-id", "people": "\x00"},
        ],
    )
    def test_never_stumbles_over_an_address(self, saas: Policy, milo: User, odd: dict[str, str]) -> None:
        for word in ("shadow", "shadow_rows", "shadow_file"):
            assert desk_of(milo).get(report(saas, word=word), odd).status_code == 200

    def test_says_so_when_there_is_nothing(self, world: World, milo: User) -> None:
        assert "Nothing to report" in text_of(desk_of(milo).get(report(world.policy().policy)))

    def test_asks_the_database_as_often_at_any_length(self, world: World, saas: Policy, milo: User) -> None:
        desk = desk_of(milo)
        desk.get(report(saas))
        with CaptureQueriesContext(connection) as few:
            desk.get(report(saas))
        for minor in range(1, 20):
            kept(world.policy("eu-saas"), facts_of(minor, currency="EUR"))

        with CaptureQueriesContext(connection) as many:
            desk.get(report(saas))

        assert len(many) == len(few)

    def test_is_offered_where_it_belongs(self, tried: PolicyVersion, milo: User) -> None:
        desk = desk_of(milo)
        policy = text_of(desk.get(reverse("admin:policies_policy_change", args=[tried.policy_id])))
        version = text_of(desk.get(reverse("admin:policies_policyversion_change", args=[tried.pk])))

        assert report(tried.policy) in policy
        assert report(tried.policy, tried.number) in version


class TestTheRows:
    def test_are_leafed_through(self, world: World, milo: User) -> None:
        for minor in range(1, 61):
            kept(world.policy("eu-saas"), facts_of(minor, currency="EUR"))
        desk, seen = desk_of(milo), []
        address = report(world.policy("eu-saas").policy, word="shadow_rows")
        while address:
            page = desk.get(address)
            seen += [row.pk for row, *_ in page.context["rows"]]
            address = page.context["next"]

        assert len(seen) == len(set(seen)) == 60


class TestTheFile:
    def test_holds_the_rows_their_sums_and_a_proof(self, saas: Policy, milo: User) -> None:
        answer = desk_of(milo).get(report(saas, word="shadow_file"), {"outcome": "allow"})
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        text = content.decode("utf-8-sig")
        lines = text.splitlines()

        assert lines[0].startswith("Reference,Decision,Decided at")
        assert len(lines) == 1 + 5 + 6
        above, _, proof = text.rpartition("SHA-256 of all above,")
        assert proof.strip() == hashlib.sha256(b"\xef\xbb\xbf" + above.encode()).hexdigest()
        assert "Rows,5" in lines
        assert "Sum,EUR,40.06" in lines
        assert "Sum,USD,20.00" in lines
        assert f"Query,{report(saas, word='shadow_file')}?outcome=allow" in lines

    def test_holds_no_formula(self, saas: Policy, milo: User) -> None:
        answer = desk_of(milo).get(report(saas, word="shadow_file"), {"currency": "USD"})

        assert b"'=SUM(A1)" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["shadow", "shadow_rows", "shadow_file"])
class TestEveryPage:
    def test_is_not_there_for_strangers(self, world: World, tried: PolicyVersion, mei: User, word: str) -> None:
        assign_to_teams(user=mei, teams=[world.team("us-dtc")])

        stranger = desk_of(fresh(mei))

        assert stranger.get(report(tried.policy, word=word)).status_code == 404
        assert stranger.get(report(tried.policy, tried.number, word)).status_code == 404

    def test_is_refused_without_the_right(self, tried: PolicyVersion, amir: User, word: str) -> None:
        amir.is_staff = True
        amir.save()

        assert desk_of(amir).get(report(tried.policy, word=word)).status_code == 403
        assert desk_of(amir).get(report(tried.policy, tried.number, word)).status_code == 403

    def test_of_a_version_that_is_not_there_is_not_there(self, tried: PolicyVersion, milo: User, word: str) -> None:
        assert desk_of(milo).get(report(tried.policy, 99, word)).status_code == 404
