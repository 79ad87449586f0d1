"""Who writes the catalogue of the evidence map, what it refuses, and what the ledger keeps of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from config.kernel.refusals import NotPermitted, Refused
from evidence.ledger import timeline_of
from evidence.models import EvidenceRequirement
from evidence.requirements import Demand, subject_of
from policies import cataloguing as codes
from policies.vocabulary import CodeKind
from refunds.evidence_map.cataloguing import add_requirements, set_requirement
from refunds.evidence_map.patterns import PATTERNS, pattern_named
from refunds.evidence_map.words import catalogue, flags_of, when_words
from tests.harness.world import NOON

from .demands import WHY, demanded

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db
RECEIPT = Demand(point="approval", artifact="receipt", why=WHY, owner="Control")


class TestADemand:
    def test_is_kept_with_who_and_why(self, world: World, root: User) -> None:
        kept = set_requirement(
            demand=replace(RECEIPT, above_minor=100_00, currency="GBP", reason="damaged"), actor=root, at=NOON
        )

        entry = timeline_of(subject_of(kept.pk)).get()
        told = json.loads(entry.payload)["data"]
        assert (entry.kind, entry.actor, told["why"]) == ("evidence_requirement.added", root, WHY)
        assert told["after"]["above_minor"] == 100_00
        assert when_words(kept) == "reason “damaged”, above £100.00"

    def test_is_changed_and_switched_off_with_a_reason(self, world: World, root: User) -> None:
        kept = demanded()

        set_requirement(
            demand=replace(RECEIPT, is_active=False), requirement_id=kept.pk, because="Too slow.", actor=root, at=NOON
        )

        entry = list(timeline_of(subject_of(kept.pk)))[-1]
        assert (entry.sentence, json.loads(entry.payload)["data"]["why"]) == (
            "stopped demanding: Receipt at approval.",
            "Too slow.",
        )
        with pytest.raises(Refused, match="why you change it"):
            set_requirement(demand=RECEIPT, requirement_id=kept.pk, actor=root, at=NOON)

    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"reason": "moonlight"}, "reason", "There is no reason “moonlight”"),
            ({"exception_code": "NONSENSE"}, "exception_code", "There is no exception code “NONSENSE”"),
            ({"category": "gifts"}, "category", "There is no category"),
            ({"method": "pigeon"}, "method", "There is no payout method"),
            ({"artifact": "rumour"}, "artifact", "There is no artifact"),
            ({"point": "lunch"}, "point", "There is no decision point"),
            ({"artifact": "execution_record"}, "artifact", "cannot be there before “Approval”"),
            ({"point": "message", "artifact": "message_review"}, "point", "has a gate that is always the same"),
            ({"point": "remediation_closure", "artifact": "photo"}, "point", "has no gate yet"),
            ({"point": "policy_change", "artifact": "backtest", "reason": "damaged"}, "reason", "is about a team"),
            ({"above_minor": 1}, "currency", "belong together"),
            ({"above_minor": 1, "currency": "XXZ"}, "currency", "not an ISO 4217"),
            ({"above_minor": -1, "currency": "GBP"}, "above", "not negative"),
            ({"why": " "}, "why", "why it is demanded"),
            ({"owner": ""}, "owner", "Name the team"),
        ],
    )
    def test_is_refused_in_a_sentence(
        self, world: World, root: User, changes: dict[str, Any], field: str, sentence: str
    ) -> None:
        with pytest.raises(Refused, match=sentence) as no:
            set_requirement(demand=replace(RECEIPT, **changes), actor=root, at=NOON)

        assert field in [reason.field for reason in no.value.reasons]
        assert not EvidenceRequirement.objects.exists()

    def test_stands_once(self, world: World, root: User) -> None:
        demanded()

        with pytest.raises(Refused, match="in the catalogue already"):
            demanded()

    def test_is_refused_by_the_database_without_a_reason(self, world: World) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            EvidenceRequirement.objects.create(point="approval", artifact="receipt", why=" ", owner="Control")

    @pytest.mark.parametrize("name", ["mei", "dana", "sam", "ada", "lena", "amir", "bot"])
    def test_is_written_by_administrators_alone(self, world: World, name: str, request: pytest.FixtureRequest) -> None:
        kept = demanded()
        for requirement_id in (None, kept.pk):
            with pytest.raises(NotPermitted):
                set_requirement(
                    demand=replace(RECEIPT, artifact="photo"),
                    requirement_id=requirement_id,
                    because=WHY,
                    actor=request.getfixturevalue(name),
                    at=NOON,
                )


class TestACode:
    def test_that_was_retired_is_flagged_and_not_named_anew(self, world: World, root: User) -> None:
        kept = demanded(reason="damaged")
        codes.retire(kind=CodeKind.REASON, code="damaged", actor=root, at=NOON)

        assert flags_of(catalogue().get(pk=kept.pk)) == ["damaged is retired"]
        with pytest.raises(Refused, match="damaged was retired"):
            demanded(artifact="photo", reason="damaged")
        changed = set_requirement(
            demand=replace(RECEIPT, reason="damaged", owner="Audit"),
            requirement_id=kept.pk,
            because="Moved.",
            actor=root,
            at=NOON,
        )
        assert changed.owner == "Audit"


class TestPatterns:
    @pytest.mark.parametrize("slug", [pattern.slug for pattern in PATTERNS])
    def test_add_what_they_say_once(self, world: World, root: User, slug: str) -> None:
        pattern = pattern_named(slug)
        assert pattern is not None

        first = add_requirements(demands=pattern.demands(), actor=root, at=NOON)
        again = add_requirements(demands=pattern.demands(), actor=root, at=NOON)

        assert first == EvidenceRequirement.objects.count() > 0
        assert again == 0

    def test_ask_a_photo_for_damage_above_100_in_each_currency(self, world: World, root: User) -> None:
        pattern = pattern_named("photo-of-damage")
        assert pattern is not None
        add_requirements(demands=pattern.demands(), actor=root, at=NOON)

        asked = EvidenceRequirement.objects.filter(reason="damaged", artifact="photo", point="request")
        assert {(row.currency, row.above_minor) for row in asked} == {
            ("GBP", 100_00),
            ("USD", 100_00),
            ("EUR", 100_00),
        }
