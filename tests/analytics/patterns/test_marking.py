"""What becomes of a signal: who may say so, what is kept of it, and what it does not cover."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from analytics.models import PatternMark, PatternSignal, RemediationItem
from analytics.patterns.keeping import read_and_keep
from analytics.patterns.kept import SEES
from analytics.patterns.marking import LOOKS, look_into
from config.kernel.people import Team
from config.kernel.refusals import NotPermitted, Refused
from evidence.models import LedgerEntry
from tests.refunds.books import person_with

from .year import SPLIT_CUSTOMER, TEAM, TO_AT

if TYPE_CHECKING:
    from config.kernel.people import User

AT = TO_AT + timedelta(hours=6)
KEY = f"{TEAM}-GBP-10000-{SPLIT_CUSTOMER}"


@pytest.fixture
def signal(sam: User) -> PatternSignal:
    """The splits that were planted."""
    return PatternSignal.objects.get(pattern="splitting", key=KEY, reading__is_standing=True)


def look(signal: PatternSignal, actor: User, **more: Any) -> PatternMark:
    words = {"answer": "explained", "note": "Two parcels.", "code": "", **more}
    return look_into(standing_id=signal.standing_id, actor=actor, at=AT, **words)


class TestLookInto:
    def test_keeps_the_answer_and_records_it_without_its_words(self, signal: PatternSignal, sam: User) -> None:
        mark = look(signal, sam)

        assert (mark.answer, mark.note, mark.made_by, mark.item) == ("explained", "Two parcels.", sam, None)
        entry = LedgerEntry.objects.get(kind="pattern_signal.looked_into")
        assert (entry.subject_id, entry.actor) == (signal.standing_id, sam)
        assert "Two parcels" not in entry.payload

    def test_opens_a_remediation_item_for_a_code_of_its_requests(self, signal: PatternSignal, sam: User) -> None:
        mark = look(signal, sam, answer="item", code="reason_code:changed_mind")

        item = RemediationItem.objects.get()
        assert mark.item == item
        assert (item.code_kind, item.code) == ("reason_code", "changed_mind")

    def test_names_the_item_that_stands_already(self, signal: PatternSignal, sam: User) -> None:
        first = look(signal, sam, answer="item", code="reason_code:changed_mind")

        assert look(signal, sam, answer="item", code="reason_code:changed_mind").item == first.item
        assert RemediationItem.objects.count() == 1

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ({"answer": "guilty"}, "refused"),
            ({"note": "  "}, "note_missing"),
            ({"note": "Card 4242 4242 4242 4242"}, "card_number_in_text"),
            ({"answer": "item"}, "refused"),
            ({"answer": "item", "code": "reason_code:made_up"}, "refused"),
        ],
    )
    def test_is_refused_for_half_an_answer(
        self, signal: PatternSignal, sam: User, words: dict[str, str], code: str
    ) -> None:
        with pytest.raises(Refused) as no:
            look(signal, sam, **words)

        assert no.value.reasons[0].code == code
        _nothing_moved()

    def test_is_not_for_whoever_it_is_about(self, signal: PatternSignal, sam: User) -> None:
        PatternSignal.objects.filter(pk=signal.pk).update(people=[sam.pk])

        with pytest.raises(NotPermitted) as no:
            look(signal, sam)

        assert no.value.code == "own_signal"
        _nothing_moved()

    def test_is_not_for_those_without_the_right(self, signal: PatternSignal, dana: User) -> None:
        with pytest.raises(NotPermitted):
            look(signal, dana)

        _nothing_moved()

    def test_is_not_for_a_stranger_to_the_team(self, signal: PatternSignal) -> None:
        stranger = person_with("stranger", LOOKS, SEES)

        with pytest.raises(Refused) as no:
            look(signal, stranger)

        assert no.value.reasons[0].code == "unknown_signal"
        _nothing_moved()

    def test_stays_through_readings_and_not_beyond_them(self, signal: PatternSignal, sam: User) -> None:
        look(signal, sam)
        later = TO_AT + timedelta(days=1)
        read_and_keep(Team.objects.get(pk=TEAM), at=later)
        assert "Two parcels." in shown(sam, signal)

        PatternSignal.objects.filter(pattern="splitting").delete()
        read_and_keep(Team.objects.get(pk=TEAM), at=later + timedelta(days=1))

        back = PatternSignal.objects.get(pattern="splitting", key=KEY, reading__is_standing=True)
        assert "Nobody looked into it" in shown(sam, back)

    def test_does_not_cover_what_came_after_it(self, signal: PatternSignal, sam: User) -> None:
        look(signal, sam)
        PatternSignal.objects.filter(pk=signal.pk).update(request_count=signal.request_count + 3)

        assert "3 requests more since" in shown(sam, signal)

    def test_is_never_changed_but_for_the_words_of_an_erasure(self, signal: PatternSignal, sam: User) -> None:
        mark = look(signal, sam)

        PatternMark.objects.filter(pk=mark.pk).update(note="[erased]")
        for change in ({"answer": "passed_on"}, {"made_at": TO_AT}, {"people": [1]}):
            with pytest.raises(DatabaseError), transaction.atomic():
                PatternMark.objects.filter(pk=mark.pk).update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            mark.delete()


class TestPage:
    def test_keeps_what_was_typed_and_shows_it(self, signal: PatternSignal, sam: User) -> None:
        client = Client()
        client.force_login(sam)
        address = reverse("analytics:look_into_signal", args=[signal.standing_id])

        refused = client.post(address, {"answer": "passed_on", "note": ""})
        kept = client.post(address, {"answer": "passed_on", "note": "Asked the team lead."}, follow=True)

        assert refused.status_code == 422
        assert "Asked the team lead." in kept.content.decode()
        assert PatternMark.objects.get().answer == "passed_on"

    def test_narrows_to_what_nobody_looked_into(self, signal: PatternSignal, sam: User) -> None:
        client = Client()
        client.force_login(sam)
        look(signal, sam)

        open_ones = client.get(reverse("analytics:pattern", args=["splitting"]), {"state": "open"}).content.decode()
        done = client.get(reverse("analytics:pattern", args=["splitting"]), {"state": "looked_into"}).content.decode()

        assert str(signal.standing_id) not in open_ones
        assert str(signal.standing_id) in done

    def test_keeps_the_note_from_those_who_may_not_know_who_is_meant(
        self, signal: PatternSignal, sam: User, dana: User
    ) -> None:
        look(signal, sam)

        assert "Two parcels." not in shown(dana, signal)


def shown(viewer: User, signal: PatternSignal) -> str:
    client = Client()
    client.force_login(viewer)
    answer = client.get(signal.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def _nothing_moved() -> None:
    assert not PatternMark.objects.exists()
    assert not RemediationItem.objects.exists()
    assert not LedgerEntry.objects.filter(subject_kind="pattern_signal").exists()
