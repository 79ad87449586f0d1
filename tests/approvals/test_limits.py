"""A change of a limit: two people, neither of them named, and the database as the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from approvals.guards import Scope
from approvals.limit_changes import answerers_of
from approvals.models import AuthorityLimit, LimitChange
from approvals.services.limits import (
    confirm_change,
    propose_limit,
    propose_withdrawal,
    refuse_change,
    scope_of,
    subject_of,
    withdraw_change,
)
from approvals.vocabulary import ChangeState
from config.kernel.people import give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.ledger import timeline_of
from tests.harness.people import by_decree, fresh, settle
from tests.harness.stillness import refused
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

LATER = NOON + timedelta(hours=1)
WHY = "She leads the team now."


def limit_of(person: User) -> AuthorityLimit:
    """Find somebody's limit for refunds in pounds."""
    return AuthorityLimit.objects.get(user=person, category="refund", currency="GBP")


def proposed(person: User, *, by: User, single_minor: int = 800_00) -> LimitChange:
    """Propose another limit for refunds in pounds."""
    return propose_limit(
        scope=Scope(user=person, category="refund", currency="GBP"),
        single_minor=single_minor,
        daily_minor=5_000_00,
        why=WHY,
        actor=by,
        at=NOON,
    )


@pytest.fixture
def rita(world: World) -> User:
    """A second administrator."""
    rita = type(settle("root")).objects.create(username="rita", first_name="Rita", is_staff=True)
    give_roles(user=rita, roles=["administrator"])
    return fresh(rita)


class TestAProposal:
    def test_changes_nothing_until_it_is_confirmed(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)
        assert limit_of(dana).single_minor == 500_00

        confirm_change(change_id=change.pk, actor=lena, at=LATER)

        assert (limit_of(dana).single_minor, limit_of(dana).daily_minor) == (800_00, 5_000_00)
        change.refresh_from_db()
        assert (change.state, change.answered_by, change.answered_at) == (ChangeState.CONFIRMED, lena, LATER)
        kinds = [(entry.kind, entry.actor) for entry in timeline_of(subject_of(scope_of(change)))]
        assert kinds == [("limit.proposed", root), ("limit.set", lena)]

    def test_is_not_answered_by_whoever_made_it(self, world: World, root: User, dana: User) -> None:
        change = proposed(dana, by=root)

        with pytest.raises(NotPermitted, match="You proposed this change"):
            confirm_change(change_id=change.pk, actor=root, at=LATER)
        assert limit_of(dana).single_minor == 500_00

    def test_is_not_answered_by_whom_it_names(self, world: World, root: User, zeus: User) -> None:
        change = proposed(zeus, by=root)

        with pytest.raises(NotPermitted, match="your own"):
            confirm_change(change_id=change.pk, actor=zeus, at=LATER)

    def test_for_a_role_is_not_answered_by_who_holds_it(self, world: World, root: User, lena: User, rita: User) -> None:
        scope = Scope(role="finance", category="refund", currency="GBP")
        change = propose_limit(scope=scope, single_minor=1, daily_minor=1, why=WHY, actor=root, at=NOON)

        assert answerers_of(change) == [rita]
        with pytest.raises(NotPermitted, match="your own"):
            confirm_change(change_id=change.pk, actor=lena, at=LATER)
        confirm_change(change_id=change.pk, actor=rita, at=LATER)
        assert AuthorityLimit.objects.get(role="finance").single_minor == 1

    @pytest.mark.parametrize("name", ["dana", "ada", "mei", "lena"])
    def test_is_made_by_administrators_alone(
        self, world: World, viktor: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        with pytest.raises(NotPermitted, match="add_limitchange"):
            proposed(viktor, by=request.getfixturevalue(name))
        assert not LimitChange.objects.exists()

    @pytest.mark.parametrize("name", ["dana", "ada", "mei"])
    def test_is_answered_only_with_the_right(
        self, world: World, root: User, viktor: User, name: str, request: pytest.FixtureRequest
    ) -> None:
        change = proposed(viktor, by=root)

        with pytest.raises(NotPermitted, match="answer_limitchange"):
            refuse_change(change_id=change.pk, note="No.", actor=request.getfixturevalue(name), at=LATER)

    def test_is_out_of_date_once_the_limit_is_another(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)
        with by_decree():
            AuthorityLimit.objects.filter(pk=limit_of(dana).pk).update(single_minor=700_00)

        with pytest.raises(OutOfDate, match="changed after this was proposed"):
            confirm_change(change_id=change.pk, actor=lena, at=LATER)
        assert limit_of(dana).single_minor == 700_00

    def test_is_answered_once(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)
        refuse_change(change_id=change.pk, note="Too early.", actor=lena, at=LATER)

        with pytest.raises(OutOfDate, match="was refused by Lena"):
            confirm_change(change_id=change.pk, actor=lena, at=LATER)
        assert limit_of(dana).single_minor == 500_00

    def test_is_refused_in_words(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)

        with pytest.raises(Refused, match="Say why"):
            refuse_change(change_id=change.pk, note=" ", actor=lena, at=LATER)

    def test_is_confirmed_in_no_more_words_than_are_kept(
        self, world: World, root: User, dana: User, lena: User
    ) -> None:
        change = proposed(dana, by=root)

        with refused(Refused, "note_too_long"):
            confirm_change(change_id=change.pk, note="9" * 401, actor=lena, at=NOON)
        assert LimitChange.objects.get(pk=change.pk).state == "proposed"

    def test_is_taken_back_by_its_maker_alone(self, world: World, root: User, dana: User, rita: User) -> None:
        change = proposed(dana, by=root)

        with pytest.raises(Refused, match="You may refuse it instead"):
            withdraw_change(change_id=change.pk, actor=rita, at=LATER)
        withdraw_change(change_id=change.pk, actor=root, at=LATER)

        assert LimitChange.objects.get().state == ChangeState.WITHDRAWN
        proposed(dana, by=root, single_minor=900_00)

    def test_waits_alone(self, world: World, root: User, dana: User, rita: User) -> None:
        proposed(dana, by=root)

        with pytest.raises(Refused, match="waits for an answer"):
            proposed(dana, by=rita, single_minor=900_00)

    def test_says_something_new(self, world: World, root: User, dana: User) -> None:
        limit = limit_of(dana)

        with pytest.raises(Refused, match="already"):
            propose_limit(
                scope=scope_of(limit),
                single_minor=limit.single_minor,
                daily_minor=limit.daily_minor,
                why=WHY,
                actor=root,
                at=NOON,
            )

    def test_is_not_for_a_machine(self, world: World, root: User, bot: User) -> None:
        with pytest.raises(Refused, match="A service account signs for nothing"):
            proposed(bot, by=root)


class TestAWithdrawal:
    def test_takes_the_limit_away_once_confirmed(self, world: World, root: User, dana: User, lena: User) -> None:
        change = propose_withdrawal(limit_id=limit_of(dana).pk, why="She left.", actor=root, at=NOON)

        confirm_change(change_id=change.pk, actor=lena, at=LATER)

        assert not AuthorityLimit.objects.filter(user=dana, currency="GBP").exists()
        last = timeline_of(subject_of(scope_of(change))).last()
        assert last is not None
        assert (last.kind, last.sentence) == (
            "limit.withdrawn",
            "confirmed to withdraw the limit of dana for refund in GBP. It was £500.00.",
        )


class TestTheDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE approvals_authoritylimit SET single_minor = 999999 WHERE user_id = %s",
            "DELETE FROM approvals_authoritylimit WHERE user_id = %s",
            "UPDATE approvals_authoritylimit SET currency = 'JPY' WHERE user_id = %s AND currency = 'GBP'",
            """INSERT INTO approvals_authoritylimit (user_id, role, category, currency, single_minor, daily_minor)
            VALUES (%s, '', 'payout', 'GBP', 1, 1)""",
        ],
    )
    def test_refuses_a_limit_that_nobody_confirmed(self, world: World, dana: User, statement: str) -> None:
        with pytest.raises(DatabaseError, match=r"second person|keeps whom"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement, [dana.pk])
        assert limit_of(dana).single_minor == 500_00

    def test_refuses_other_amounts_than_the_confirmed_ones(
        self, world: World, root: User, dana: User, lena: User
    ) -> None:
        confirm_change(change_id=proposed(dana, by=root).pk, actor=lena, at=LATER)

        with pytest.raises(DatabaseError, match="second person"), transaction.atomic():
            AuthorityLimit.objects.filter(user=dana, currency="GBP").update(single_minor=800_01)
        assert limit_of(dana).single_minor == 800_00

    def test_refuses_a_change_that_begins_confirmed(self, world: World, root: User, dana: User, lena: User) -> None:
        with pytest.raises(DatabaseError, match="begins as a proposal"), transaction.atomic():
            LimitChange.objects.create(
                user=dana,
                category="refund",
                currency="GBP",
                single_minor=9,
                daily_minor=9,
                why=WHY,
                state=ChangeState.CONFIRMED,
                proposed_by=root,
                proposed_at=NOON,
                answered_by=lena,
                answered_at=NOON,
            )

    @pytest.mark.parametrize("columns", [{"single_minor": 9}, {"why": "Other."}])
    def test_keeps_what_was_proposed(self, world: World, root: User, dana: User, columns: dict[str, int | str]) -> None:
        change = proposed(dana, by=root)

        with pytest.raises(DatabaseError, match="what was proposed stays"), transaction.atomic():
            LimitChange.objects.filter(pk=change.pk).update(**columns)

    def test_keeps_what_was_answered(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)
        refuse_change(change_id=change.pk, note="No.", actor=lena, at=LATER)

        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            LimitChange.objects.filter(pk=change.pk).update(state=ChangeState.CONFIRMED)
        with pytest.raises(DatabaseError), transaction.atomic():
            LimitChange.objects.filter(pk=change.pk).delete()


def at_the_desk(person: User) -> Client:
    """Log somebody in."""
    client = Client()
    client.force_login(person)
    return client


class TestThePageOfChanges:
    def test_shows_before_and_after_and_who_may_answer(self, world: World, root: User, dana: User, lena: User) -> None:
        proposed(dana, by=root)

        page = at_the_desk(lena).get(reverse("approvals:limit_changes")).content.decode()
        assert "£500.00" in page
        assert "£800.00" in page
        assert "Lena" in page
        assert "Confirm</button>" in page
        assert "Confirm</button>" not in at_the_desk(root).get(reverse("approvals:limit_changes")).content.decode()

    def test_confirms_by_a_plain_form(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)

        answer = at_the_desk(lena).post(reverse("approvals:confirm_change", args=[change.pk]))

        assert answer.status_code == 302
        assert limit_of(dana).single_minor == 800_00

    def test_answers_the_second_answer_with_409(self, world: World, root: User, dana: User, lena: User) -> None:
        change, desk = proposed(dana, by=root), at_the_desk(lena)
        desk.post(reverse("approvals:refuse_change", args=[change.pk]), {"note": "No."})

        assert desk.post(reverse("approvals:confirm_change", args=[change.pk])).status_code == 409
        assert limit_of(dana).single_minor == 500_00

    def test_answers_a_refusal_without_words_with_422(self, world: World, root: User, dana: User, lena: User) -> None:
        change = proposed(dana, by=root)

        assert at_the_desk(lena).post(reverse("approvals:refuse_change", args=[change.pk])).status_code == 422

    def test_lets_the_proposer_take_it_back(self, world: World, root: User, dana: User) -> None:
        change, desk = proposed(dana, by=root), at_the_desk(root)

        assert "Take back" in desk.get(reverse("approvals:limit_changes")).content.decode()
        assert desk.post(reverse("approvals:withdraw_change", args=[change.pk])).status_code == 302
        assert LimitChange.objects.get().state == ChangeState.WITHDRAWN
