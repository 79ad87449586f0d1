"""Somebody is forgotten in the very moment in which she asks, is told of, or is held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from refunds.erasures import carrying_out
from refunds.erasures.asking import confirm_erasure
from refunds.erasures.carrying_out import carry_out_erasure
from refunds.erasures.holding import Held, set_legal_hold
from refunds.erasures.night import run_night
from refunds.models import Customer, Erasure, Payment, RefundRequest, Tombstone
from refunds.orders.upserting import CustomerFacts, upsert_order
from refunds.vocabulary import ErasureState
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import NOON, World
from tests.refunds.erasures.people import (
    EMAIL,
    NAME,
    asked_for,
    customer_called,
    declined_of,
    rita_of,
    waiting_of,
    years,
)
from tests.refunds.orders.conftest import an_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from uuid import UUID

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOON + years(9)


@pytest.fixture
def confirm(world: World) -> Callable[[], Erasure]:
    """Confirm the erasure of a customer whose only request was declined nine years ago."""
    customer = customer_called("17850")
    declined_of(world, customer)
    erasure = asked_for(customer, at=LATER)
    return partial(confirm_erasure, erasure_id=erasure.pk, actor=rita_of(world), at=LATER)


class TestAnErasure:
    @pytest.mark.parametrize("_round", range(4))
    def test_and_a_new_request_make_a_nameless_one_or_a_wait(
        self, world: World, confirm: Callable[[], Erasure], _round: int
    ) -> None:
        customer = Customer.objects.get()
        settle("amir")

        results = in_the_same_instant(confirm, partial(waiting_of, world, customer))

        assert losers(results) == []
        erasure, customer = Erasure.objects.get(), Customer.objects.get()
        # Whichever was first: an open request is never taken apart, and nobody is done with who can still be reached.
        assert RefundRequest.objects.get(state="awaiting_approval").note != ""
        assert (customer.name == NAME) == (customer.erased_at is None)
        assert erasure.state == ErasureState.BLOCKED or customer.name == ""

    def test_steps_aside_for_an_order_that_came_between_its_locks(
        self, world: World, confirm: Callable[[], Erasure], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        customer = Customer.objects.get()
        are_paid, are_hers = Event(), Event()
        lock_customers = carrying_out._locked

        def take_in_hand() -> None:
            try:
                order = world.order(customer=customer)
                with transaction.atomic():
                    list(Payment.objects.select_for_update().filter(order=order))
                    are_paid.set()
                    assert are_hers.wait(20)
                    Customer.objects.select_for_update().get(pk=customer.pk)
            finally:
                connection.close()

        def lock_late(erasure_id: UUID) -> tuple[Erasure, Sequence[Customer]]:
            if not are_paid.is_set():
                coming.append(pool.submit(take_in_hand))
                assert are_paid.wait(20)
            locked = lock_customers(erasure_id)
            are_hers.set()
            return locked

        coming: list[Future[None]] = []
        monkeypatch.setattr(carrying_out, "_locked", lock_late)
        with ThreadPoolExecutor(1) as pool:
            erasure = confirm()

        coming[0].result()
        assert erasure.state == ErasureState.DONE
        assert {payment.last4 for payment in Payment.objects.all()} == {""}

    @pytest.mark.parametrize("_round", range(4))
    def test_and_the_shop_telling_of_her_leave_no_name(self, confirm: Callable[[], Erasure], _round: int) -> None:
        told = an_order(customer=CustomerFacts(external_id="17850", name=NAME, email=EMAIL, country="GB"))
        lena = settle("lena")

        results = in_the_same_instant(confirm, partial(upsert_order, order=told, actor=lena, at=LATER))

        assert losers(results) == []
        assert Erasure.objects.get().state == ErasureState.DONE
        assert {(one.name, one.email) for one in Customer.objects.all()} == {("", "")}

    @pytest.mark.parametrize("_round", range(4))
    def test_and_a_hold_leave_all_or_nothing(self, world: World, confirm: Callable[[], Erasure], _round: int) -> None:
        request, root = RefundRequest.objects.get(), settle("root")
        hold = partial(set_legal_hold, over=Held(request_id=request.pk), matter="HC-1", actor=root, at=LATER)

        results = in_the_same_instant(confirm, hold)

        assert losers(results) == []
        run_night(at=LATER)
        customer = Customer.objects.get()
        if Tombstone.objects.exists():
            assert customer.name == ""
        else:
            assert Erasure.objects.get().state == ErasureState.BLOCKED

    def test_is_confirmed_once(self, confirm: Callable[[], Erasure]) -> None:
        results = in_the_same_instant(confirm, confirm, confirm)
        assert (len(winners(results)), len(losers(results))) == (1, 2)

    def test_goes_on_from_several_workers_at_once(self, confirm: Callable[[], Erasure]) -> None:
        erasure = confirm()
        Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.BLOCKED, done_at=None)
        again = partial(carry_out_erasure, erasure_id=erasure.pk, at=LATER)

        results = in_the_same_instant(again, again, partial(run_night, at=LATER))

        assert losers(results) == []
        assert Tombstone.objects.count() == 1
        assert Erasure.objects.get().outcome["requests"] == 1
