"""The modes of a policy: a table under it, and a page for each verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.people import assign_to_teams
from policies import switching
from policies.models import ModeChange, Policy
from tests.admin.desk import desk_of
from tests.harness.people import fresh
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

WHY = "Agreement was 99 % for six weeks."


def policy_of(world: World) -> Policy:
    """Read the European policy, which is all in shadow."""
    return Policy.objects.get(team=world.team("eu-saas"))


def propose_page(world: World, category: str = "refund") -> str:
    """Name the page."""
    return reverse("admin:policies_policy_propose_mode", args=[policy_of(world).pk, category])


def proposed(world: World, actor: User) -> ModeChange:
    """Propose to gate refunds."""
    return switching.propose_mode(
        policy_id=policy_of(world).pk, category="refund", mode="enforce", why=WHY, actor=actor, at=NOON
    )


def answer_page(change: ModeChange, verb: str) -> str:
    """Name the page."""
    return reverse(f"admin:policies_policy_{verb}_mode", args=[change.pk])


class TestTheTableOfModes:
    def test_says_what_each_category_does(self, world: World, mei: User, root: User) -> None:
        change = proposed(world, mei)
        switching.confirm_mode(change_id=change.pk, actor=root, at=NOON)

        page = desk_of(mei).get(reverse("admin:policies_policy_change", args=[policy_of(world).pk]))

        rows = {row.category: row for row in page.context["rows"]}
        assert (rows["refund"].mode, rows["payout"].mode) == ("enforce", "shadow")
        assert "Mei and Root" in page.content.decode()
        assert "Propose enforce" in page.content.decode()

    def test_offers_the_answer_to_another_person(self, world: World, mei: User, milo: User) -> None:
        change = proposed(world, mei)
        address = reverse("admin:policies_policy_change", args=[policy_of(world).pk])

        assert answer_page(change, "confirm") in desk_of(milo).get(address).content.decode()
        own = desk_of(mei).get(address).content.decode()
        assert answer_page(change, "confirm") not in own
        assert "It waits for a second person." in own


class TestProposing:
    def test_moves_nothing_until_it_is_sent_and_answered(self, world: World, mei: User, milo: User) -> None:
        desk = desk_of(mei)
        assert desk.get(propose_page(world)).status_code == 200
        assert not ModeChange.objects.exists()

        desk.post(propose_page(world), {"why": WHY, "mode": "enforce"})
        change = ModeChange.objects.get()
        assert (change.proposed_by, policy_of(world).enforced_categories) == (mei, [])
        page = desk_of(milo).get(answer_page(change, "confirm")).content.decode()
        assert WHY in page
        assert policy_of(world).enforced_categories == []
        desk_of(milo).post(answer_page(change, "confirm"), {"answer": ""})

        assert policy_of(world).enforced_categories == ["refund"]

    @pytest.mark.parametrize("typed", [{"why": "", "mode": "enforce"}, {"why": WHY, "mode": "shadow"}, {"why": WHY}])
    def test_is_refused_with_what_was_typed(self, world: World, mei: User, typed: dict[str, str]) -> None:
        answer = desk_of(mei).post(propose_page(world), typed)

        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert not ModeChange.objects.exists()

    def test_is_hidden_from_strangers(self, world: World, mei: User) -> None:
        assign_to_teams(user=mei, teams=[world.team("us-dtc")])

        assert desk_of(fresh(mei)).get(propose_page(world)).status_code == 404

    def test_of_an_unknown_category_is_not_found(self, world: World, mei: User) -> None:
        assert desk_of(mei).get(propose_page(world, "gift")).status_code == 404


class TestAnswering:
    @pytest.mark.parametrize("verb", ["confirm", "refuse"])
    def test_ones_own_proposal_is_refused(self, world: World, zeus: User, verb: str) -> None:
        change = proposed(world, zeus)

        for method in ("get", "post"):
            assert getattr(desk_of(zeus), method)(answer_page(change, verb), {"answer": WHY}).status_code == 403

        change.refresh_from_db()
        assert (change.state, policy_of(world).enforced_categories) == ("proposed", [])

    def test_with_no_says_why(self, world: World, mei: User, milo: User) -> None:
        change = proposed(world, mei)

        refused = desk_of(milo).post(answer_page(change, "refuse"), {"answer": ""})
        assert refused.status_code == 422
        desk_of(milo).post(answer_page(change, "refuse"), {"answer": "Six weeks are too few."})

        change.refresh_from_db()
        assert (change.state, policy_of(world).enforced_categories) == ("refused", [])

    def test_is_out_of_date_the_second_time(self, world: World, mei: User, milo: User) -> None:
        change = proposed(world, mei)
        desk_of(milo).post(answer_page(change, "confirm"), {})

        assert desk_of(milo).post(answer_page(change, "refuse"), {"answer": WHY}).status_code == 409
