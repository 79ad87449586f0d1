"""Every screen of authority and of the queue, full and empty, in both themes, at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from approvals import links
from approvals.delegation_rules import Offer
from approvals.guards import Scope
from approvals.looking import look_for_dead_ends
from approvals.models import ApprovalRoute, Notice, SavedView, StepUpLimit
from approvals.services.absences import enter_absence
from approvals.services.delegating import accept_delegation, decline_delegation, end_delegation, offer_delegation
from approvals.services.desk import ask_colleague, snooze_route
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.services.leasing import lease_step
from approvals.services.limits import confirm_change, propose_limit, refuse_change
from approvals.services.reviews import sign_review
from approvals.vocabulary import Verdict
from config.kernel.outbox import drain
from refunds import workflow
from tests.approvals.timely import route_of
from tests.browser.checks import DESK, PHONE, WIDTHS, complaints, problems
from tests.harness.people import fresh, settle
from tests.harness.sign_in import make_stale_everywhere

if TYPE_CHECKING:
    from datetime import datetime

    from approvals.models import Delegation, LimitChange
    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WHY = "A wave of odd refunds since this morning; we look first."
DAY = timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    """By the clock on the wall, because pages count from it."""
    return timezone.now()


def waiting(world: World, at: datetime, *, pounds: int = 300, by: str = "amir") -> RefundRequest:
    """File a request that waits for a signature now."""
    return world.waiting(by=settle(by), pounds=pounds, at=at)


def offered(lender: User, to: User, at: datetime, *, hours: int = 0) -> Delegation:
    """Offer three days, from an hour of its own, because two of one pair may not overlap."""
    begins = at.replace(second=0, microsecond=0) + timedelta(hours=hours)
    offer = Offer(lent_to=fresh(to), from_at=begins, until_at=begins + timedelta(minutes=50), why="On leave.")
    return offer_delegation(offer=offer, actor=fresh(lender), at=at)


def proposed(at: datetime, currency: str, pounds: int = 800) -> LimitChange:
    """Propose another limit for Dana."""
    return propose_limit(
        scope=Scope(user=settle("dana"), category="refund", currency=currency),
        single_minor=pounds * 100,
        daily_minor=8_000_00,
        why="She leads the team now.",
        actor=settle("root"),
        at=at,
    )


class TestTheQueue:
    """Each view, and each thing the panel may have to say."""

    def test_stands_in_every_view(self, page_as: PageAs, world: World, at: datetime) -> None:
        viktor, dana = settle("viktor"), settle("dana")
        held, put_off, asked, parted, claimed = (
            waiting(world, at, pounds=pounds) for pounds in (110, 120, 130, 140, 150)
        )
        SavedView.objects.create(user=viktor, name="Pounds", query="view=mine&currency=GBP")
        lease_step(route=route_of(held), actor=dana, at=at)
        lease_step(route=route_of(claimed), actor=viktor, at=at)
        snooze_route(route=route_of(put_off), pause="4h", actor=viktor, at=at)
        ask_colleague(route=route_of(asked), colleague=viktor, note="", actor=dana, at=at)
        ApprovalRoute.objects.filter(pk=route_of(parted).pk).update(part_number=2, others_minor=260_00)
        views = ["all", "mine", "claimed", "asked", "snoozed", "lent", "soon"]
        addresses = [
            *(f"/queue/?view={view}" for view in views),
            "/queue/?view=mine&currency=GBP",
            "/queue/?view=mine&currency=USD&risk=high",
        ]
        assert complaints(page_as, viktor, *addresses) == []

    def test_stands_with_whatever_a_request_says_of_the_viewer(
        self, page_as: PageAs, world: World, at: datetime
    ) -> None:
        dana, viktor = settle("dana"), settle("viktor")
        held, above, sent_up = (waiting(world, at, pounds=pounds) for pounds in (300, 900, 310))
        approved = workflow.decide(
            reference=waiting(world, at).reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=at
        )
        asked = waiting(world, at)
        workflow.ask(reference=asked.reference, question="Which lamp is it, and where?", actor=viktor, at=at)
        lease_step(route=route_of(held), actor=viktor, at=at)
        ask_colleague(route=route_of(sent_up), colleague=dana, note="", actor=viktor, at=at)
        pages = [found.get_absolute_url() for found in (held, above, sent_up, approved, asked)]
        assert complaints(page_as, dana, *pages) == []

    def test_stands_for_one_who_entered_it_and_for_a_dead_end(
        self, page_as: PageAs, world: World, at: datetime
    ) -> None:
        zeus = settle("zeus")
        own = waiting(world, at, by="zeus")
        page = own.get_absolute_url()
        assert complaints(page_as, zeus, page, "/queue/?view=all") == []

    @pytest.mark.parametrize("width", WIDTHS)
    def test_stands_while_alike_ones_are_approved_together(
        self, page_as: PageAs, world: World, at: datetime, width: int
    ) -> None:
        several = [waiting(world, at, pounds=pounds) for pounds in (300, 310, 320)]
        dollars = world.filed(world.order(team="us-dtc", unit_minor=250_00, at=at), by=settle("amir"), at=at)
        page = page_as(settle("dana"), width=width)
        page.goto("/queue/?view=mine")
        for each in (*several, dollars):
            page.get_by_label(f"Select {each.reference}").check()
        assert problems(page, width) == []
        lease_step(route=route_of(several[0]), actor=settle("viktor"), at=at)
        page.get_by_role("button", name="Look at them together").click()
        page.get_by_text("Viktor is looking at this until").wait_for()
        assert problems(page, width) == []
        lease_step(route=route_of(several[1]), actor=settle("viktor"), at=at)
        page.get_by_role("button", name="Approve what is ticked").click()
        page.get_by_role("heading", name="2 of 3 done").wait_for()
        assert problems(page, width) == []

    @pytest.mark.parametrize("width", WIDTHS)
    def test_stands_where_somebody_must_show_once_more_who_she_is(
        self, page_as: PageAs, world: World, at: datetime, width: int
    ) -> None:
        vera = settle("vera")
        vera.set_password("correct horse battery")
        vera.save(update_fields=["password"])
        StepUpLimit.objects.update_or_create(currency="GBP", defaults={"above_minor": 150_00})
        large = waiting(world, at)
        page = page_as(vera, width=width)
        make_stale_everywhere(vera)
        page.goto("/step-up/?next=/queue/")
        assert problems(page, width) == []
        page.goto(large.get_absolute_url())
        page.get_by_role("button", name="Approve £300.00").click()
        page.get_by_label("Your password").fill("wrong")
        page.get_by_role("button", name="Confirm").click()
        page.locator("#id_password_error").wait_for()
        assert problems(page, width) == []
        if width != PHONE:
            page.goto("/queue/?view=mine")
            page.get_by_role("button", name="Approve £300.00").click()
            page.get_by_label("Your password").wait_for()
            assert problems(page, width) == []


class TestAuthority:
    """Who may sign, who proposes that, who confirmed it."""

    def test_stands_with_changes_that_wait_and_that_were_answered(
        self, page_as: PageAs, world: World, at: datetime
    ) -> None:
        lena, ada, root = settle("lena"), settle("ada"), settle("root")
        for name in ("viktor", "vera"):
            settle(name)
        confirm_change(change_id=proposed(at, "GBP", 700).pk, note="As agreed.", actor=lena, at=at)
        refuse_change(change_id=proposed(at, "EUR").pk, note="Not before she is back.", actor=lena, at=at)
        proposed(at, "USD")
        sign_review(moment=at, note="Everybody here still does this work.", actor=ada, at=at)
        asked = "/authority/?amount=3000&currency=GBP&category=refund&team=uk-retail"
        nobody = "/authority/?amount=9000000&currency=GBP&category=refund&team=uk-retail"
        wrong = "/authority/?amount=much&currency=GBP&category=refund&team=uk-retail"
        addresses = ["/authority/", asked, nobody, "/authority/changes/", "/authority/review/"]
        assert complaints(page_as, lena, *addresses) == []
        assert complaints(page_as, ada, "/authority/review/?on=2020-01-01", "/authority/review/") == []
        assert complaints(page_as, root, "/authority/", "/authority/changes/") == []
        assert complaints(page_as, lena, wrong, status=422) == []

    def test_stands_with_all_that_is_lent_and_everybody_who_is_away(
        self, page_as: PageAs, world: World, at: datetime
    ) -> None:
        dana, viktor, vera = settle("dana"), settle("viktor"), settle("vera")
        accept_delegation(delegation_id=offered(viktor, dana, at).pk, actor=fresh(dana), at=at)
        offered(vera, dana, at)
        offered(dana, vera, at, hours=1)
        decline_delegation(delegation_id=offered(viktor, vera, at, hours=2).pk, actor=fresh(vera), at=at)
        ended = accept_delegation(delegation_id=offered(viktor, vera, at, hours=3).pk, actor=fresh(vera), at=at)
        end_delegation(delegation_id=ended.pk, actor=fresh(viktor), at=at)
        enter_absence(
            user=dana, from_at=at + DAY, until_at=at + 5 * DAY, note="In the mountains.", actor=fresh(dana), at=at
        )
        waits = waiting(world, at, pounds=450)
        assert complaints(page_as, dana, "/delegations/", waits.get_absolute_url(), "/") == []
        assert complaints(page_as, settle("root"), "/delegations/") == []

    def test_stands_with_a_freeze_and_what_it_stopped(self, page_as: PageAs, world: World, at: datetime) -> None:
        lena, dana = settle("lena"), settle("dana")
        waits = waiting(world, at)
        over = set_freeze(target=Target(scope="everything"), why=WHY, actor=lena, at=at)
        lift_freeze(switch_id=over.pk, why="It was a promotion after all.", actor=lena, at=at)
        set_freeze(target=Target(scope="team", team=world.team()), why=WHY, actor=lena, at=at)
        set_freeze(target=Target(scope="agent", agent=dana), why=WHY, actor=lena, at=at)
        page = page_as(dana)
        page.goto(waits.get_absolute_url())
        page.get_by_role("button", name="Approve £300.00").click()
        page.get_by_text("frozen").first.wait_for()
        assert problems(page, DESK) == []
        assert complaints(page_as, dana, "/freezes/", waits.get_absolute_url(), "/queue/?view=all") == []
        assert complaints(page_as, lena, "/freezes/") == []

    def test_stands_with_what_nobody_can_approve(self, page_as: PageAs, world: World, at: datetime) -> None:
        viktor = settle("viktor")
        dead = waiting(world, at, pounds=900, by="viktor")
        settle("dana")
        look_for_dead_ends(at=at)
        assert complaints(page_as, settle("dana"), "/dead-ends/", dead.get_absolute_url()) == []
        assert complaints(page_as, viktor, "/dead-ends/", dead.get_absolute_url()) == []


class TestNotices:
    def test_stand_with_something_told_and_with_nothing(self, page_as: PageAs, world: World, at: datetime) -> None:
        dana, vera = settle("dana"), settle("vera")
        told, over = waiting(world, at), waiting(world, at)
        drain()
        workflow.decide(reference=over.reference, verdict=Verdict.APPROVE, rationale="", actor=vera, at=at)
        assert Notice.objects.filter(user=dana).count() == 2
        assert complaints(page_as, dana, "/notices/", told.get_absolute_url()) == []
        assert complaints(page_as, settle("ada"), "/notices/") == []

    def test_stand_where_a_link_from_mail_leads_nowhere(self, page_as: PageAs, world: World, at: datetime) -> None:
        dana = settle("dana")
        token = links.token_for(route=route_of(waiting(world, at)), level=1, user=dana)
        assert complaints(page_as, dana, "/queue/open/made-up/", status=404) == []
        assert complaints(page_as, settle("vera"), f"/queue/open/{token}/", status=403) == []


class TestEmptyDesks:
    def test_stand_before_anything_happened(self, page_as: PageAs, world: World) -> None:
        addresses = ["/queue/", "/queue/?view=all", "/delegations/", "/freezes/", "/dead-ends/", "/notices/"]
        assert complaints(page_as, settle("viktor"), *addresses) == []
        assert complaints(page_as, settle("mei"), "/exceptions/") == []
        assert complaints(page_as, settle("lena"), "/authority/changes/") == []
