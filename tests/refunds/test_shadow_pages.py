"""A request's page says what a policy in shadow would have done, and keeps a version in shadow to its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from policies.vocabulary import VersionState
from tests.admin.desk import desk_of
from tests.harness.world import NOON
from tests.policies.decisions import edition, in_shadow

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def page_for(person: User, filed: RefundRequest, name: str = "refunds:request") -> str:
    return desk_of(person).get(reverse(name, args=[filed.reference])).content.decode()


class TestACategoryInShadow:
    @pytest.mark.parametrize("name", ["refunds:request", "refunds:panel"])
    @pytest.mark.parametrize(
        ("unit_minor", "would"),
        [(10_00, "automatic"), (600_00, "needs approval"), (30_000_00, "blocked")],
    )
    def test_would_have_said(self, world: World, amir: User, unit_minor: int, would: str, name: str) -> None:
        filed = world.filed(world.order(team="eu-saas", unit_minor=unit_minor), by=amir)

        page = page_for(amir, filed, name)

        assert f"Shadow: the policy would have said “{would}”; a person decides." in page
        assert "Blocked by" not in page
        assert "Approved by the policy itself" not in page

    def test_would_have_been_in_the_policy_check(self, world: World, amir: User) -> None:
        shadowed = world.filed(world.order(team="eu-saas", unit_minor=10_00), by=amir)
        gated = world.filed(world.order(unit_minor=10_00), by=amir)

        assert "Would have been: automatic" in page_for(amir, shadowed)
        assert "ould have" not in page_for(amir, gated)


class TestAVersionInShadow:
    @pytest.mark.parametrize("name", ["refunds:request", "refunds:panel"])
    def test_is_shown_to_reviewers_and_not_to_agents(self, world: World, amir: User, mei: User, name: str) -> None:
        in_shadow(world, auto_up_to_minor=200_00)
        filed = world.waiting(by=amir)

        assert "Version 2, in shadow, would have said “automatic”." in page_for(mei, filed, name)
        assert "in shadow" not in page_for(amir, filed, name)

    def test_says_which_rule_speaks_against_it(self, world: World, amir: User, mei: User) -> None:
        in_shadow(world, auto_up_to_minor=10_00, approve_up_to_minor=20_00)
        filed = world.waiting(by=amir)

        page = page_for(mei, filed)

        assert "Version 2, in shadow, would have said “blocked”." in page

    def test_is_silent_where_it_said_nothing(self, world: World, amir: User, mei: User) -> None:
        filed = world.waiting(by=amir)
        edition(world, world.policy().document, VersionState.SHADOW, shadow_since=NOON)

        assert "in shadow" not in page_for(mei, filed)
