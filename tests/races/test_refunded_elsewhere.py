"""Refunds seen at the processor and requests for the same payment in one instant: none is lost, none deadlocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import Refused
from refunds import workflow
from refunds.actions.observing import observe_refund
from refunds.gateways.base import ProviderRefund, RefundStatus
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db(transaction=True)]

ELSEWHERE, LINES = 4, 4


class TestAPayment:
    def test_counts_every_refund_and_every_reserve(self, world: World) -> None:
        """100.00 were paid for four lines of 25.00; four times 20.00 leave elsewhere while all four are asked for."""
        order = world.order(unit_minor=25_00, quantity=1, line_count=LINES)
        payment = order.payments.get()
        amir = settle("amir")

        def seen(number: int) -> Callable[[], str]:
            refund = ProviderRefund(
                external_id=f"re_{number}",
                status=RefundStatus.SUCCEEDED,
                amount_minor=20_00,
                currency="GBP",
                payment_external_id=payment.external_id,
                created_at=NOON,
            )
            return lambda: "seen" if observe_refund(gateway="stripe", refund=refund, at=NOON) else "lost"

        def asked(number: int) -> Callable[[], str]:
            draft = world.draft_of(order, line=str(number + 1))

            def file() -> str:
                try:
                    workflow.file_request(draft=draft, actor=amir, at=NOON)
                except Refused as no:
                    return no.code
                return "reserved"

            return file

        ended = in_the_same_instant(*(seen(n) for n in range(ELSEWHERE)), *(asked(n) for n in range(LINES)))

        payment.refresh_from_db()
        assert ended.count("seen") == ELSEWHERE
        assert {str(one) for one in ended} <= {"seen", "reserved", "exceeds_refundable_balance"}
        assert payment.elsewhere_minor == 80_00
        spoken_for = payment.reserved_minor + payment.refunded_minor
        assert spoken_for == 25_00 * ended.count("reserved")
        assert payment.refundable_minor == max(20_00 - spoken_for, 0)
