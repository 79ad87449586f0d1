"""A draft from a typed template: chosen and read first, and in force only when somebody publishes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from config.kernel.people import Team, assign_to_teams
from policies.models import Policy, PolicyVersion
from policies.templates import TypedTemplate, typed_templates
from policies.vocabulary import VersionState
from tests.admin.desk import desk_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

LIST = reverse("admin:policies_policy_templates")


def page_of(slug: str) -> str:
    """Name the page of a template."""
    return reverse("admin:policies_policy_template", args=[slug])


class TestTheListOfTemplates:
    def test_says_of_each_why_its_numbers(self, world: World, milo: User) -> None:
        page = desk_of(milo).get(LIST).content.decode()
        for template in typed_templates():
            assert template.title in page
            assert page_of(template.slug) in page
        assert "our own choice" in page

    def test_is_offered_above_the_versions(self, world: World, milo: User) -> None:
        page = desk_of(milo).get(reverse("admin:policies_policyversion_changelist")).content.decode()
        assert LIST in page

    def test_is_offered_on_the_page_of_a_policy(self, world: World, milo: User) -> None:
        policy = Policy.objects.get(team=world.team())
        page = desk_of(milo).get(reverse("admin:policies_policy_change", args=[policy.pk])).content.decode()
        assert f"{LIST}?policy={policy.pk}" in page

    @pytest.mark.parametrize("name", ["ada", "amir"])
    def test_is_for_writers_alone(self, world: World, name: str) -> None:
        assert desk_of(settle(name)).get(LIST).status_code in {302, 403}


class TestATemplatesPage:
    @pytest.mark.parametrize("template", typed_templates(), ids=lambda template: template.slug)
    def test_shows_its_rules_and_its_matrix(self, world: World, milo: User, template: TypedTemplate) -> None:
        answer = desk_of(milo).get(page_of(template.slug))
        page = answer.content.decode()
        assert answer.status_code == 200
        assert all(sentence in page for sentence in template.sentences[:3])
        assert "A currency without bands is never automatic." in page
        assert 'class="matrix"' in page

    def test_drafts_the_next_version(self, world: World, milo: User) -> None:
        in_force = world.policy()
        answer = desk_of(milo).post(page_of("conservative-smb"), {"team": world.team().pk})

        draft = PolicyVersion.objects.get(policy=in_force.policy, state=VersionState.DRAFT)
        assert answer["Location"] == reverse("admin:policies_policyversion_change", args=[draft.pk])
        assert (draft.number, draft.author) == (2, milo)
        assert world.policy() == in_force

    def test_opens_a_policy_in_shadow_for_whoever_may(self, world: World) -> None:
        team = Team.objects.create(slug="nordic", name="Nordic", currency="EUR")
        root = settle("root")
        assign_to_teams(user=root, teams=[team])

        answer = desk_of(settle("root")).post(page_of("travel-services"), {"team": team.pk})

        assert answer.status_code == 302
        policy = Policy.objects.get(team=team)
        assert policy.enforced_categories == []
        assert [version.state for version in policy.versions.all()] == [VersionState.DRAFT]

    def test_offers_no_team_without_a_policy_to_others(self, world: World, milo: User) -> None:
        team = Team.objects.create(slug="nordic", name="Nordic", currency="EUR")
        assign_to_teams(user=milo, teams=[*world.teams.values(), team])

        answer = desk_of(settle("milo")).post(page_of("travel-services"), {"team": team.pk})

        assert answer.status_code == 422
        assert not Policy.objects.filter(team=team).exists()

    def test_offers_no_team_of_others(self, world: World, milo: User) -> None:
        assign_to_teams(user=milo, teams=[world.team("us-dtc")])

        answer = desk_of(settle("milo")).post(page_of("retail-goods"), {"team": world.team().pk})

        assert answer.status_code == 422
        assert not PolicyVersion.objects.filter(state=VersionState.DRAFT).exists()

    def test_of_no_template_is_not_found(self, world: World, milo: User) -> None:
        assert desk_of(milo).get(page_of("free-money")).status_code == 404
