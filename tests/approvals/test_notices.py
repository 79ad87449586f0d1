"""What colleagues are told: whom, about what, once; on the page and by mail, without a customer in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core import mail
from django.test import Client

from approvals import mailing
from approvals.models import Absence, AuthorityLimit, Notice, NoticeSetting
from approvals.notices import unread_count
from approvals.services.escalating import escalate_step
from approvals.services.notifying import MOST_PEOPLE, signers_of
from approvals.vocabulary import NoticeKind, NoticeWish, Verdict
from config.kernel import outbox
from config.kernel.people import Team, User, assign_to_teams, give_roles
from refunds import workflow
from tests.harness.people import by_decree, fresh, settle
from tests.harness.world import NOON, World

from .timely import route_of, step_of, waiting_until_four

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries, Settings

    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

SIGNERS = ("dana", "viktor", "vera")


def delivered(at: datetime = NOON) -> None:
    """Let everything in the outbox happen at a moment; what was published just now, by today's clock, is due."""
    due = datetime.now(UTC) + timedelta(minutes=1) + (at - NOON)
    with time_machine.travel(at, tick=False):
        outbox.drain(at=due)


def waiting_and_told(world: World, by: User, *, signers: tuple[str, ...] = SIGNERS) -> RefundRequest:
    """File a request while these people work, and let them be told."""
    for username in signers:
        settle(username)
    waiting = world.waiting(by=by)
    delivered()
    return waiting


def told(kind: NoticeKind = NoticeKind.WAITING) -> list[str]:
    """Name everybody who was told this."""
    return sorted(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


def give_address(*usernames: str) -> None:
    """Let people have mail."""
    for username in usernames:
        User.objects.filter(username=username).update(email=f"{username}@redress.example")


@pytest.fixture
def mailed(settings: Settings) -> list[mail.EmailMessage]:
    """Send mail, and look at it."""
    settings.MAIL_IS_KEPT = False
    settings.PORTAL_URL = "https://refunds.example"
    return mail.outbox


class TestARouteThatOpens:
    def test_tells_everybody_who_may_sign(self, world: World, amir: User) -> None:
        waiting_and_told(world, amir)

        assert told() == ["dana", "vera", "viktor"]

    def test_tells_nobody_whose_limit_is_too_low(self, world: World, amir: User) -> None:
        for username in SIGNERS:
            settle(username)
        world.waiting(by=amir, pounds=4_000)
        delivered()

        assert "dana" not in told()

    def test_tells_neither_the_requester_nor_whoever_took_part(self, world: World, zeus: User) -> None:
        waiting_and_told(world, zeus)

        assert "zeus" not in told()

    def test_tells_nobody_who_is_away(self, world: World, amir: User) -> None:
        for username in SIGNERS:
            settle(username)
        dana = settle("dana")
        Absence.objects.create(
            user=dana,
            from_at=NOON - timedelta(days=1),
            until_at=NOON + timedelta(days=1),
            entered_by=dana,
            entered_at=NOON,
        )
        waiting_and_told(world, amir)

        assert told() == ["vera", "viktor"]

    def test_tells_nobody_of_another_team(self, world: World, amir: User) -> None:
        assign_to_teams(user=settle("viktor"), teams=[world.team("us-dtc")])
        waiting_and_told(world, amir)

        assert told() == ["dana", "vera"]

    def test_tells_once(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_and_told(world, amir, signers=("dana",))
        workflow.hold(reference=waiting.reference, note="", actor=dana, at=NOON)
        delivered()

        assert told() == ["dana"]

    def test_tells_of_the_next_route_as_well(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_and_told(world, amir, signers=("dana",))
        workflow.hold(reference=waiting.reference, note="", actor=dana, at=NOON)
        workflow.release(reference=waiting.reference, actor=dana, at=NOON + timedelta(minutes=1))
        delivered()

        assert told() == ["dana", "dana"]

    def test_that_is_over_before_anybody_was_told_tells_nobody(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)
        delivered()

        assert told() == []

    def test_tells_at_most_fifty(self, world: World, amir: User) -> None:
        for number in range(MOST_PEOPLE + 3):
            clerk = User.objects.create(username=f"clerk{number}")
            give_roles(user=clerk, roles=["approver"])
            assign_to_teams(user=clerk, teams=[world.team()])
        _limit_approvers()
        waiting = world.waiting(by=amir)

        assert len(signers_of(route_of(waiting), step_of(waiting), at=NOON)) == MOST_PEOPLE

    def test_costs_the_submit_one_more_statement_at_most(
        self, world: World, amir: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        draft = world.draft_of(world.order(unit_minor=100_00))
        for username in SIGNERS:
            settle(username)
        who = fresh(amir)

        with django_assert_max_num_queries(60):
            workflow.file_request(draft=draft, actor=who, at=NOON)
        assert told() == []


class TestSomebodyAsked:
    def test_hears_it_alone(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        step = step_of(waiting)
        step.asked_of = viktor
        step.save(update_fields=["asked_of"])
        delivered()

        assert (told(NoticeKind.ASKED), told()) == (["viktor"], [])


class TestAMail:
    def test_names_reference_amount_due_and_a_link_and_no_customer(
        self, world: World, amir: User, dana: User, mailed: list[mail.EmailMessage]
    ) -> None:
        give_address("dana")
        order = world.order(unit_minor=100_00, customer=world.customer())
        filed = world.filed(order, by=amir)
        delivered()

        (sent,) = mailed
        assert sent.to == ["dana@redress.example"]
        assert sent.subject == f"Waits for you: {filed.reference}, £100.00"
        assert "https://refunds.example/queue/open/" in sent.body
        assert "Due:" in sent.body
        assert "Ada" not in sent.subject + sent.body
        assert Notice.objects.get(user=dana).mailed_at is not None

    def test_goes_once(self, world: World, amir: User, dana: User, mailed: list[mail.EmailMessage]) -> None:
        give_address("dana")
        waiting_and_told(world, amir, signers=("dana",))
        notice = Notice.objects.get(user=dana)

        assert not mailing.mail_notice(notice_id=notice.pk, at=NOON)
        assert len(mailed) == 1

    def test_does_not_go_about_what_went_up_to_others(
        self, world: World, amir: User, dana: User, mailed: list[mail.EmailMessage]
    ) -> None:
        give_address("dana")
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        reminder = Notice.objects.create(
            user=dana, route=route_of(waiting), kind=NoticeKind.REMINDER, level=step_of(waiting).level, written_at=NOON
        )
        escalate_step(route=route_of(waiting), actor=dana, note="", at=NOON)

        assert not mailing.mail_notice(notice_id=reminder.pk, at=NOON)
        assert mailed == []

    def test_does_not_go_about_what_is_over(
        self, world: World, amir: User, dana: User, mailed: list[mail.EmailMessage]
    ) -> None:
        waiting = waiting_and_told(world, amir, signers=("dana",))
        give_address("dana")
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        assert not mailing.mail_notice(notice_id=Notice.objects.get(user=dana).pk, at=NOON)
        assert mailed == []

    def test_is_not_sent_where_mail_is_kept(self, world: World, amir: User, dana: User) -> None:
        give_address("dana")
        waiting_and_told(world, amir, signers=("dana",))

        assert mail.outbox == []

    def test_that_cannot_be_sent_goes_later(
        self,
        world: World,
        amir: User,
        dana: User,
        mailed: list[mail.EmailMessage],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        give_address("dana")
        monkeypatch.setattr(mail.EmailMessage, "send", _no_connection)
        waiting_and_told(world, amir, signers=("dana",))
        monkeypatch.undo()
        assert Notice.objects.get(user=dana).mailed_at is None

        delivered(NOON + timedelta(hours=1))

        assert len(mailed) == 1

    def test_does_not_go_to_whoever_wants_none_by_now(
        self,
        world: World,
        amir: User,
        dana: User,
        mailed: list[mail.EmailMessage],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        give_address("dana")
        monkeypatch.setattr(mail.EmailMessage, "send", _no_connection)
        waiting_and_told(world, amir, signers=("dana",))
        monkeypatch.undo()
        NoticeSetting.objects.create(user=dana, wish=NoticeWish.NONE)

        delivered(NOON + timedelta(hours=1))

        assert mailed == []


class TestADigest:
    def _wants(self, username: str, wish: NoticeWish) -> None:
        NoticeSetting.objects.create(user=settle(username), wish=wish)
        give_address(username)

    def test_carries_a_day_together_at_eight_where_the_team_is(
        self, world: World, amir: User, mailed: list[mail.EmailMessage]
    ) -> None:
        self._wants("dana", NoticeWish.DIGEST)
        Team.objects.filter(slug="uk-retail").update(time_zone="America/New_York")
        for _ in range(3):
            waiting_and_told(world, amir, signers=("dana",))
        # Eight in New York is one in the afternoon in London; told at noon, so today's is still to come.
        eight = datetime(2026, 11, 20, 13, tzinfo=UTC)

        assert mailing.sweep_digests(at=eight - timedelta(seconds=1)) == 0
        assert [mailing.sweep_digests(at=eight), mailing.sweep_digests(at=eight + timedelta(minutes=1))] == [1, 0]
        delivered(eight)

        (sent,) = mailed
        assert sent.subject == "3 approval notices"
        assert sent.body.count("/queue/open/") == 3

    def test_keeps_its_hour_when_summer_begins(self, world: World, dana: User) -> None:
        Team.objects.filter(slug="uk-retail").update(time_zone="Europe/Berlin")

        before = mailing.last_eight(dana, at=datetime(2026, 3, 28, 12, tzinfo=UTC))
        after = mailing.last_eight(dana, at=datetime(2026, 3, 29, 12, tzinfo=UTC))

        assert (before.astimezone(UTC).hour, after.astimezone(UTC).hour) == (7, 6)

    def test_leaves_what_it_does_not_hold_to_the_next(
        self, world: World, amir: User, mailed: list[mail.EmailMessage], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mailing, "MOST_IN_A_DIGEST", 2)
        self._wants("dana", NoticeWish.DIGEST)
        for _ in range(3):
            waiting_and_told(world, amir, signers=("dana",))

        for minute in range(2):
            assert mailing.sweep_digests(at=NOON + timedelta(days=1, minutes=minute)) == 1
            delivered(NOON + timedelta(days=1, minutes=minute))

        assert [message.body.count("/queue/open/") for message in mailed] == [2, 1]

    def test_is_nothing_for_those_who_want_no_mail(
        self, world: World, amir: User, mailed: list[mail.EmailMessage]
    ) -> None:
        self._wants("dana", NoticeWish.NONE)
        waiting_and_told(world, amir, signers=("dana",))

        assert mailing.sweep_digests(at=NOON + timedelta(days=1)) == 0
        delivered(NOON + timedelta(days=1))
        assert mailed == []
        assert told() == ["dana"]


class TestThePage:
    def test_lists_what_one_was_told_and_counts_what_is_new(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_and_told(world, amir)
        client = _browser(dana)

        shown = client.get("/notices/").content.decode()

        assert waiting.reference in shown
        assert "1 new notice" in shown
        assert unread_count(dana) == 1

    def test_shows_the_mail_where_mail_is_kept(self, world: World, amir: User, dana: User) -> None:
        waiting_and_told(world, amir)

        shown = _browser(dana).get("/notices/").content.decode()

        assert "/queue/open/" in shown
        assert "Nothing is decided by opening it" in shown

    def test_marks_ones_own_as_read_and_nobody_elses(self, world: World, amir: User, dana: User, vera: User) -> None:
        waiting_and_told(world, amir)
        both = list(Notice.objects.filter(user__in=[dana, vera]).values_list("pk", flat=True))

        _browser(dana).post("/notices/read/", {"notice": both})

        assert (unread_count(dana), unread_count(vera)) == (0, 1)

    def test_does_not_count_what_is_over(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = waiting_and_told(world, amir)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=NOON)

        assert unread_count(dana) == 0
        assert "Over" in _browser(dana).get("/notices/").content.decode()

    def test_tells_nothing_of_a_team_one_left(self, world: World, amir: User, dana: User) -> None:
        waiting = waiting_and_told(world, amir)
        assign_to_teams(user=dana, teams=Team.objects.filter(slug="us-dtc"))
        client = Client()
        client.force_login(fresh(dana))

        assert waiting.reference not in client.get("/notices/").content.decode()
        assert unread_count(fresh(dana)) == 0

    def test_keeps_how_one_wants_to_be_told(self, world: World, dana: User) -> None:
        client = _browser(dana)

        assert client.post("/notices/", {"wish": "digest"}).status_code == 302
        assert client.post("/notices/", {"wish": "by pigeon"}).status_code == 422

        assert NoticeSetting.objects.get(user=dana).wish == NoticeWish.DIGEST

    def test_costs_the_same_for_many(
        self, world: World, amir: User, dana: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(5):
            waiting_and_told(world, amir, signers=("dana",))
        client = _browser(dana)
        client.get("/notices/")

        with django_assert_max_num_queries(24):
            client.get("/notices/")

    def test_tells_the_manager_it_went_up_to(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = waiting_until_four(world, amir, escalates_to="manager")
        escalate_step(route=route_of(waiting), actor=dana, note="", at=NOON)
        delivered()

        assert "Went up to you" in _browser(viktor).get("/notices/").content.decode()


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _no_connection(*_args: object, **_more: object) -> None:
    raise ConnectionRefusedError


def _limit_approvers() -> None:
    scope = {"role": "approver", "category": "refund", "currency": "GBP"}
    with by_decree():
        AuthorityLimit.objects.create(**scope, single_minor=500_00, daily_minor=9_000_00)
