"""What people say about a break, and who may not say it alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.utils import InternalError

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from refunds.breaks import owning, resolving
from refunds.breaks.vocabulary import BreakState, Resolution
from refunds.models import Break, BreakLimit
from refunds.vocabulary import State
from tests.refunds.books import LATER, operation_of, paid, person_with, request_in, team_called

from .conftest import FINANCE
from .found import a_break, look

if TYPE_CHECKING:
    from config.kernel.people import Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("up_to_ten_pounds")]

SMALL, LARGE = -10_00, -10_01
UNABLE = (IntegrityError, InternalError, ProgrammingError)


def said(found: Break, actor: User, resolution: str = Resolution.ACCEPT, note: str = "A refund by hand.") -> Break:
    return resolving.resolve_break(break_id=found.pk, resolution=resolution, note=note, actor=actor, at=LATER)


def fresh(found: Break) -> Break:
    return Break.objects.get(pk=found.pk)


class TestResolving:
    def test_up_to_the_limit_takes_one(self, lena: User) -> None:
        found = said(a_break(SMALL), lena)

        assert (found.state, found.resolution, found.proposed_by) == (BreakState.RESOLVED, Resolution.ACCEPT, lena)
        assert (found.limit_minor, found.resolved_at) == (10_00, LATER)
        entry = LedgerEntry.objects.get(kind="break.resolved")
        assert entry.sentence == "resolved the break: “Accepted as it is” for -£10.00."
        assert "by hand" not in entry.payload

    def test_above_the_limit_waits_for_another(self, lena: User, luis: User) -> None:
        found = said(a_break(LARGE), lena)
        assert (found.state, found.resolved_at) == (BreakState.PROPOSED, None)

        done = resolving.confirm_resolution(break_id=found.pk, actor=luis, at=LATER + timedelta(hours=1))

        assert (done.state, done.proposed_by, done.confirmed_by) == (BreakState.RESOLVED, lena, luis)

    def test_takes_two_where_a_currency_has_no_limit(self, lena: User) -> None:
        BreakLimit.objects.all().delete()

        assert said(a_break(-1), lena).state == BreakState.PROPOSED

    def test_is_not_confirmed_by_whoever_proposed_it(self, lena: User) -> None:
        found = said(a_break(LARGE), lena)

        with pytest.raises(NotPermitted, match="somebody else agrees"):
            resolving.confirm_resolution(break_id=found.pk, actor=lena, at=LATER)
        assert fresh(found).state == BreakState.PROPOSED

    @pytest.mark.parametrize(
        ("resolution", "note", "code"),
        [
            ("matched", "Said.", "unknown_resolution"),
            ("", "Said.", "unknown_resolution"),
            ("accept", " ", "note_missing"),
        ],
    )
    def test_needs_a_word_of_people_and_a_note(self, lena: User, resolution: str, note: str, code: str) -> None:
        found = a_break(SMALL)

        with pytest.raises(Refused) as refused:
            said(found, lena, resolution, note)
        assert refused.value.code == code
        assert fresh(found).state == BreakState.OPEN

    def test_comes_too_late_the_second_time(self, lena: User, luis: User) -> None:
        found = said(a_break(SMALL), lena)

        with pytest.raises(OutOfDate, match="resolved already"):
            said(found, luis)

    def test_is_for_people_with_the_right(self, north: Team) -> None:
        reader = person_with("reader", "refunds.view_break", teams=(north,))
        found = a_break(SMALL)

        with pytest.raises(NotPermitted, match="resolve_break"):
            said(found, reader)

    def test_is_not_for_service_accounts(self, lena: User) -> None:
        type(lena).objects.filter(pk=lena.pk).update(is_service_account=True)
        found = a_break(SMALL)

        with pytest.raises(NotPermitted, match="by people"):
            said(found, type(lena).objects.get(pk=lena.pk))

    def test_is_not_for_whoever_asked_for_the_refund(self, north: Team, lena: User) -> None:
        operation = operation_of(request_in(State.REFUNDED, team=north, requested_by=lena))
        found = a_break(-2219, operation_ref=str(operation.pk))

        with pytest.raises(NotPermitted) as no:
            said(found, lena)
        assert no.value.code == "self_approval"

    def test_of_another_teams_refund_is_a_strangers(self, lena: User) -> None:
        found = a_break(-2219, operation_ref=str(paid(team=team_called("south")).pk))

        with pytest.raises(Refused, match="no such break"):
            said(found, lena)

    def test_is_declined_with_a_reason_that_stays_in_the_thread(self, lena: User, luis: User) -> None:
        found = said(a_break(LARGE), lena)

        resolving.decline_resolution(break_id=found.pk, why="Ask the processor first.", actor=luis, at=LATER)

        again = fresh(found)
        assert (again.state, again.resolution, again.proposed_by, again.note) == (BreakState.OPEN, "", None, "")
        assert [comment.text for comment in again.comments.all()] == ["Ask the processor first."]


class TestOpeningAgain:
    def test_begins_another_round_and_another_promise(self, lena: User, luis: User) -> None:
        found = said(a_break(SMALL), lena)

        opened = resolving.reopen_break(
            break_id=found.pk, why="It was another one.", actor=luis, at=LATER + timedelta(days=9)
        )

        assert (opened.state, opened.round, opened.resolution) == (BreakState.OPEN, 2, "")
        assert opened.due_at > LATER + timedelta(days=9)

    def test_needs_a_reason(self, lena: User) -> None:
        found = said(a_break(SMALL), lena)

        with pytest.raises(Refused, match="Say why"):
            resolving.reopen_break(break_id=found.pk, why="", actor=lena, at=LATER)

    def test_is_done_by_the_clock_where_timing_was_none(self, lena: User) -> None:
        found = said(a_break(SMALL), lena, Resolution.TIMING)

        assert resolving.reopen_stale_timing(at=LATER + timedelta(days=9)) == 0
        assert resolving.reopen_stale_timing(at=LATER + timedelta(days=10)) == 1
        assert (fresh(found).state, fresh(found).round) == (BreakState.OPEN, 2)

    def test_is_not_needed_to_stay_resolved_while_matching_runs(self, lena: User) -> None:
        found = said(a_break(SMALL), lena)

        assert look(at=LATER + timedelta(days=1)) == [found]
        assert fresh(found).state == BreakState.RESOLVED


class TestTheDatabase:
    """Refuses one pair of eyes, whoever writes."""

    def test_refuses_the_same_person_twice(self, lena: User) -> None:
        found = said(a_break(LARGE), lena)

        with pytest.raises(IntegrityError, match="break_has_four_eyes"), transaction.atomic():
            Break.objects.filter(pk=found.pk).update(state="resolved", confirmed_by=lena, resolved_at=LATER)

    def test_refuses_one_person_above_the_limit(self, lena: User) -> None:
        found = said(a_break(LARGE), lena)

        with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
            Break.objects.filter(pk=found.pk).update(state="resolved", resolved_at=LATER)

    def test_refuses_a_limit_that_somebody_wrote_beside_it(self, lena: User) -> None:
        found = said(a_break(LARGE), lena)

        with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
            Break.objects.filter(pk=found.pk).update(state="resolved", resolved_at=LATER, limit_minor=99_999_99)

    @pytest.mark.parametrize(
        "columns", [{"amount_minor": -1}, {"resolution": "fee"}, {"confirmed_by": None, "limit_minor": 5}]
    )
    def test_refuses_to_change_what_was_resolved(self, lena: User, columns: dict[str, Any]) -> None:
        found = said(a_break(SMALL), lena)

        with pytest.raises(UNABLE), transaction.atomic():
            Break.objects.filter(pk=found.pk).update(**columns)

    def test_refuses_to_forget_a_break(self, db: None) -> None:
        found = a_break(SMALL)

        with pytest.raises(UNABLE), transaction.atomic():
            Break.objects.filter(pk=found.pk).delete()

    def test_refuses_two_standing_breaks_about_one_line(self, db: None) -> None:
        found = a_break(SMALL)

        with pytest.raises(IntegrityError, match="one_standing_break_per_line"), transaction.atomic():
            Break.objects.create(
                kind=found.kind, account="stripe", currency="GBP", amount_minor=1, reference="again", finding="Twice.",
                happened_at=LATER, line=found.line, opened_at=LATER, due_at=LATER,
            )  # fmt: skip


class TestLookingAfter:
    def test_is_taken_given_and_given_back(self, lena: User, luis: User) -> None:
        found = a_break(SMALL)

        owning.assign_break(break_id=found.pk, owner=lena, actor=lena, at=LATER)
        owning.assign_break(break_id=found.pk, owner=luis, actor=lena, at=LATER)
        assert fresh(found).owner == luis
        owning.assign_break(break_id=found.pk, owner=None, actor=luis, at=LATER)

        assert fresh(found).owner is None
        entries = LedgerEntry.objects.filter(kind="break.assigned").order_by("pk")
        assert [entry.sentence for entry in entries] == [
            "took the break.",
            "gave the break to luis.",
            "gave the break back.",
        ]

    def test_is_only_for_people_who_could_resolve_it(self, lena: User, north: Team) -> None:
        found = a_break(SMALL)

        with pytest.raises(Refused, match="may not resolve"):
            owning.assign_break(break_id=found.pk, owner=person_with("sam", teams=(north,)), actor=lena, at=LATER)
        stranger = person_with("mo", *FINANCE, teams=(team_called("south"),))
        theirs = a_break(-2219, operation_ref=str(paid(team=north).pk))
        with pytest.raises(Refused, match="may not resolve"):
            owning.assign_break(break_id=theirs.pk, owner=stranger, actor=lena, at=LATER)

    def test_keeps_what_is_said(self, lena: User) -> None:
        found = a_break(SMALL)

        owning.comment_on_break(break_id=found.pk, text=" Asked Stripe. ", actor=lena, at=LATER)

        assert [comment.text for comment in found.comments.all()] == ["Asked Stripe."]
        assert "Stripe" not in LedgerEntry.objects.get(kind="break.commented").payload

    def test_keeps_no_card_number(self, lena: User) -> None:
        found = a_break(SMALL)

        with pytest.raises(Refused) as refused:
            owning.comment_on_break(break_id=found.pk, text="4242 4242 4242 4242", actor=lena, at=LATER)
        assert refused.value.code == "card_number_in_text"
