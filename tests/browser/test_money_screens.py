"""Money that waits, is stopped or is disputed: its screens in both themes and on a phone, and a release by keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from refunds.disputes.recording import record_dispute
from refunds.gateways.base import DisputeKind, DisputeStatus, ProviderDispute
from refunds.models import Operation
from refunds.processing.line import FAILURES_IN_A_ROW, note_failure
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from refunds.models import RefundRequest
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

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

        assert page.get_by_text("Released: £100.00").count() == 1
        kept.refresh_from_db()
        assert kept.release is not None
