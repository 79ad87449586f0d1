"""However many ask for the same money in the same instant: refunded and reserved never exceed what was captured."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.db.models import F

from approvals.vocabulary import Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds import balances, workflow
from refunds.models import Order, Payment, RefundRequest
from refunds.vocabulary import OPEN_STATES, State
from tests.harness.people import fresh, settle
from tests.harness.races import in_step, losers, winners
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAYMENTS = 1_000
RACERS = 8
CAPTURED = 100_00
SEED = 20_261_121
WORKFLOW_PAYMENTS = 12
NAIVE_PAYMENTS = 40


def breaches() -> int:
    """Count the payments of which more is spoken for than was captured."""
    return Payment.objects.filter(captured_minor__lt=F("refunded_minor") + F("reserved_minor")).count()


def sold(world: World) -> list[Payment]:
    """Sell a thousand things for the same price."""
    team = world.team()
    orders = Order.objects.bulk_create(
        Order(channel="shop-uk", external_id=f"R{place}", team=team, placed_at=NOON, currency="GBP")
        for place in range(PAYMENTS)
    )
    return Payment.objects.bulk_create(
        Payment(
            order=order,
            gateway="stripe",
            external_id=f"pi_race_{order.external_id}",
            currency="GBP",
            captured_minor=CAPTURED,
            captured_at=NOON,
        )
        for order in orders
    )


def reserve(payment: Payment, minor: int) -> int:
    """Do what a submit does about the balance: lock the payment, look, speak for the amount."""
    with transaction.atomic():
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        balances.check_and_reserve(
            RefundRequest(payment=locked, order_id=locked.order_id, currency="GBP", requested_minor=minor)
        )
    return minor


@pytest.fixture
def naive_table() -> Iterator[None]:
    """Give the naive way a table of its own, without constraints."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_refund (payment int NOT NULL, minor bigint NOT NULL)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE naive_refund")


def sum_then_insert(payment: int, minor: int) -> None:
    """Refund as one would who has not heard of locks: add up, compare, write."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(minor), 0) FROM naive_refund WHERE payment = %s", [payment])
        if cursor.fetchone()[0] + minor > CAPTURED:
            raise Refused("exceeds_refundable_balance", "Nothing is left.")
        cursor.execute("INSERT INTO naive_refund VALUES (%s, %s)", [payment, minor])


class TestEightWhoReserve:
    def test_of_a_thousand_payments_never_get_more_than_was_captured(self, world: World) -> None:
        """Run the whole size through the reserving command under its lock.

        Eight thousand whole submits would take minutes on two cores; fewer of them run below.
        """
        dice = Random(SEED)  # noqa: S311 - not a secret
        rounds = [(payment, [dice.randint(15_00, 70_00) for _ in range(RACERS)]) for payment in sold(world)]
        assert all(sum(asked) > CAPTURED for _, asked in rounds)

        results = in_step([[partial(reserve, payment, minor) for minor in asked] for payment, asked in rounds])

        assert breaches() == 0
        reserved = dict(Payment.objects.values_list("pk", "reserved_minor"))
        for (payment, asked), told in zip(rounds, results, strict=True):
            granted = [one for one in told if isinstance(one, int)]
            left = CAPTURED - sum(granted)
            assert reserved[payment.pk] == sum(granted)
            assert {getattr(no, "code", no) for no in losers(told)} == {"exceeds_refundable_balance"}
            # Nobody was refused what the payment still had at the end.
            assert all(minor > left for minor, one in zip(asked, told, strict=True) if not isinstance(one, int))

    def test_would_be_caught_if_they_did(self, naive_table: None) -> None:
        """Show that the race is one: add up, then insert, gives more than was captured."""
        asked = 60_00

        in_step([[partial(sum_then_insert, payment, asked)] * RACERS for payment in range(NAIVE_PAYMENTS)])

        with connection.cursor() as cursor:
            cursor.execute("SELECT SUM(minor) FROM naive_refund GROUP BY payment HAVING SUM(minor) > %s", [CAPTURED])
            over = cursor.fetchall()
        assert len(over) >= NAIVE_PAYMENTS // 2


class TestEightWhoFileAndEightWhoSign:
    def test_never_speak_for_more_than_was_captured(self, world: World) -> None:
        """Run whole submits and then whole decisions, eight at a time, on payments that cannot pay for all."""
        people = [settle(name) for name in ("amir", "zeus")]
        signers = [settle(name) for name in ("dana", "viktor", "vera")]
        orders = [world.order(unit_minor=60_00, quantity=1, line_count=RACERS) for _ in range(WORKFLOW_PAYMENTS)]
        Payment.objects.update(captured_minor=250_00)

        filed = in_step(
            [
                [
                    partial(
                        workflow.file_request,
                        draft=world.draft_of(order, line=str(racer + 1)),
                        actor=fresh(people[racer % len(people)]),
                        at=NOON,
                    )
                    for racer in range(RACERS)
                ]
                for order in orders
            ]
        )
        assert [len(winners(told)) for told in filed] == [4] * WORKFLOW_PAYMENTS
        assert breaches() == 0
        assert {getattr(no, "code", no) for told in filed for no in losers(told)} == {"exceeds_refundable_balance"}

        signed = in_step(
            [
                [
                    partial(
                        workflow.decide,
                        reference=one.reference,
                        verdict=Verdict.APPROVE,
                        amount_minor=one.requested_minor - cut,
                        rationale="Part of it was kept by the customer.",
                        actor=fresh(who),
                        at=NOON,
                    )
                    for place, one in enumerate(one for one in told if isinstance(one, RefundRequest))
                    for who, cut in ((signers[place % 3], 0), (signers[(place + 1) % 3], 10_00))
                ]
                for told in filed
            ]
        )

        assert breaches() == 0
        assert {len(winners(told)) for told in signed} == {4}
        assert all(isinstance(no, Refused | OutOfDate | NotPermitted) for told in signed for no in losers(told))
        for order in orders:
            open_ones = RefundRequest.objects.filter(order=order, state__in=OPEN_STATES)
            assert {one.state for one in open_ones} == {State.APPROVED}
            assert Payment.objects.get(order=order).reserved_minor == sum(one.amount_minor for one in open_ones)
