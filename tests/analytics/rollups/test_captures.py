"""Captured money follows the payments: new ones by their ids, corrected ones by the news of their order."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from analytics.models import CaptureCell, CaptureFact, RollupMark
from analytics.rollups import captures
from analytics.rollups.following import catch_up
from analytics.rollups.rebuilding import ask_recount, run_recount
from analytics.rollups.recounting import compare
from refunds.models import Payment
from refunds.orders.sold import LineFacts, OrderFacts, PaymentFacts
from refunds.orders.upserting import upsert_order_of_shop
from tests.harness.people import settle
from tests.harness.world import NOON, drain

if TYPE_CHECKING:
    from refunds.models import Order

    from .shop import Shop

pytestmark = pytest.mark.django_db


def cells() -> dict[tuple[date, str], tuple[int, int]]:
    """Read every sum."""
    rows = CaptureCell.objects.values_list("on", "currency", "count", "captured_minor")
    return {(on, currency): (count, minor) for on, currency, count, minor in rows}


def told_again(order: Order, captured_minor: int) -> None:
    """Let the shop say that something else was captured."""
    payment = order.payments.get()
    told = OrderFacts(
        channel=order.channel,
        external_id=order.external_id,
        placed_at=order.placed_at,
        team=order.team.slug,
        lines=[LineFacts(line="1", sku="lamp", title="Lamp", quantity=1, unit_price_minor=captured_minor)],
        payments=[
            PaymentFacts(
                gateway=payment.gateway,
                external_id=payment.external_id,
                currency=payment.currency,
                captured_minor=captured_minor,
                captured_at=payment.captured_at,
            )
        ],
    )
    upsert_order_of_shop(order=told, team=order.team)


class TestCapturedMoney:
    def test_is_added_up_by_the_day_it_came_in(self, shop: Shop) -> None:
        shop.sold(20, days_ago=8)
        shop.sold(30, days_ago=8)
        shop.sold(50, days_ago=9)

        catch_up(at=NOON)

        assert cells() == {(date(2026, 11, 12), "GBP"): (2, 50_00), (date(2026, 11, 11), "GBP"): (1, 50_00)}
        assert compare().differences == ()

    def test_of_a_payment_is_counted_once_however_often_somebody_counts(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(captures, "PAYMENTS_AT_ONCE", 2)
        for pounds in (10, 20, 30):
            shop.sold(pounds)
        catch_up(at=NOON)
        shop.sold(40)

        catch_up(at=NOON)
        catch_up(at=NOON)

        assert cells() == {(date(2026, 11, 12), "GBP"): (4, 100_00)}

    def test_is_corrected_when_the_shop_corrects_it_though_nothing_went_back(self, shop: Shop) -> None:
        order = shop.sold(20)
        catch_up(at=NOON)

        told_again(order, 25_00)
        drain()

        assert cells() == {(date(2026, 11, 12), "GBP"): (1, 25_00)}
        assert compare().differences == ()

    def test_is_counted_anew_by_a_recount_after_somebody_changed_it(self, shop: Shop) -> None:
        shop.sold(20)
        shop.sold(30)
        catch_up(at=NOON)
        CaptureFact.objects.filter(captured_minor=20_00).delete()
        CaptureCell.objects.update(captured_minor=1)
        assert len(compare().differences) == 2

        job = ask_recount(actor=settle("sam"), at=NOON)
        run_recount(job_id=job.pk, at=NOON)

        assert compare().differences == ()
        assert cells() == {(date(2026, 11, 12), "GBP"): (2, 50_00)}

    def test_that_nobody_counted_is_named_by_the_proof(self, shop: Shop) -> None:
        order = shop.sold(20)
        catch_up(at=NOON)
        Payment.objects.filter(order=order).update(captured_minor=90_00)

        [told] = compare().differences

        assert "is 2000, recounted 9000" in told


@pytest.mark.django_db(transaction=True)
class TestAPaymentThatAppearsLate:
    def test_is_counted_once_its_transaction_is_over(self, shop: Shop) -> None:
        """Its id is smaller than one that is there already."""
        sample = shop.sold(20)
        catch_up(at=NOON)
        written, go_on = Event(), Event()
        writer = Thread(target=_write_slowly, args=(sample, written, go_on))
        writer.start()
        assert written.wait(20)
        shop.sold(30)

        catch_up(at=NOON + timedelta(seconds=5))
        assert CaptureFact.objects.count() == 1
        assert RollupMark.objects.get().payment_waits_for
        go_on.set()
        writer.join(20)
        catch_up(at=NOON + timedelta(seconds=10))

        assert cells() == {(date(2026, 11, 12), "GBP"): (3, 57_00)}
        assert compare().differences == ()


def _write_slowly(sample: Order, written: Event, go_on: Event) -> None:
    try:
        with transaction.atomic():
            known = sample.payments.get()
            Payment.objects.create(
                order=sample,
                gateway=known.gateway,
                external_id="pi_slow",
                currency="GBP",
                captured_minor=7_00,
                captured_at=known.captured_at,
            )
            written.set()
            go_on.wait(20)
    finally:
        connection.close()
