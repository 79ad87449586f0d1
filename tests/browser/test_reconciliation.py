"""Reconciliation in a real browser: by keys alone, without JavaScript, in both themes and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from refunds.models import Match, Operation, StatementLine
from refunds.reconciliation.matching import match_open_lines
from refunds.vocabulary import LineResult, State
from tests.browser.checks import complaints
from tests.harness.known import payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.books import fresh, paid
from tests.refunds.journal.lines import line_of, settled

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def open_line(operation: Operation, *, is_proved: bool = False) -> StatementLine:
    """Book an open line that names the payment of a refund, or the refund itself."""
    told: dict[str, Any] = {"payment_ref": payment_behind(operation).external_id}
    if is_proved:
        told = {"operation_ref": str(operation.pk)}
    return line_of("refund", -operation.amount_minor, at=NOON, result=LineResult.UNMATCHED, **told)


class TestTheScreen:
    def test_stands_with_open_matched_and_settled_lines(self, page_as: PageAs, world: World) -> None:
        euro = paid(team=world.team(), currency="EUR", at=NOON)
        split = line_of(
            "refund", -1930, at=NOON, result=LineResult.UNMATCHED, operation_ref=str(euro.pk),
            customer_minor=-2220, customer_currency="EUR", payout_ref="po_1234567",
        )  # fmt: skip
        line_of("refund", -500, at=NOON, result=LineResult.UNMATCHED, text="Refund of last week, thank you")
        matched = settled(paid(team=world.team(), at=NOON), at=NOON)
        match_open_lines(account="stripe", at=NOON, go_on=lambda _done: True)
        line = open_line(paid(team=world.team(), at=NOON))

        assert (
            complaints(
                page_as,
                settle("lena"),
                "/reconciliation/",
                "/reconciliation/?tab=lines&result=matched",
                f"/reconciliation/lines/{line.pk}/",
                f"/reconciliation/lines/{split.pk}/",
                f"/reconciliation/lines/{matched.line_id}/",
            )
            == []
        )


class TestAMatch:
    def test_is_made_by_keys_alone_and_leads_to_the_next_line(self, page_as: PageAs, world: World) -> None:
        first, second = paid(team=world.team(), at=NOON), paid(team=world.team(), amount_minor=3330, at=NOON)
        lower, upper = open_line(first), open_line(second)
        page = page_as(settle("lena"))
        page.goto("/reconciliation/", wait_until="load")
        page.locator(f'#panel[data-row-id="row-{upper.pk}"]').wait_for()

        page.keyboard.press("j")
        page.locator(f'#panel[data-row-id="row-{lower.pk}"]').wait_for()
        page.keyboard.press("k")
        page.locator(f'#panel[data-row-id="row-{upper.pk}"]').wait_for()
        page.keyboard.press("m")
        assert Match.objects.count() == 0
        page.keyboard.press("Enter")

        page.locator(f'#panel[data-row-id="row-{lower.pk}"]').wait_for()
        expect(page.locator(f"#row-{upper.pk}")).to_have_count(0)
        assert Match.objects.get().operation == second
        page.keyboard.press("m")
        page.keyboard.press("Enter")
        page.get_by_text("All clear").wait_for()
        assert {fresh(one.refund_request).state for one in (first, second)} == {State.RECONCILED}

    def test_or_its_break_is_reached_by_a_key(self, page_as: PageAs, world: World) -> None:
        line = open_line(paid(team=world.team(), at=NOON))
        StatementLine.objects.filter(pk=line.pk).update(gross_minor=-1, net_minor=-1)
        match_open_lines(account="stripe", at=NOON, go_on=lambda _done: True)
        page = page_as(settle("lena"))
        page.goto("/reconciliation/", wait_until="load")
        page.get_by_role("link", name="Open break").wait_for()

        page.keyboard.press("b")

        page.wait_for_url(f"**/reconciliation/breaks/{line.break_id}/")

    def test_is_made_without_javascript(self, page_as: PageAs, world: World) -> None:
        first, second = paid(team=world.team(), at=NOON), paid(team=world.team(), amount_minor=3330, at=NOON)
        line = open_line(first)
        open_line(second, is_proved=True)
        page = page_as(settle("lena"), java_script_enabled=False)
        page.goto("/reconciliation/")

        page.get_by_role("button", name="Accept 1 exact match").click()
        assert Match.objects.get().operation == second
        page.locator(f"#row-{line.pk} [data-open]").click()
        page.get_by_role("button", name=f"Accept {first.refund_request.reference}").click()

        expect(page.get_by_text("Every refund line is matched")).to_have_count(1)
        assert Match.objects.count() == 2
