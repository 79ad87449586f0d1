"""Codes and policies: edited by administrators, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from config.kernel.people import Team, assign_to_teams
from policies.models import ExceptionCode, Policy, ReasonCode
from policies.vocabulary import CodeState, VersionState
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

    def test_begins_as_a_draft_and_is_not_activated_by_saving(self, world: World, root: User) -> None:
        desk = desk_of(root)
        desk.post(reverse(ADD), CODE)
        desk.post(reverse("admin:policies_exceptioncode_change", args=["FLOODED"]), {**CODE, "label": "Flooded"})

        code = ExceptionCode.objects.get(code="FLOODED")
        assert (code.label, code.state) == ("Flooded", CodeState.DRAFT)

    def test_keeps_its_cap_in_percent(self, world: World, root: User) -> None:
        address = reverse("admin:policies_exceptioncode_change", args=["OTHER"])
        desk = desk_of(root)
        assert 'name="most_share_percent" value="5"' in desk.get(address).text.replace("5.00", "5")

        desk.post(address, {**CODE, "most_share_percent": "7.25"})

        assert ExceptionCode.objects.get(code="OTHER").most_share_basis_points == 725

    def test_is_never_deleted(self, world: World, root: User, zeus: User) -> None:
        for person in (root, zeus):
            address = reverse("admin:policies_exceptioncode_delete", args=["NO_RECEIPT"])
            assert desk_of(person).post(address, {"post": "yes"}).status_code == 403

    def test_shows_what_happened_to_it(self, world: World, root: User, mei: User) -> None:
        desk = desk_of(root)
        desk.post(reverse(ADD), CODE)
        desk.post(verb("activate"))

        for person in (root, mei):
            text = desk_of(person).get(reverse("admin:policies_exceptioncode_change", args=["FLOODED"])).text
            assert "drafted the exception code FLOODED" in text
            assert "put FLOODED to use" in text

    def test_is_only_read_by_reviewers(self, world: World, mei: User) -> None:
        address = reverse("admin:policies_reasoncode_change", args=["damaged"])

        assert desk_of(mei).get(address).status_code == 200
        assert desk_of(mei).post(address, {"label": "Broken"}).status_code == 403
        assert ReasonCode.objects.get(code="damaged").label == "Damaged"


class TestTheVerbs:
    def test_move_only_when_their_page_is_sent(self, world: World, root: User) -> None:
        desk = desk_of(root)
        desk.post(reverse(ADD), CODE)
        for word, state in (("activate", "active"), ("retire", "retired")):
            before = ExceptionCode.objects.get(code="FLOODED").state
            assert desk.get(verb(word)).status_code == 200
            assert ExceptionCode.objects.get(code="FLOODED").state == before

            assert desk.post(verb(word)).status_code == 302
            assert ExceptionCode.objects.get(code="FLOODED").state == state

    def test_merge_a_code_into_one_that_is_active(self, world: World, root: User) -> None:
        desk, address = desk_of(root), verb("merge", "LATE_DELIVERY")
        choices = dict(desk.get(address).context["form"].fields["into"].choices)
        assert "ITEM_NOT_RECEIVED" in choices
        assert "LATE_DELIVERY" not in choices

        desk.post(address, {"into": "ITEM_NOT_RECEIVED"})

        code = ExceptionCode.objects.get(code="LATE_DELIVERY")
        assert (code.state, code.merged_into_id) == (CodeState.MERGED, "ITEM_NOT_RECEIVED")
        shown = desk.get(reverse("admin:policies_exceptioncode_change", args=["LATE_DELIVERY"]))
        assert "Merged into ITEM_NOT_RECEIVED" in shown.text
        assert shown.context["tools"] == []
        assert desk.post(shown.request["PATH_INFO"], {**CODE, "label": "Back"}).status_code == 403

    @pytest.mark.parametrize("into", ["", "LATE_DELIVERY", "NO_SUCH_CODE"])
    def test_refuse_any_other_successor(self, world: World, root: User, into: str) -> None:
        answer = desk_of(root).post(verb("merge", "LATE_DELIVERY"), {"into": into})

        assert answer.status_code == 422
        assert answer.context["form"].errors["into"]
        assert ExceptionCode.objects.get(code="LATE_DELIVERY").state == CodeState.ACTIVE

    def test_name_the_policies_that_let_it_be_granted(self, world: World, root: User) -> None:
        assert desk_of(root).get(verb("retire", "WINDOW_EXPIRED")).context["named_by"]

    @pytest.mark.parametrize("word", ["activate", "retire", "merge"])
    def test_are_not_for_reviewers(self, world: World, mei: User, word: str) -> None:
        address = verb(word, "WINDOW_EXPIRED")

        assert desk_of(mei).get(address).status_code == 403
        assert desk_of(mei).post(address, {"into": "OTHER"}).status_code == 403
        assert ExceptionCode.objects.get(code="WINDOW_EXPIRED").state == CodeState.ACTIVE

    def test_are_told_when_somebody_was_faster(self, world: World, root: User) -> None:
        desk = desk_of(root)
        desk.post(verb("retire", "NO_RECEIPT"))

        assert desk.post(verb("retire", "NO_RECEIPT")).status_code == 409
        assert desk.get(verb("activate", "NO_SUCH_CODE")).status_code == 404


def verb(word: str, code: str = "FLOODED") -> str:
    """Name the page of a verb."""
    return reverse(f"admin:policies_exceptioncode_{word}", args=[code])


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
