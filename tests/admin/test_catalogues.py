"""Codes and policies: edited by administrators, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from config.kernel.people import Team, assign_to_teams
from policies.models import ExceptionCode, Policy, ReasonCode
from policies.vocabulary import VersionState
from tests.admin.desk import desk_of

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

CODE = {
    "code": "FLOODED",
    "label": "Flooded warehouse",
    "leakage_class": "unavoidable",
    "owner": "Logistics",
    "playbook": "Refund in full, claim on the insurance.",
    "sla_hours": "24",
    "evidence_kinds": ["photo"],
    "is_active": "on",
}
ADD = "admin:policies_exceptioncode_add"


class TestAnExceptionCode:
    def test_is_added_with_owner_and_playbook(self, world: World, root: User) -> None:
        desk_of(root).post(reverse(ADD), CODE)

        code = ExceptionCode.objects.get(code="FLOODED")
        assert (code.owner, code.evidence_kinds) == ("Logistics", ["photo"])

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"owner": " "}, "owner"),
            ({"playbook": ""}, "playbook"),
            ({"code": "flooded"}, "code"),
            ({"sla_hours": ""}, "sla_hours"),
            ({"evidence_kinds": ["rumour"]}, "evidence_kinds"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, root: User, changes: dict[str, Any], field: str
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), CODE | changes)

        assert list(answer.context["adminform"].form.errors) == [field]
        assert not ExceptionCode.objects.filter(label="Flooded warehouse").exists()

    def test_is_switched_off_and_not_deleted(self, world: World, root: User, zeus: User) -> None:
        used = {**CODE, "is_active": ""}
        desk_of(root).post(reverse("admin:policies_exceptioncode_change", args=["NO_RECEIPT"]), used)

        assert not ExceptionCode.objects.get(code="NO_RECEIPT").is_active
        for person in (root, zeus):
            address = reverse("admin:policies_exceptioncode_delete", args=["NO_RECEIPT"])
            assert desk_of(person).post(address, {"post": "yes"}).status_code == 403

    def test_is_only_read_by_reviewers(self, world: World, mei: User) -> None:
        address = reverse("admin:policies_reasoncode_change", args=["damaged"])

        assert desk_of(mei).get(address).status_code == 200
        assert desk_of(mei).post(address, {"label": "Broken"}).status_code == 403
        assert ReasonCode.objects.get(code="damaged").label == "Damaged"


class TestAPolicy:
    def test_begins_in_shadow_with_the_draft_of_a_template(self, world: World, root: User) -> None:
        team = Team.objects.create(slug="fr", name="France", currency="EUR")
        assign_to_teams(user=root, teams=Team.objects.all())
        filled = {"team": team.pk, "title": "France", "slug": "fr-retail", "template": "retail-goods"}

        answer = desk_of(root).post(reverse("admin:policies_policy_add"), filled)

        assert answer.status_code == 302, answer.context["errors"]
        policy = Policy.objects.get(slug="fr-retail")
        assert (policy.team, policy.enforced_categories) == (team, [])
        assert [version.state for version in policy.versions.all()] == [VersionState.DRAFT]

    def test_switches_no_category_to_enforce(self, world: World, root: User, zeus: User) -> None:
        policy = Policy.objects.get(team=world.team("eu-saas"))
        for person in (root, zeus):
            desk_of(person).post(
                reverse("admin:policies_policy_change", args=[policy.pk]),
                {"title": "Renamed", "enforced_categories": ["refund"], "slug": "other", "team": world.team().pk},
            )

        policy.refresh_from_db()
        assert (policy.title, policy.enforced_categories, policy.team) == ("Renamed", [], world.team("eu-saas"))
        assert policy.slug != "other"

    def test_is_never_deleted(self, world: World, zeus: User) -> None:
        policy = Policy.objects.get(team=world.team())

        answer = desk_of(zeus).post(reverse("admin:policies_policy_delete", args=[policy.pk]), {"post": "yes"})

        assert answer.status_code == 403
