"""A draft is kept while the shop tells of the same order: neither waits for the other for ever."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from refunds import drafting
from refunds.models import Order, Payment, RefundRequest
from refunds.orders.upserting import LineFacts, OrderFacts, PaymentFacts, upsert_order
from tests.harness.people import fresh
from tests.harness.races import in_the_same_instant, losers
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def told_again(order: Order) -> OrderFacts:
    """The order as the shop told it first."""
    line, payment = order.lines.get(), Payment.objects.get(order=order)
    return OrderFacts(
        channel=order.channel,
        external_id=order.external_id,
        team=order.team.slug,
        placed_at=order.placed_at,
        lines=[LineFacts(line=line.line, sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor)],
        payments=[
            PaymentFacts(
                gateway=payment.gateway,
                external_id=payment.external_id,
                captured_minor=payment.captured_minor,
                currency=payment.currency,
                captured_at=payment.captured_at,
            )
        ],
    )


class TestADraftAndNewsOfItsOrder:
    def test_in_the_same_instant_both_are_kept(self, world: World, amir: User, lena: User) -> None:
        for _ in range(12):
            order = world.order()
            drafting.keep_draft(draft=world.draft_of(order), actor=amir, at=NOON)

            results: list[object] = in_the_same_instant(
                *[partial(drafting.keep_draft, draft=world.draft_of(order), actor=fresh(amir), at=NOON)] * 2,
                *[partial(upsert_order, order=told_again(order), actor=fresh(lena), at=NOON)] * 2,
            )

            assert losers(results) == []
            assert RefundRequest.objects.filter(order=order).count() == 1
