"""The shadow report over the API says what the page says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from approvals.vocabulary import RouteState
from tests.harness.world import NOON
from tests.policies.decisions import beside, facts_of, in_shadow, kept, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.harness.world import World

    from .conftest import Caller


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def told(world: World) -> None:
    """Three cases in euros and one in dollars, two of them decided."""
    version = world.policy("eu-saas")
    signed(kept(version, facts_of(10_00, currency="EUR", days_since_delivery=1)))
    signed(
        kept(version, facts_of(20_00, currency="EUR", days_since_delivery=1), at=NOON - timedelta(days=1)),
        state=RouteState.DECLINED,
    )
    kept(version, facts_of(30_000_00, currency="EUR", days_since_delivery=1))
    kept(version, facts_of(30_00, currency="USD", days_since_delivery=1))


def figure(currency: str, count: int, minor: int, **words: str) -> dict[str, Any]:
    return {"currency": currency, "count": count, "minor": minor, **words}


@pytest.mark.usefixtures("told")
class TestShadow:
    """GET /policies/{slug}/shadow."""

    def test_says_what_would_have_been(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("ada").get("policies/saas-subscription/shadow").json()

        assert (answer["from"], answer["to"], answer["version"]) == ("2026-10-22", "2026-11-20", None)
        assert answer["formula"].startswith("agreement rate = ")
        report = answer["in_shadow"]
        assert report["count"] == 4
        assert report["would"] == [
            figure("EUR", 2, 30_00, category="refund", outcome="allow"),
            figure("EUR", 1, 30_000_00, category="refund", outcome="block"),
            figure("USD", 1, 30_00, category="refund", outcome="allow"),
        ]
        assert figure("EUR", 1, 20_00, outcome="allow", people="declined") in report["people"]
        assert report["agreement"] == {
            "agrees": 1,
            "in_part": 0,
            "disagrees": 1,
            "undecided": 2,
            "no_claim": 0,
            "rate_percent": "50.0",
        }
        assert [(day["day"], day["rate_percent"]) for day in report["days"]] == [
            ("2026-11-19", "0.0"),
            ("2026-11-20", "100.0"),
        ]

    def test_looks_at_the_days_it_is_asked_for(self, calling: Callable[[str], Caller]) -> None:
        days = {"from": "2026-11-19", "to": "2026-11-19"}

        answer = calling("ada").get("policies/saas-subscription/shadow", **days).json()

        assert answer["in_shadow"]["count"] == 1

    def test_compares_a_version_in_shadow_with_the_one_in_force(
        self, world: World, calling: Callable[[str], Caller]
    ) -> None:
        shadow = in_shadow(world, since=NOON, auto_up_to_minor=100_00)
        beside(kept(world.policy(), facts_of(60_00), mode="enforce"), shadow)

        version = calling("ada").get("policies/retail-goods/shadow").json()["version"]

        assert (version["number"], version["shadow_since"]) == (2, "2026-11-20T12:00:00Z")
        assert version["in_force"] == [figure("GBP", 1, 60_00, in_force="require_approval", outcome="allow")]

    @pytest.mark.parametrize(
        "query", [{"from": "2026-11-20", "to": "2026-11-19"}, {"from": "yesterday"}, {"until": "2026-11-20"}]
    )
    def test_refuses_days_that_make_no_sense(self, calling: Callable[[str], Caller], query: dict[str, str]) -> None:
        assert calling("ada").get("policies/saas-subscription/shadow", **query).status_code == 400

    @pytest.mark.parametrize("query", [{"to": "9999-12-31"}, {"from": "0001-01-01", "to": "9999-12-31"}])
    def test_ends_where_the_calendar_does(self, calling: Callable[[str], Caller], query: dict[str, str]) -> None:
        assert calling("ada").get("policies/saas-subscription/shadow", **query).json()["in_shadow"]["count"] == 0

    def test_of_another_team_is_not_there(self, calling: Callable[[str], Caller]) -> None:
        assert calling("ada").get("policies/no-such-policy/shadow").status_code == 404
        assert calling("amir").get("policies/saas-subscription/shadow").status_code == 403
