"""What time does to items."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail

from analytics.remediation import working
from analytics.remediation.watching import tell_overdue, watch_items
from analytics.tasks import watch_remediation
from approvals.models import NoticeSetting
from approvals.vocabulary import NoticeWish
from config.kernel.outbox import drain
from config.kernel.people import User
from evidence.models import LedgerEntry
from tests.harness.people import settle

from .stage import CODE, NOW, an_item, stored, submitted, verifying

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db

LATE = NOW + timedelta(days=5)
LATER = LATE + timedelta(days=3)


@pytest.fixture(autouse=True)
def with_mail(settings: Settings) -> None:
    settings.MAIL_IS_KEPT = False
    for name in ("sam", "mei", "viktor", "amir"):
        User.objects.filter(pk=settle(name).pk).update(email=f"{name}@example.com")


def mailed() -> list[list[str]]:
    mail.outbox.clear()
    drain()
    return sorted(letter.to for letter in mail.outbox)


class TestAnOverdueItem:
    def test_is_told_to_its_owner_then_to_the_leads(self, sam: User) -> None:
        item = an_item(sam)

        assert tell_overdue(at=LATE) == 1
        assert mailed() == [["sam@example.com"]]
        assert CODE in mail.outbox[0].body
        assert item.get_absolute_url() in mail.outbox[0].body
        assert tell_overdue(at=LATE + timedelta(days=1)) == 0

        assert tell_overdue(at=LATER) == 1
        assert mailed() == [["sam@example.com"], ["viktor@example.com"]]
        assert tell_overdue(at=LATER + timedelta(days=1)) == 0
        kinds = LedgerEntry.objects.filter(subject_id=item.pk, machine="quality watch").values_list("kind", flat=True)
        assert list(kinds.order_by("seq")) == ["remediation_item.overdue", "remediation_item.escalated"]

    def test_that_nobody_owns_is_told_to_all_who_work_on_items(self, sam: User) -> None:
        working.assign_item(item_id=an_item(sam).pk, owner=None, actor=sam, at=NOW)

        tell_overdue(at=LATE)

        assert mailed() == [["mei@example.com"], ["sam@example.com"]]

    def test_is_not_mailed_to_whoever_wants_no_mail(self, sam: User) -> None:
        NoticeSetting.objects.create(user=sam, wish=NoticeWish.NONE)
        an_item(sam)

        tell_overdue(at=LATE)

        assert mailed() == []

    def test_is_none_once_it_moved(self, sam: User) -> None:
        item = an_item(sam)
        working.find_cause(item_id=item.pk, hypothesis="Thin boxes.", actor=sam, at=LATE - timedelta(hours=1))
        assert tell_overdue(at=LATE) == 0

    def test_is_none_while_it_waits_for_its_test(self, sam: User, mei: User) -> None:
        item = verifying(sam, mei)

        assert tell_overdue(at=LATER) == 0
        assert stored(item).overdue_told_at is None


class TestWatching:
    def test_tests_opens_and_tells_in_one_round(self, sam: User, mei: User) -> None:
        item = verifying(sam, mei)
        due = NOW + timedelta(weeks=4)
        submitted(20, code="WINDOW_EXPIRED", at=due - timedelta(days=1))

        watch_items(at=due)

        assert stored(item).state == "open"
        assert {one.code: one.state for one in type(item).objects.all()} == {CODE: "open", "WINDOW_EXPIRED": "open"}

    def test_is_what_the_task_does(self) -> None:
        watch_remediation(later="ignored")
