"""A year of everything that leaks, months apart, so that every chart has something to show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.rollups.following import catch_up
from refunds.models import Payment
from tests.analytics.rollups.shop import Shop

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import RefundRequest
    from tests.harness.world import World

MONTHS = 3


def a_year(world: World, *, until: datetime) -> Shop:
    """Let three months pass, thirty days each: refunds, exceptions, money nobody asked about, and what fails."""
    shop = Shop(world)
    for place in range(MONTHS):
        shop.at = until - timedelta(days=30 * (MONTHS - place))
        paid = [shop.refunded(20), shop.refunded(120 + 10 * place), shop.refunded(45)]
        for code, pounds in (("WINDOW_EXPIRED", 40 + 7 * place), ("OTHER", 25)):
            shop.paid(shop.signed(shop.excepted(shop.asked(pounds, days_ago=40), code)))
        if place % 2:
            shop.elsewhere(Payment.objects.get(order=shop.sold(300)), 300_00)
            shop.elsewhere(_payment(paid[1]), 60_00)
        if place == MONTHS - 1:
            shop.came_back(paid[0])
            shop.lost(_payment(paid[2]), 45_00)
    catch_up(at=shop.at)
    return shop


def _payment(request: RefundRequest) -> Payment:
    return Payment.objects.get(refund_requests=request)
