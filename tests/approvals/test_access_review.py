"""Who could approve what at a moment, from rows that no statement gets round."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from approvals.access_review import PersonThen, review_at
from approvals.guards import Scope
from approvals.models import AuthorityLimit, AuthorityLimitEvent, Delegation
from approvals.services.limits import confirm_change, propose_limit
from approvals.services.reviews import SUBJECT
from approvals.vocabulary import DelegationState
from config.kernel.models import PersonEvent
from evidence.ledger import timeline_of
from tests.admin.desk import desk_of
from tests.harness.people import by_decree
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

PAGE = "approvals:access_review"
MINUTE = timedelta(minutes=1)


def long_ago(days: int) -> datetime:
    """Name a moment before today."""
    return timezone.now() - timedelta(days=days)


def backdated(at: datetime) -> None:
    """Let everything kept until now have been kept at an earlier moment; the last line of defence looks away."""
    with connection.cursor() as cursor:
        for table in ("kernel_personevent", "kernel_personroleevent", "kernel_personteamevent"):
            _move(cursor, table, at)
        _move(cursor, "approvals_authoritylimitevent", at)


def _move(cursor: object, table: str, at: datetime) -> None:
    run = cursor.execute  # type: ignore[attr-defined]
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(f"UPDATE {table} SET pgh_created_at = %s", [at])  # noqa: S608 - names of ours
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def then(person: User, at: datetime) -> PersonThen:
    """Find somebody in the review."""
    return next(one for one in review_at(at).people if one.username == person.username)


class TestTheReview:
    def test_shows_somebody_as_she_was(self, world: World, dana: User) -> None:
        backdated(long_ago(10))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE kernel_user SET is_active = false WHERE id = %s", [dana.pk])
            cursor.execute("DELETE FROM kernel_user_groups WHERE user_id = %s", [dana.pk])
            cursor.execute("DELETE FROM kernel_teamuserobjectpermission WHERE user_id = %s", [dana.pk])
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(single_minor=900_00)

        was, now = then(dana, long_ago(5)), then(dana, timezone.now() + MINUTE)

        assert (was.is_active, was.roles, len(was.teams), was.could_sign) == (True, ["approver"], 3, True)
        assert {str(limit.single.minor) for limit in was.limits} == {"50000"}
        assert (now.is_active, now.roles, now.teams, now.could_sign) == (False, [], [], False)
        assert {limit.single.minor for limit in now.limits} == {900_00}

    def test_knows_nobody_before_the_past_began(self, world: World, dana: User) -> None:
        backdated(long_ago(10))

        assert review_at(long_ago(11)).people == []

    def test_names_who_confirmed_each_limit_and_marks_what_nobody_did(
        self, world: World, root: User, lena: User, dana: User
    ) -> None:
        change = propose_limit(
            scope=Scope(user=dana, category="refund", currency="GBP"),
            single_minor=700_00,
            daily_minor=7_000_00,
            why="She grew.",
            actor=root,
            at=NOON,
        )
        confirm_change(change_id=change.pk, actor=lena, at=NOON)

        limits = {limit.single.currency: limit for limit in then(dana, timezone.now() + MINUTE).limits}

        assert limits["GBP"].change is not None
        assert (limits["GBP"].change.proposed_by, limits["GBP"].change.answered_by) == (root, lena)
        assert limits["EUR"].change is None

    def test_shows_delegations_as_they_were_in_force(self, world: World, dana: User, viktor: User) -> None:
        backdated(long_ago(10))
        Delegation.objects.create(
            lent_by=viktor,
            lent_to=dana,
            state=DelegationState.ENDED,
            from_at=long_ago(8),
            until_at=long_ago(2),
            offered_at=long_ago(9),
            answered_at=long_ago(9),
            ended_at=long_ago(4),
        )

        assert len(then(dana, long_ago(6)).delegations) == 1
        assert then(dana, long_ago(3)).delegations == []

    def test_is_of_rows_that_stay(self, world: World, dana: User) -> None:
        for events in (PersonEvent, AuthorityLimitEvent):
            with pytest.raises(DatabaseError), transaction.atomic():
                events.objects.all().delete()
            with pytest.raises(DatabaseError), transaction.atomic():
                events.objects.update(pgh_label="delete")

    def test_is_not_filled_by_a_login(self, world: World, dana: User) -> None:
        before = PersonEvent.objects.count()

        dana.last_login = timezone.now()
        dana.save(update_fields=["last_login"])

        assert PersonEvent.objects.count() == before


class TestThePage:
    def test_is_for_a_day_or_a_moment(self, world: World, ada: User, dana: User) -> None:
        desk, address = desk_of(ada), reverse(PAGE)

        assert "Dana" in desk.get(address).content.decode()
        assert "Nothing is known of this day." in desk.get(address, {"on": "2020-01-31"}).content.decode()
        assert desk.get(address, {"on": "2020-01-31T10:00:00+00:00"}).status_code == 200
        assert desk.get(address, {"on": "9998-12-31"}).status_code == 200
        assert desk.get(address, {"on": "yesterday"}).status_code == 422

    def test_marks_limits_that_nobody_confirmed(self, world: World, ada: User, dana: User) -> None:
        assert "nobody confirmed it" in desk_of(ada).get(reverse(PAGE)).content.decode()

    def test_is_a_file_that_proves_itself_and_runs_no_formula(self, world: World, ada: User, dana: User) -> None:
        dana.first_name = "=HYPERLINK(1)"
        dana.save()

        answer = desk_of(ada).get(reverse(PAGE), {"format": "csv"})
        text = answer.getvalue().decode()

        above, _, last = text.rstrip("\r\n").rpartition("\r\n")
        assert last == f"SHA-256 of all above,{hashlib.sha256((above + chr(13) + chr(10)).encode()).hexdigest()}"
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert {row[1] for row in rows if row[0] == "dana"} == {"'=HYPERLINK(1)"}
        assert ["Query", "/authority/review/?format=csv"] in rows

    def test_is_signed_into_the_ledger(self, world: World, ada: User, dana: User) -> None:
        desk, address = desk_of(ada), reverse("approvals:sign_review")

        assert desk.post(address, {"on": "", "note": " "}).status_code == 422
        assert desk.post(address, {"on": "", "note": "Nothing to mend."}).status_code == 302

        entry = timeline_of(SUBJECT).get()
        assert (entry.kind, entry.actor) == ("access_review.signed", ada)
        assert "Nothing to mend." not in entry.payload
        assert "Nothing to mend." in desk.get(reverse(PAGE)).content.decode()

    def test_is_not_signed_by_whom_it_is_about(self, world: World, dana: User) -> None:
        assert desk_of(dana).post(reverse("approvals:sign_review"), {"note": "Fine."}).status_code == 403
