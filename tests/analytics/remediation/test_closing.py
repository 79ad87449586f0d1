"""An item goes from its cause to its effect test, and two people agree on its end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from analytics.models import RemediationItem, RemediationReading
from analytics.remediation import closing, working
from analytics.remediation.effect import run_due_tests, settle_by_effect
from analytics.remediation.lifecycle import advance
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from tests.evidence.builders import drawing, upload
from tests.harness.people import settle

from .stage import CODE, NOW, an_item, changed, proposed, stored, submitted, verifying

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db

WEEKS = timedelta(weeks=4)


class TestTheSteps:
    def test_are_taken_one_after_the_other_each_on_the_ledger(self, sam: User, mei: User) -> None:
        item = verifying(sam, mei)

        found = stored(item)
        assert (found.state, found.test_due_at) == ("verifying", NOW + WEEKS)
        assert (found.sop_link, found.sop_version) == ("https://wiki.example.com/packing", "7")
        kinds = LedgerEntry.objects.filter(subject_id=item.pk).order_by("seq").values_list("kind", flat=True)
        assert [kind.partition(".")[2] for kind in kinds] == [
            "opened", "assigned", "cause_found", "changed", "closing_proposed", "verifying",
        ]  # fmt: skip

    def test_give_the_next_one_a_promise_of_its_own(self, sam: User) -> None:
        item = an_item(sam)
        later = NOW + timedelta(days=2)

        working.find_cause(item_id=item.pk, hypothesis="Thin boxes.", actor=sam, at=later)

        assert stored(item).due_at == later + timedelta(days=5)

    def test_are_not_skipped(self, sam: User) -> None:
        item = an_item(sam)

        with pytest.raises(OutOfDate):
            working.make_change(item_id=item.pk, change="So.", sop_link="", sop_version="", actor=sam, at=NOW)

        assert stored(item).state == "open"

    def test_need_an_owner(self, sam: User) -> None:
        item = an_item(sam)
        working.assign_item(item_id=item.pk, owner=None, actor=sam, at=NOW)

        with pytest.raises(Refused, match="Somebody owns it first"):
            working.find_cause(item_id=item.pk, hypothesis="Thin boxes.", actor=sam, at=NOW)

        assert stored(item).state == "open"

    def test_are_for_owners_who_may_work(self, sam: User) -> None:
        item = an_item(sam)

        with pytest.raises(Refused) as no:
            working.assign_item(item_id=item.pk, owner=settle("amir"), actor=sam, at=NOW)

        assert no.value.code == "not_an_owner"
        assert stored(item).owner == sam

    @pytest.mark.parametrize(
        ("link", "version"),
        [("wiki/packing", "7"), ("javascript:alert(1)", "7"), ("https://[", "7"), ("https://a.example", ""), ("", "7")],
    )
    def test_name_a_procedure_by_address_and_version(self, sam: User, link: str, version: str) -> None:
        item = an_item(sam)
        working.find_cause(item_id=item.pk, hypothesis="Thin boxes.", actor=sam, at=NOW)

        with pytest.raises(Refused):
            working.make_change(item_id=item.pk, change="So.", sop_link=link, sop_version=version, actor=sam, at=NOW)

        assert stored(item).state == "cause_found"

    def test_may_begin_again_with_a_reason(self, sam: User) -> None:
        item = changed(sam)

        working.step_back(item_id=item.pk, why="It was the carrier.", actor=sam, at=NOW)

        found = stored(item)
        assert (found.state, found.round, found.reopened_why) == ("open", 2, "It was the carrier.")
        assert found.hypothesis == "The boxes are too thin."


class TestClosing:
    def test_needs_a_link_or_a_file(self, sam: User) -> None:
        item = changed(sam)

        with pytest.raises(Refused) as no:
            closing.propose_closing(item_id=item.pk, note="Done.", evidence_link="", actor=sam, at=NOW)

        assert no.value.code == "evidence_missing"
        assert stored(item).proposed_by is None
        assert not RemediationReading.objects.exists()

    def test_takes_a_file_for_proof(self, sam: User) -> None:
        item = changed(sam)
        working.attach_to_item(item_id=item.pk, kind="other", file=upload(drawing()), actor=sam, at=NOW)

        closing.propose_closing(item_id=item.pk, note="Done.", evidence_link="", actor=sam, at=NOW)

        assert stored(item).proposed_by == sam

    def test_keeps_what_was_counted_before_and_after(self, sam: User) -> None:
        submitted(30, code=CODE, at=NOW - timedelta(days=1))
        submitted(70, at=NOW - timedelta(days=27))
        item = changed(sam)
        submitted(5, code=CODE, at=NOW + timedelta(days=1))
        submitted(95, at=NOW + timedelta(days=1))

        closing.propose_closing(
            item_id=item.pk, note="Done.", evidence_link="https://a.example", actor=sam, at=NOW + timedelta(days=7)
        )

        reading = RemediationReading.objects.get()
        assert (reading.before_count, reading.before_of) == (30, 100)
        assert (reading.after_count, reading.after_of) == (5, 100)
        # By hand, from the Wilson bounds of 5 of 100 (2.15 %, 11.18 %) and of 30 of 100 (21.89 %, 39.58 %).
        assert (reading.low_basis_points, reading.high_basis_points) == (-3500, -1481)

    def test_is_agreed_to_by_somebody_else(self, sam: User) -> None:
        item = proposed(sam)

        with pytest.raises(NotPermitted) as no:
            closing.confirm_closing(item_id=item.pk, actor=sam, at=NOW)

        assert no.value.code == "own_proposal"
        assert stored(item).state == "change_made"

    def test_is_not_agreed_to_by_the_owner_of_what_another_proposed(self, sam: User, mei: User) -> None:
        item = proposed(sam)
        working.assign_item(item_id=item.pk, owner=mei, actor=sam, at=NOW)

        with pytest.raises(NotPermitted):
            closing.confirm_closing(item_id=item.pk, actor=mei, at=NOW)

    def test_has_four_eyes_in_the_database_too(self, sam: User) -> None:
        item = proposed(sam)

        with pytest.raises(IntegrityError, match="item_closing_has_four_eyes"), transaction.atomic():
            RemediationItem.objects.filter(pk=item.pk).update(confirmed_by=sam, owner=None)
        with pytest.raises(IntegrityError, match="item_is_not_closed_by_its_owner"), transaction.atomic():
            RemediationItem.objects.filter(pk=item.pk).update(confirmed_by=sam, proposed_by=settle("mei"))

    def test_can_be_sent_back_with_a_reason(self, sam: User, mei: User) -> None:
        item = proposed(sam)

        closing.decline_closing(item_id=item.pk, why="Where are the counts?", actor=mei, at=NOW)

        found = stored(item)
        assert (found.state, found.proposed_by, found.evidence_link) == ("change_made", None, "")
        assert [note.text for note in found.notes.all()] == ["Where are the counts?"]

    def test_needs_the_right(self, sam: User) -> None:
        item = proposed(sam)

        for name in ("amir", "dana", "ada", "root"):
            with pytest.raises(NotPermitted):
                closing.confirm_closing(item_id=item.pk, actor=settle(name), at=NOW)
        assert closing.confirm_closing(item_id=item.pk, actor=settle("viktor"), at=NOW).state == "verifying"

    def test_needs_a_lock(self, sam: User) -> None:
        with pytest.raises(RuntimeError, match="must be locked"):
            advance(stored(proposed(sam)), "settle", actor=sam, at=NOW, sentence="so.")


class TestTheEffectTest:
    @pytest.fixture
    def item(self, sam: User, mei: User) -> RemediationItem:
        """An item whose code was in 30 of 100 requests before the change."""
        submitted(30, code=CODE, at=NOW - timedelta(days=1))
        submitted(70, at=NOW - timedelta(days=1))
        return verifying(sam, mei)

    def test_closes_for_good_what_fell_by_more_than_chance(self, item: RemediationItem) -> None:
        submitted(10, code=CODE, at=NOW + timedelta(days=3))
        submitted(90, at=NOW + timedelta(days=3))

        assert run_due_tests(at=NOW + WEEKS) == 1

        found = stored(item)
        assert (found.state, found.closed_at) == ("closed", NOW + WEEKS)
        entry = LedgerEntry.objects.get(kind="remediation_item.closed")
        assert "30.0 % before (30 of 100), 10.0 % after (10 of 100)" in entry.sentence
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            RemediationItem.objects.filter(pk=item.pk).update(state="open")

    @pytest.mark.parametrize("after", [25, 30, 60])
    def test_opens_again_what_chance_explains_as_well(self, item: RemediationItem, after: int) -> None:
        submitted(after, code=CODE, at=NOW + timedelta(days=3))
        submitted(100 - after, at=NOW + timedelta(days=3))

        run_due_tests(at=NOW + WEEKS)

        found = stored(item)
        assert (found.state, found.round, found.confirmed_by, found.proposed_by) == ("open", 2, None, None)
        assert found.reopened_why.startswith("The share did not fall by more than chance explains: 30.0 % before")
        assert found.due_at == NOW + WEEKS + timedelta(days=5)
        reading = RemediationReading.objects.get(kind="effect_test")
        assert (reading.after_count, reading.has_improved) == (after, False)
        assert LedgerEntry.objects.filter(kind="remediation_item.reopened").count() == 1

    def test_opens_again_what_nothing_was_counted_of(self, item: RemediationItem) -> None:
        run_due_tests(at=NOW + WEEKS)

        assert stored(item).state == "open"

    def test_counts_only_its_own_weeks(self, item: RemediationItem) -> None:
        submitted(10, code=CODE, at=NOW + timedelta(days=3))
        submitted(90, at=NOW + timedelta(days=3))
        submitted(50, code=CODE, at=NOW + WEEKS)

        run_due_tests(at=NOW + WEEKS + timedelta(days=9))

        reading = RemediationReading.objects.get(kind="effect_test")
        assert (reading.after_count, reading.after_of, stored(item).state) == (10, 100, "closed")

    def test_waits_for_its_day_and_happens_once(self, item: RemediationItem) -> None:
        assert run_due_tests(at=NOW + WEEKS - timedelta(seconds=1)) == 0
        assert not settle_by_effect(item_id=item.pk, at=NOW)
        run_due_tests(at=NOW + WEEKS)

        assert run_due_tests(at=NOW + WEEKS) == 0
        assert RemediationReading.objects.filter(kind="effect_test").count() == 1
