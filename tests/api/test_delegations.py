"""Delegations over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from approvals.models import Delegation
from evidence.models import LedgerEntry
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db


def body(**changes: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "to": "dana",
        "from_at": now.isoformat(),
        "until_at": (now + timedelta(days=3)).isoformat(),
        "teams": ["uk-retail"],
        "categories": ["refund"],
        "single_minor": 300_00,
        "currency": "GBP",
        **changes,
    }


class TestAnOffer:
    def test_is_answered_as_it_was_said(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        answer = calling("viktor").post("delegations", body())

        assert answer.status_code == 201
        told = answer.json()
        assert (told["lent_by"], told["to"], told["state"]) == ("viktor", "dana", "offered")
        assert (told["teams"], told["categories"]) == (["uk-retail"], ["refund"])
        assert (told["single_minor"], told["currency"], told["answered_at"]) == (300_00, "GBP", None)

    def test_needs_only_a_colleague_and_a_time(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        words = {name: body()[name] for name in ("to", "from_at", "until_at")}
        told = calling("viktor").post("delegations", words).json()

        assert (told["teams"], told["categories"], told["single_minor"], told["currency"]) == ([], [], None, "")

    def test_said_twice_with_one_key_is_made_once(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        words = body()
        first = calling("viktor").post("delegations", words, key="lend-1")
        again = calling("viktor").post("delegations", words, key="lend-1")

        assert first.json() == again.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        assert Delegation.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "status", "field"),
        [
            ({"to": "amir"}, 422, "to"),
            ({"to": "viktor"}, 422, "to"),
            ({"to": "who"}, 422, "to"),
            ({"to": "bot"}, 422, "to"),
            ({"teams": ["moon"]}, 422, "teams"),
            ({"categories": ["laundry"]}, 422, "categories"),
            ({"single_minor": 5_000_01}, 422, "single_minor"),
            ({"single_minor": -1}, 422, "single_minor"),
            ({"single_minor": 0}, 422, "single_minor"),
            ({"currency": ""}, 422, "currency"),
            ({"until_at": "2020-01-01T00:00:00Z"}, 422, "until_at"),
            ({"until_at": "2020-01-01T00:00:00"}, 400, "until_at"),
            ({"single_minor": "1"}, 400, "single_minor"),
            ({"chain": True}, 400, "chain"),
            ({"to": 7}, 400, "to"),
        ],
    )
    def test_names_the_field_that_cannot_be(
        self, world: World, calling: Callable[[str], Caller], changes: dict[str, Any], status: int, field: str
    ) -> None:
        for name in ("dana", "amir", "bot"):
            settle(name)
        answer = calling("viktor").post("delegations", body(**changes))

        assert answer.status_code == status, answer.json()
        assert field in {fault["field"] for fault in answer.json()["errors"]}
        assert not Delegation.objects.exists()

    @pytest.mark.parametrize("username", ["bot", "amir", "ada", "root", "nobody"])
    def test_is_made_by_approvers_alone(self, world: World, calling: Callable[[str], Caller], username: str) -> None:
        settle("dana")
        answer = calling(username).post("delegations", body())

        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


class TestAnAnswer:
    def test_puts_it_in_force_and_ends_it(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        made = calling("viktor").post("delegations", body()).json()["id"]

        accepted = calling("dana").post(f"delegations/{made}/accept")
        ended = calling("viktor").post(f"delegations/{made}/end")
        late = calling("dana").post(f"delegations/{made}/end")

        assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
        assert (ended.status_code, ended.json()["state"]) == (200, "ended")
        assert (late.status_code, late.json()["code"]) == (409, "out_of_date")
        kinds = LedgerEntry.objects.filter(subject_kind="delegation", subject_id=made).order_by("seq")
        assert [entry.kind for entry in kinds] == ["delegation.offered", "delegation.accepted", "delegation.ended"]

    def test_may_be_no(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        made = calling("viktor").post("delegations", body()).json()["id"]

        assert calling("dana").post(f"delegations/{made}/decline").json()["state"] == "declined"
        assert calling("dana").post(f"delegations/{made}/accept").status_code == 409

    def test_is_the_colleagues_alone(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        made = calling("viktor").post("delegations", body()).json()["id"]

        assert calling("vera").post(f"delegations/{made}/accept").status_code == 404
        assert calling("viktor").post(f"delegations/{made}/accept").status_code == 403
        assert calling("root").post(f"delegations/{made}/accept").status_code == 403
        assert calling("bot").post(f"delegations/{made}/accept").status_code == 403
        assert calling("root").post(f"delegations/{made}/end").status_code == 200


class TestTheList:
    def test_holds_ones_own_and_everybodys_for_auditors(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        made = calling("viktor").post("delegations", body()).json()["id"]

        for username, ids in (("viktor", [made]), ("dana", [made]), ("ada", [made]), ("root", [made]), ("vera", [])):
            assert [row["id"] for row in calling(username).get("delegations").json()["results"]] == ids, username

    def test_comes_in_pages_the_latest_offer_first(self, world: World, calling: Callable[[str], Caller]) -> None:
        settle("dana")
        for _ in range(3):
            calling("viktor").post("delegations", body())

        first = calling("viktor").get("delegations", page_size=2).json()

        assert len(first["results"]) == 2
        assert first["results"][0]["offered_at"] > first["results"][1]["offered_at"]
        assert first["next"]
        assert calling("viktor").get("delegations", made_up=1).status_code == 400
