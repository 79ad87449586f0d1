"""Filters beside the lists of the admin site offer no row of a team the person does not work for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.people import Team, assign_to_teams
from policies.models import Policy
from tests.admin.desk import desk_of
from tests.harness.people import fresh, settle
from tests.refunds.outgoing.stage import endpoint_at
from tests.refunds.webhooks.shop import connected

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

LISTS = ("refunds_webhookdelivery", "refunds_delivery", "policies_policyversion", "refunds_refundrequest")


@pytest.fixture
def americans(world: World) -> Team:
    """A team with an endpoint, a shop, a policy and a name that tell it apart."""
    team = world.team("us-dtc")
    endpoint_at("https://zebra.example.com/", team_id=team.pk)
    connected(world, team=team, channel="shop-us", domain="zebra.myshopify.com")
    Policy.objects.filter(team=team).update(title="Zebra rules")
    Team.objects.filter(pk=team.pk).update(name="Zebra brand")
    return team


class TestAFilter:
    @pytest.mark.parametrize("name", LISTS)
    def test_offers_nothing_of_another_team(self, world: World, americans: Team, name: str) -> None:
        mei = settle("mei")
        for person in (settle("root"), mei):
            assign_to_teams(user=person, teams=[world.team()])

        for username in ("root", "mei"):
            shown = desk_of(fresh(settle(username))).get(reverse(f"admin:{name}_changelist"))
            # Whoever sets teams up sees the names of all.
            words = shown.text.replace("Zebra brand", "") if username == "root" else shown.text
            assert "zebra" not in words.lower(), username

    def test_still_offers_ones_own(self, world: World, americans: Team) -> None:
        endpoint_at("https://lion.example.com/")

        shown = desk_of(settle("root")).get(reverse("admin:refunds_webhookdelivery_changelist"))

        assert "zebra.example.com" in shown.text
