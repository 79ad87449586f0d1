"""Money that waits, is stopped or is disputed: its screens in both themes and on a phone, and a release by keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from refunds.books import periods
from refunds.books.exporting import ExportWish, ask_for_export
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.breaks.resolving import resolve_break
from refunds.disputes.recording import record_dispute
from refunds.gateways.base import DisputeKind, DisputeStatus, ProviderDispute
from refunds.models import Break, BreakLimit, JournalEntry, Operation, Period
from refunds.processing.line import FAILURES_IN_A_ROW, note_failure
from refunds.vocabulary import LineResult
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.books import paid
from tests.refunds.breaks.found import a_break
from tests.refunds.journal.lines import line_of, settled

if TYPE_CHECKING:
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

OCTOBER = NOON - timedelta(days=30)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def unreleased(world: World) -> Operation:
    """Approve a refund whose money waits for a release."""
    request = world.approved(by=settle("amir"), approver=settle("dana"))
    Operation.objects.filter(refund_request=request).update(awaits_release=True)
    return Operation.objects.get(refund_request=request)


def disputed(world: World, kind: DisputeKind) -> RefundRequest:
    """Let a customer's bank ask about the charge of a request that waits."""
    waiting = world.waiting(by=settle("amir"))
    assert waiting.payment is not None
    told = ProviderDispute(
        external_id=f"dp_{kind}",
        kind=kind,
        status=DisputeStatus.NEEDS_RESPONSE,
        reason="product_not_received",
        amount_minor=waiting.payment.captured_minor,
        currency="GBP",
        payment_external_ids=(waiting.payment.external_id,),
        due_at=NOON + timedelta(days=8),
        is_charge_refundable=kind is not DisputeKind.CHARGEBACK,
        opened_at=NOON,
    )
    assert record_dispute(gateway="stripe", told=told, asked_at=NOON, at=NOON) is not None
    return waiting


class TestScreensOfMoney:
    def test_stand_while_it_waits_and_the_line_is_stopped(self, page_as: PageAs, world: World) -> None:
        unreleased(world)
        for _ in range(FAILURES_IN_A_ROW):
            note_failure("stripe", at=NOON)
        assert complaints(page_as, settle("lena"), "/processing/?column=to_release") == []

    def test_stand_while_it_is_disputed(self, page_as: PageAs, world: World) -> None:
        pages = [disputed(world, kind).get_absolute_url() for kind in DisputeKind]
        assert complaints(page_as, settle("dana"), *pages) == []

    def test_stand_where_the_sandbox_has_its_buttons(self, page_as: PageAs, world: World) -> None:
        world.waiting(by=settle("amir"))
        assert complaints(page_as, None, "/demo/sandbox/") == []

    def test_stand_while_breaks_are_looked_after(self, page_as: PageAs, world: World) -> None:
        world.team()
        lena = settle("lena")
        waiting, resolved, found = a_break(-180_00), a_break(-4_00), a_break(-63_00)
        BreakLimit.objects.create(currency="GBP", above_minor=100_00)
        for one in (waiting, resolved):
            resolve_break(break_id=one.pk, resolution="accept", note="By hand.", actor=lena, at=NOON)
        pages = ["/reconciliation/breaks/?state=all", *(one.get_absolute_url() for one in (resolved, found))]
        assert complaints(page_as, lena, *pages) == []
        assert complaints(page_as, settle("luis"), waiting.get_absolute_url()) == []

    def test_lets_a_break_be_resolved_by_keyboard(self, page_as: PageAs, world: World) -> None:
        world.team()
        a_break(-4_00)
        BreakLimit.objects.create(currency="GBP", above_minor=100_00)
        page = page_as(settle("lena"))
        page.goto("/reconciliation/breaks/")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/reconciliation/breaks/*-*/")
        page.select_option("#id_resolution", "accept")
        page.focus("#id_note")
        page.keyboard.type("Made by hand in the dashboard.")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("text=It is resolved.")
        assert Break.objects.get().state == "resolved"

    def test_stand_while_a_month_is_closed(self, page_as: PageAs, world: World) -> None:
        settled(paid(team=world.team(), at=OCTOBER), at=OCTOBER)
        line_of("refund", -100, at=OCTOBER, result=LineResult.UNMATCHED)
        post_journal(at=NOON)
        periods.open_periods(since=THE_BEGINNING)
        period, entry = Period.objects.get(), JournalEntry.objects.order_by("pk")[0]
        wish = ExportWish(format="csv", from_on=period.first_on, to_on=period.last_on)
        export = ask_for_export(wish=wish, actor=settle("lena"), at=NOON)
        books = [f"/books/?month=2026-10&tab={tab}" for tab in ("balances", "entries", "clearing")]
        pages = [f"/books/entries/{entry.pk}/", "/books/exports/", f"/books/exports/{export.pk}/", "/books/periods/"]
        assert complaints(page_as, settle("lena"), *books, *pages) == []

        assert (
            complaints(page_as, settle("lena"), period.get_absolute_url(), f"/books/periods/{period.pk}/report/") == []
        )
        acknowledged = ("statements", "unmatched", "missing", "exports")
        for name in ("lena", "luis"):
            periods.sign_period(
                period_id=period.pk, note="Seen.", acknowledged=acknowledged, actor=settle(name), at=NOON
            )
        periods.ask_to_reopen(period_id=period.pk, why="A file was missing.", actor=settle("lena"), at=NOON)
        assert complaints(page_as, settle("luis"), period.get_absolute_url()) == []


class TestARelease:
    def test_is_given_by_keys_alone(self, page_as: PageAs, world: World) -> None:
        first, second = unreleased(world), unreleased(world)
        page = page_as(settle("lena"))
        page.goto("/processing/?column=to_release", wait_until="load")

        page.keyboard.press("x")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.get_by_text("2 selected: £200.00").wait_for()
        page.get_by_role("button", name="Release them").focus()
        page.keyboard.press("Enter")

        page.get_by_text("Released: £200.00").wait_for()
        assert set(Operation.objects.filter(release__isnull=False)) == {first, second}

    def test_is_given_without_javascript(self, page_as: PageAs, world: World) -> None:
        kept = unreleased(world)
        page = page_as(settle("lena"), java_script_enabled=False)
        page.goto("/processing/?column=to_release")

        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Release them").click()

        expect(page.get_by_text("Released: £100.00")).to_have_count(1)
        kept.refresh_from_db()
        assert kept.release is not None
