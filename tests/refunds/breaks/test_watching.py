"""What time does to breaks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail

from approvals.models import NoticeSetting
from approvals.vocabulary import NoticeWish
from config.kernel.outbox import drain
from config.kernel.people import User
from evidence.models import LedgerEntry
from refunds.breaks import owning, resolving
from refunds.breaks.vocabulary import Resolution
from refunds.breaks.watching import tell_overdue, watch_breaks
from refunds.models import Break, StatementLine
from tests.refunds.books import LATER, NOON, paid, team_called
from tests.refunds.journal.lines import line_of

from .found import a_break

if TYPE_CHECKING:
    from pytest_django import Settings

    from config.kernel.people import Team

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("up_to_ten_pounds")]

MUCH_LATER = LATER + timedelta(days=3)


@pytest.fixture(autouse=True)
def with_mail(settings: Settings) -> None:
    settings.MAIL_IS_KEPT = False


@pytest.fixture
def people(lena: User, luis: User) -> tuple[User, User]:
    """Give both an address."""
    for person in (lena, luis):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@example.com")
    return lena, luis


def mailed() -> list[list[str]]:
    drain()
    return sorted(letter.to for letter in mail.outbox)


class TestAnOverdueBreak:
    def test_is_told_once_to_all_of_finance_where_nobody_looks_after_it(self, people: tuple[User, User]) -> None:
        found = a_break(-5_00)

        assert tell_overdue(at=MUCH_LATER) == 1
        assert tell_overdue(at=MUCH_LATER + timedelta(hours=1)) == 0

        assert mailed() == [["lena@example.com"], ["luis@example.com"]]
        assert found.reference in mail.outbox[0].body
        assert str(found.get_absolute_url()) in mail.outbox[0].body
        assert LedgerEntry.objects.filter(kind="break.overdue", subject_id=found.pk).count() == 1

    def test_is_told_to_its_owner_alone(self, people: tuple[User, User]) -> None:
        lena, luis = people
        owning.assign_break(break_id=a_break(-5_00).pk, owner=luis, actor=lena, at=LATER)

        tell_overdue(at=MUCH_LATER)

        assert mailed() == [["luis@example.com"]]

    def test_of_another_team_is_told_to_nobody_here(self, people: tuple[User, User]) -> None:
        a_break(-2219, operation_ref=str(paid(team=team_called("south")).pk))

        tell_overdue(at=LATER + timedelta(days=6))

        assert mailed() == []

    def test_is_not_mailed_to_whoever_wants_no_mail(self, people: tuple[User, User]) -> None:
        NoticeSetting.objects.create(user=people[0], wish=NoticeWish.NONE)
        a_break(-5_00)

        tell_overdue(at=MUCH_LATER)

        assert mailed() == [["luis@example.com"]]

    def test_is_none_before_its_promise_or_once_it_is_resolved(self, people: tuple[User, User]) -> None:
        found = a_break(-5_00)
        assert tell_overdue(at=LATER + timedelta(days=1)) == 0
        resolving.resolve_break(
            break_id=found.pk, resolution=Resolution.ACCEPT, note="Seen.", actor=people[0], at=LATER
        )

        assert tell_overdue(at=MUCH_LATER) == 0


class TestWatching:
    def test_finds_what_no_import_brought(self, north: Team) -> None:
        paid(team=north, at=NOON)
        for days in (-1, 11):
            line_of("charge", 100, at=NOON + timedelta(days=days))
        old = line_of("refund", -500, result="unmatched", result_note="Looked at before breaks had rows.")
        line_of("refund", -700, result="unmatched")

        watch_breaks(at=LATER + timedelta(days=3))

        kinds = {one.kind: one.line for one in Break.objects.all()}
        assert kinds == {"missing_at_processor": None, "ungoverned": old}
        assert StatementLine.objects.filter(breaks__isnull=True, result="unmatched").count() == 1
