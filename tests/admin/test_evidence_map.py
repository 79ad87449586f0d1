"""The catalogue of the evidence map in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from evidence.ledger import timeline_of
from evidence.models import EvidenceRequirement
from evidence.requirements import subject_of
from policies import cataloguing as codes
from policies.vocabulary import CodeKind
from tests.admin.desk import desk_of
from tests.harness.world import NOON
from tests.refunds.evidence_map.demands import demanded

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

ADD = "admin:evidence_evidencerequirement_add"
CHANGE = "admin:evidence_evidencerequirement_change"
LIST = "admin:evidence_evidencerequirement_changelist"
TYPED = {
    "point": "request",
    "artifact": "photo",
    "reason": "damaged",
    "above": "100",
    "currency": "gbp",
    "is_active": "on",
    "why": "Damage is seen, not told.",
    "owner": "Logistics",
}


class TestADemand:
    def test_is_added_in_whole_units(self, world: World, root: User) -> None:
        answer = desk_of(root).post(reverse(ADD), TYPED)

        assert answer.status_code == 302, answer.context["adminform"].form.errors
        kept = EvidenceRequirement.objects.get()
        assert (kept.above_minor, kept.currency, kept.reason, kept.is_active) == (100_00, "GBP", "damaged", True)
        assert timeline_of(subject_of(kept.pk)).get().actor == root

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": "moonlight"}, "reason"),
            ({"currency": ""}, "currency"),
            ({"above": "10.001"}, "above"),
            ({"why": ""}, "why"),
            ({"owner": ""}, "owner"),
            ({"point": "policy_change"}, "artifact"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, root: User, changes: dict[str, Any], field: str
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), TYPED | changes)

        assert field in answer.context["adminform"].form.errors
        assert not EvidenceRequirement.objects.exists()

    def test_is_changed_with_a_reason_that_its_page_shows(self, world: World, root: User, ada: User) -> None:
        desk = desk_of(root)
        desk.post(reverse(ADD), TYPED)
        address = reverse(CHANGE, args=[EvidenceRequirement.objects.get().pk])
        silent = desk.post(address, {**TYPED, "above": "200"})
        assert list(silent.context["adminform"].form.errors) == ["because"]

        desk.post(address, {**TYPED, "above": "200", "because": "100 was too many."})

        assert EvidenceRequirement.objects.get().above_minor == 200_00
        assert "changed what is demanded as Photo at request: above." in desk.get(address).text

    def test_is_never_deleted(self, world: World, root: User, zeus: User) -> None:
        kept = demanded()
        for person in (root, zeus):
            address = reverse("admin:evidence_evidencerequirement_delete", args=[kept.pk])
            assert desk_of(person).post(address, {"post": "yes"}).status_code == 403

    def test_is_only_read_by_reviewers(self, world: World, mei: User) -> None:
        kept = demanded(above_minor=1_00, currency="GBP")
        desk = desk_of(mei)

        assert desk.get(reverse(LIST)).status_code == 200
        shown = desk.get(reverse(CHANGE, args=[kept.pk]))
        assert 'name="_save"' not in shown.text
        assert desk.post(reverse(ADD), TYPED).status_code == 403

    def test_flags_a_retired_code_and_can_still_be_switched_off(self, world: World, root: User) -> None:
        kept = demanded(reason="damaged")
        codes.retire(kind=CodeKind.REASON, code="damaged", actor=root, at=NOON)
        desk = desk_of(root)

        assert "damaged is retired" in desk.get(reverse(LIST)).text
        typed = {"point": "approval", "artifact": "receipt", "reason": "damaged", "why": kept.why, "owner": kept.owner}
        desk.post(reverse(CHANGE, args=[kept.pk]), {**typed, "because": "The code is gone."})
        kept.refresh_from_db()
        assert not kept.is_active


class TestPatterns:
    def test_are_added_with_one_click(self, world: World, root: User) -> None:
        desk = desk_of(root)
        page = desk.get(reverse("admin:evidence_evidencerequirement_patterns")).text
        assert "Add Carrier proof for not received (1)" in page

        address = reverse("admin:evidence_evidencerequirement_pattern", args=["carrier-proof"])
        first, again = desk.post(address, follow=True), desk.post(address, follow=True)

        assert "1 added" in first.text
        assert "in the catalogue already" in again.text
        assert EvidenceRequirement.objects.get().artifact == "carrier_proof"

    def test_are_for_administrators(self, world: World, mei: User) -> None:
        desk = desk_of(mei)
        assert desk.get(reverse("admin:evidence_evidencerequirement_patterns")).status_code == 403
        address = reverse("admin:evidence_evidencerequirement_pattern", args=["carrier-proof"])
        assert (desk.get(address).status_code, desk.post(address).status_code) == (405, 403)
        assert not EvidenceRequirement.objects.exists()
