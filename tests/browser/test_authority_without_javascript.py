"""Lending, freezing and changing limits by links and forms alone; each needs a second person where it must."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import ApprovalDecision, AuthorityLimit, Delegation, FreezeSwitch, LimitChange
from approvals.services.freezes import Target, set_freeze
from approvals.vocabulary import ChangeState, DelegationState
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.sign_in import make_stale_everywhere
from tests.harness.world import as_stored

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from config.kernel.people import User
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def plain(page_as: PageAs, person: User) -> Page:
    """Open a window that runs no script."""
    return page_as(person, java_script_enabled=False)


def limit_of(person: User, currency: str = "GBP") -> int:
    """Read somebody's single limit."""
    return AuthorityLimit.objects.get(user=person, currency=currency).single_minor


class TestADelegation:
    def test_is_offered_accepted_and_named_in_the_decision(self, page_as: PageAs, world: World) -> None:
        dana, viktor = settle("dana"), settle("viktor")
        lender = plain(page_as, viktor)
        lender.goto("/delegations/")
        offer = lender.locator("form", has=lender.get_by_role("button", name="Offer"))
        offer.get_by_label("To", exact=True).select_option("dana")
        offer.get_by_label("Until").fill(
            f"{timezone.now().astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)) + timedelta(days=2):%Y-%m-%dT%H:%M}"
        )
        offer.get_by_label("Why").fill("On leave.")
        offer.get_by_role("button", name="Offer").click()
        expect(lender.get_by_text("Offered to Dana. It binds once it is accepted.")).to_be_visible()
        assert Delegation.objects.get().state == DelegationState.OFFERED

        holder = plain(page_as, dana)
        holder.goto("/delegations/")
        expect(holder.get_by_role("heading", name="Viktor asks you to sign in their name")).to_be_visible()
        holder.get_by_role("button", name="Accept").click()
        expect(holder.get_by_text("You sign for Viktor in that time.")).to_be_visible()
        assert Delegation.objects.get().state == DelegationState.ACCEPTED

        # Both limits bind: hers of £500 stays the lower one.
        waiting = world.waiting(by=settle("amir"), pounds=450)
        holder.goto(waiting.get_absolute_url())
        holder.get_by_role("button", name="Approve £450.00").click()
        expect(holder.get_by_text(f"{waiting.reference} was approved")).to_be_visible()
        assert ApprovalDecision.objects.get().decided_by == dana

        lender.goto("/delegations/")
        lender.get_by_role("button", name="End Dana for Viktor").click()
        expect(lender.get_by_text("Ended. Nothing more is signed under it.")).to_be_visible()
        assert Delegation.objects.get().state == DelegationState.ENDED


class TestAFreezeOfEverything:
    @pytest.mark.parametrize("runs_scripts", [True, False])
    def test_is_lifted_with_the_same_words_once_she_has_shown_who_she_is(
        self, page_as: PageAs, world: World, *, runs_scripts: bool
    ) -> None:
        root = settle("root")
        root.set_password("plum harbour lantern")
        root.save()
        set_freeze(
            target=Target(scope="everything"), why="A wave of odd refunds.", actor=settle("lena"), at=timezone.now()
        )
        page = page_as(root, java_script_enabled=runs_scripts)
        make_stale_everywhere(root)
        page.goto("/freezes/")
        page.get_by_text("Lift this freeze").click()
        page.locator("details").get_by_label("Why").fill("We looked, and it is over.")
        page.get_by_role("button", name="Lift: Everything goes on").click()

        page.get_by_label("Your password").fill("plum harbour lantern")
        assert FreezeSwitch.objects.get().lifted_at is None
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("heading", name="Nothing is frozen")).to_be_visible()
        assert FreezeSwitch.objects.get().lifted_why == "We looked, and it is over."


class TestAFreeze:
    def test_stops_an_approval_says_so_and_is_lifted_with_a_reason(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"), pounds=300)
        lena = plain(page_as, settle("lena"))
        lena.goto("/freezes/")
        lena.get_by_label("What to freeze").select_option("team")
        lena.get_by_label("Team").select_option(label="uk-retail")
        lena.get_by_role("textbox", name="Why").fill("Odd refunds since this morning; we look first.")
        lena.get_by_role("button", name="Freeze now").click()
        expect(lena.get_by_role("heading", name="The team uk-retail is frozen")).to_be_visible()

        dana = plain(page_as, settle("dana"))
        dana.goto(waiting.get_absolute_url())
        assert "Odd refunds since this morning" in dana.get_by_role("alert").first.inner_text()
        dana.get_by_role("button", name="Approve £300.00").click()
        expect(dana.get_by_text("frozen").first).to_be_visible()
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

        lena.reload()
        lena.get_by_text("Lift this freeze").click()
        lena.locator("details").get_by_label("Why").fill("It was a promotion after all.")
        lena.get_by_role("button", name="Lift: The team uk-retail goes on").click()
        expect(lena.get_by_role("heading", name="Nothing is frozen")).to_be_visible()
        assert FreezeSwitch.objects.get().lifted_why == "It was a promotion after all."

        dana.goto(waiting.get_absolute_url())
        dana.get_by_role("button", name="Approve £300.00").click()
        assert as_stored(waiting).state == State.APPROVED


class TestALimit:
    def test_is_proposed_by_one_and_put_in_force_by_another(self, page_as: PageAs, world: World) -> None:
        dana, lena = settle("dana"), settle("lena")
        root = plain(page_as, settle("root"))
        root.goto("/authority/")
        row = root.get_by_role("row", name="Dana").filter(has_text="£500.00")
        row.get_by_role("link", name="Propose change").click()
        root.get_by_label("For one request").fill("800")
        root.get_by_label("Why").fill("She leads the team now.")
        root.get_by_role("button", name="Save", exact=True).click()
        root.get_by_role("heading", name="Changes of limits").wait_for()
        expect(root.get_by_role("button", name="Confirm")).to_have_count(0)
        expect(root.get_by_role("button", name="Take back")).to_be_visible()
        assert limit_of(dana) == 500_00

        second = plain(page_as, lena)
        second.goto("/authority/changes/")
        expect(second.get_by_text("She leads the team now.")).to_be_visible()
        second.get_by_role("button", name="Refuse").click()
        assert LimitChange.objects.get().state == ChangeState.PROPOSED, "a no needs its words"
        second.goto("/authority/changes/")
        second.get_by_role("button", name="Confirm").click()
        expect(second.get_by_text("In force:")).to_be_visible()
        assert limit_of(dana) == 800_00
        change = LimitChange.objects.get()
        assert (change.proposed_by, change.answered_by) == (settle("root"), lena)
