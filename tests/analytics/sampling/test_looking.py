"""A second look is blind, never at one's own decision, and leads to what has to be put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from analytics.models import RemediationItem, SampledDecision
from analytics.sampling import selectors
from analytics.sampling.reviewing import note_finding
from config.kernel.people import give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from tests.architecture.asking import client_of
from tests.harness.people import fresh, settle
from tests.harness.world import NOON

from .stage import TODAY, automatic, declined, drawn_by, looked, signed

if TYPE_CHECKING:
    from analytics.models import Sample
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def noted(sample: Sample, who: User, **words: Any) -> SampledDecision:
    usual = {"finding": "right", "correction": "", "opens_item": False}
    return note_finding(sample_id=sample.pk, place=1, **{**usual, **words}, actor=who, at=NOON)


def page_of(viewer: User, sample: Sample, place: int = 1) -> str:
    answer = client_of(viewer).get(reverse("analytics:second_look", args=[sample.pk, place]))
    assert answer.status_code == 200
    # The head of every page of the demo names its people.
    return str(answer.content.decode()).split("<h1>")[1]


class TestTheLook:
    def test_is_blind_until_it_is_taken(self, world: World, sam: User) -> None:
        asked = declined(world)
        sample = drawn_by(sam)

        before = page_of(sam, sample)
        looked(sample, sam)
        after = page_of(sam, sample)

        for word in ("Dana", "Differ", asked.reference, "No proof of purchase."):
            assert word not in before
        for word in ("Decline, Dana", asked.reference, "Differ"):
            assert word in after

    def test_is_never_at_ones_own_decision(self, world: World, sam: User) -> None:
        signed(world)
        sample = drawn_by(sam)
        for name in ("dana", "amir"):
            person = settle(name)
            give_roles(user=person, roles=["approver", "quality"])

            with pytest.raises(NotPermitted) as no:
                looked(sample, fresh(person))

            assert no.value.code == "own_decision"
            assert "You had a part in this decision." in page_of(fresh(person), sample)
            assert selectors.next_place(person, sample) is None
        assert SampledDecision.objects.get().reviewer is None

    def test_at_ones_own_decision_is_refused_by_the_database_too(self, world: World, sam: User) -> None:
        signed(world)
        drawn_by(sam)

        with pytest.raises(IntegrityError, match="nobody_looks_at_his_own_decision"), transaction.atomic():
            SampledDecision.objects.update(reviewer=settle("dana"), answer="approve", rationale="So.", looked_at=NOON)

    def test_stays_and_is_taken_once(self, world: World, sam: User, mei: User) -> None:
        automatic(world)
        sample = drawn_by(sam)
        looked(sample, sam)

        with pytest.raises(OutOfDate):
            looked(sample, mei, answer="decline")
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            SampledDecision.objects.update(answer="decline")

        assert SampledDecision.objects.get().reviewer == sam
        assert LedgerEntry.objects.filter(kind="quality_sample.looked_at", subject_id=sample.pk).count() == 1

    def test_needs_an_answer_with_a_reason_and_a_team(self, world: World, sam: User) -> None:
        automatic(world)
        sample = drawn_by(sam)
        address = reverse("analytics:look_again", args=[sample.pk, 1])

        assert client_of(sam).post(address, {"answer": "approve", "rationale": " "}).status_code == 422
        assert client_of(sam).post(address, {"answer": "perhaps", "rationale": "So."}).status_code == 422
        with pytest.raises(NotPermitted):
            looked(sample, settle("ada"))
        with pytest.raises(Refused, match="no such"):
            looked(sample, sam, place=9)
        assert SampledDecision.objects.get().answer == ""


class TestAgreement:
    def test_is_a_rate_with_wilsons_bounds(self, world: World, sam: User) -> None:
        automatic(world, 4)
        sample = drawn_by(sam)
        for place, answer in enumerate(["approve", "approve", "decline"], start=1):
            looked(sample, sam, place=place, answer=answer)

        found = selectors.agreement_of(selectors.decisions_of(sample))

        # By hand for 2 of 3: centre (0.6667 + 1.9208/3) / (1 + 3.8415/3), 20.77 % to 93.85 %.
        assert (found.said, found.bounds) == ("66.7 %", "20.8 % to 93.9 %")
        [stratum] = selectors.coverage_of(sample, selectors.decisions_of(sample))
        assert (stratum.decision_count, stratum.drawn_count, stratum.looked_count) == (4, 4, 3)
        assert stratum.coverage == "75.0 %"

    def test_of_nothing_is_a_dash(self) -> None:
        assert (selectors.agreement(0, 0).said, selectors.agreement(0, 0).bounds) == ("-", "")


class TestTheFinding:
    def test_of_a_fault_needs_a_note_and_may_open_an_item(self, world: World, sam: User) -> None:
        automatic(world)
        sample = drawn_by(sam)
        looked(sample, sam, answer="decline")
        with pytest.raises(Refused):
            noted(sample, sam, finding="wrong_outcome")

        found = noted(sample, sam, finding="wrong_outcome", correction="Ask for the receipt.", opens_item=True)

        item = RemediationItem.objects.get()
        assert (found.item, item.code, item.finding) == (item, "changed_mind", "Ask for the receipt.")
        entry = LedgerEntry.objects.get(kind="quality_sample.found")
        assert entry.sentence == "noted of decision 1: should have been decided otherwise."

    def test_that_cannot_open_its_item_is_not_noted(self, world: World, sam: User) -> None:
        automatic(world, 2)
        sample = drawn_by(sam)
        for place in (1, 2):
            looked(sample, sam, place=place, answer="decline")
        note_finding(
            sample_id=sample.pk, place=2, finding="wrong_code", correction="So.", opens_item=True, actor=sam, at=NOON
        )

        with pytest.raises(Refused) as no:
            noted(sample, sam, finding="wrong_code", correction="So.", opens_item=True)

        assert no.value.code == "already_open"
        assert SampledDecision.objects.get(place=1).finding == ""

    def test_is_the_reviewers_after_the_look(self, world: World, sam: User, mei: User) -> None:
        automatic(world)
        sample = drawn_by(sam)
        with pytest.raises(OutOfDate):
            noted(sample, sam)
        looked(sample, sam)

        with pytest.raises(NotPermitted):
            noted(sample, mei)
        noted(sample, sam)
        with pytest.raises(OutOfDate):
            noted(sample, sam)


class TestThePages:
    def test_draw_look_and_find_without_javascript(self, world: World, sam: User) -> None:
        automatic(world, 2)
        client = client_of(sam)
        typed = {
            "team": "uk-retail", "from_on": TODAY, "to_on": TODAY, "population": "every", "method": "risk", "size": "2",
        }  # fmt: skip
        drawn = client.post("/insight/samples/", typed)
        address = drawn.headers["Location"]
        client.post(f"{address}1/look/", {"answer": "less", "rationale": "Half was worn."})
        client.post(f"{address}1/finding/", {"finding": "wrong_amount", "correction": "Weigh the wear."})

        shown = client.get(address, {"again": ""}).content.decode()

        for words in (
            "The seed draws the same decisions again.",
            "Wrong amount",
            "Differ",
            "Of risky decisions, not of all.",
        ):
            assert words in shown
        assert "1 of 2" in client.get("/insight/samples/").content.decode()
        assert client.get("/insight/samples/", {"page": "9" * 30}).status_code == 200

    def test_show_faults_beside_what_was_typed(self, world: World, sam: User) -> None:
        answer = client_of(sam).post("/insight/samples/", {"team": "uk-retail", "size": "x", "from_on": "soon"})

        assert answer.status_code == 422
        assert 'value="soon"' in answer.content.decode()

    def test_of_another_team_are_not_there(self, world: World, sam: User) -> None:
        automatic(world)
        sample = drawn_by(sam)
        stranger = settle("asha")
        give_roles(user=stranger, roles=["quality"])

        answer = client_of(fresh(stranger)).get(sample.get_absolute_url())

        assert answer.status_code == 404
