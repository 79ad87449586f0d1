"""Whatever happened, in whatever order: facts and sums are equal to a recount."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from analytics.models import OutflowCell, OutflowFact, RollupMark
from analytics.rollups import following
from analytics.rollups.following import catch_up
from analytics.rollups.recounting import bucket, compare
from config.kernel.refusals import Refused
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.models import LedgerEntry
from refunds import lifecycle, workflow
from refunds.models import Operation, Payment, RefundRequest, StatementLine
from refunds.orders.sold import LineFacts, OrderFacts, PaymentFacts
from refunds.orders.upserting import upsert_order_of_shop
from refunds.reconciliation.settling import close
from refunds.vocabulary import OperationState, State
from tests.harness.known import order_of
from tests.harness.people import settle
from tests.harness.world import as_stored, drain
from tests.refunds.journal.lines import line_of, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config.kernel.people import User

    from .shop import Shop

pytestmark = pytest.mark.django_db

SUCCEEDED = OperationState.SUCCEEDED


class Hand:
    """Draws what happens next among everything that can."""

    def __init__(self, shop: Shop, seed: int) -> None:
        """Begin with an empty shop."""
        self.shop = shop
        self.random = Random(seed)  # noqa: S311 - not a secret

    def play(self, turns: int) -> None:
        """Let so many things be tried; now and then somebody counts. What left elsewhere cannot be signed for."""
        for _ in range(turns):
            with suppress(Refused):
                self.random.choice(self.moves())()
            if self.random.random() < 0.3:
                catch_up(at=self.shop.at)

    def moves(self) -> Sequence[Callable[[], object]]:
        """List what can happen now."""
        found: list[Callable[[], object]] = [self.ask, self.ask, self.ask_late, self.leave_elsewhere]
        for state, verbs in (
            (State.AWAITING_APPROVAL, (self.sign, self.sign, self.refuse, self.withdraw)),
            (State.EXCEPTION_REVIEW, (self.grant, self.withdraw)),
            (State.APPROVED, (self.pay, self.pay, self.pay)),
            (State.REFUNDED, (self.come_back, self.lose, self.reconcile)),
            (State.FAILED, (self.show_returned,)),
        ):
            if self.some(state) is not None:
                found += verbs
        return found

    def some(self, *states: State) -> RefundRequest | None:
        """Draw a request in one of these states."""
        there = list(RefundRequest.objects.filter(state__in=states).order_by("reference"))
        return self.random.choice(there) if there else None

    def one(self, state: State) -> RefundRequest:
        """Draw a request that is there."""
        found = self.some(state)
        assert found is not None
        return found

    def pounds(self) -> int:
        """Draw an amount."""
        return self.random.choice([5, 20, 49, 60, 120, 300])

    def ask(self) -> None:
        """Ask within policy."""
        self.shop.asked(self.pounds())

    def ask_late(self) -> None:
        """Ask too late."""
        self.shop.asked(self.pounds(), days_ago=40)

    def sign(self) -> None:
        """Sign."""
        self.shop.signed(self.one(State.AWAITING_APPROVAL))

    def refuse(self) -> None:
        """Say no."""
        self.shop.refused(self.one(State.AWAITING_APPROVAL))

    def grant(self) -> None:
        """Grant an exception."""
        self.shop.excepted(self.one(State.EXCEPTION_REVIEW))

    def withdraw(self) -> None:
        """Take a request back."""
        found = self.some(State.AWAITING_APPROVAL, State.EXCEPTION_REVIEW)
        assert found is not None
        workflow.withdraw(
            reference=found.reference, note="No longer wanted.", actor=settle("amir"), at=self.shop.tick()
        )

    def pay(self) -> None:
        """Pay."""
        self.shop.paid(self.one(State.APPROVED))

    def come_back(self) -> None:
        """Fail late."""
        self.shop.came_back(self.one(State.REFUNDED))

    def lose(self) -> None:
        """Lose a dispute."""
        payment = Payment.objects.get(refund_requests=self.one(State.REFUNDED))
        self.shop.lost(payment, self.random.choice([1_00, payment.captured_minor]))

    def leave_elsewhere(self) -> None:
        """Refund in the dashboard, of an order with requests where there is one."""
        known = list(Payment.objects.order_by("pk"))
        payment = self.random.choice(known) if known else Payment.objects.get(order=self.shop.sold(50))
        self.shop.elsewhere(payment, self.random.choice([10_00, 60_00, payment.captured_minor]))

    def reconcile(self) -> None:
        """Find it on a statement, with what it cost."""
        reconciled(self.one(State.REFUNDED), fee_minor=self.random.choice([0, 35]), shop=self.shop)

    def show_returned(self) -> None:
        """Let a statement show what came back."""
        operation = Operation.objects.filter(refund_request=self.one(State.FAILED)).latest("created_at")
        returned(operation, shop=self.shop)


def reconciled(request: RefundRequest, *, fee_minor: int, shop: Shop, currency: str = "GBP") -> None:
    """Close a request with its line, as matching does."""
    operation = Operation.objects.get(refund_request=request, state=SUCCEEDED)
    with transaction.atomic():
        match = settled(operation, at=shop.tick(), fee_minor=fee_minor, currency=currency, **_settled_in(currency))
        close(lifecycle.hold_locked(request_id=request.pk), operation, [match], actor=settle("lena"), at=shop.at)


def _settled_in(currency: str) -> dict[str, int]:
    return {} if currency == "GBP" else {"gross_minor": -120_00}


def returned(operation: Operation, *, shop: Shop) -> StatementLine:
    """Show on a statement that what failed came back, as an import does."""
    line = line_of(
        "refund_failure", operation.amount_minor, operation_ref=str(operation.pk), at=shop.tick(), currency="GBP"
    )
    with transaction.atomic():
        ledger.record(
            subject=Subject("statement", line.statement_id),
            kind="statement.uploaded",
            actor=settle("lena"),
            at=shop.at,
            sentence="uploaded a statement.",
        )
    return line


class TestCatchUp:
    @pytest.mark.parametrize("seed", range(6))
    def test_equals_a_recount_after_anything_in_any_order(self, shop: Shop, seed: int) -> None:
        Hand(shop, seed).play(30)

        catch_up(at=shop.at)

        found = compare()
        assert found.differences == ()
        assert found.fact_count > 5

    def test_looks_at_every_entry_once(self, shop: Shop) -> None:
        shop.refunded(20)
        assert catch_up(at=shop.at) == LedgerEntry.objects.count()
        before = list(OutflowFact.objects.values_list("pk", flat=True))

        assert catch_up(at=shop.at) == 0

        assert list(OutflowFact.objects.values_list("pk", flat=True)) == before

    def test_that_breaks_off_in_the_middle_has_counted_nothing(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop.refunded(20)
        monkeypatch.setattr(following, "_move", lambda *_some, **_more: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            catch_up(at=shop.at)

        assert (OutflowFact.objects.count(), OutflowCell.objects.count()) == (0, 0)
        assert not RollupMark.objects.exists()
        monkeypatch.undo()
        catch_up(at=shop.at)
        assert compare().differences == ()

    def test_goes_on_batch_by_batch(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(following, "ENTRIES_AT_ONCE", 3)
        for pounds in (20, 100, 300):
            shop.refunded(pounds)

        assert catch_up(at=shop.at) == LedgerEntry.objects.count()

        assert compare().differences == ()

    def test_counts_an_order_again_whose_payment_was_corrected(self, shop: Shop) -> None:
        paid = shop.refunded(100)
        payment = Payment.objects.get(refund_requests=paid)
        action = shop.elsewhere(payment, 100_00)
        catch_up(at=shop.at)
        assert OutflowFact.objects.get(subject_id=action.pk).over_minor == 100_00

        upsert_order_of_shop(order=_as_told(paid, captured_minor=200_00), team=paid.team)
        drain()

        assert OutflowFact.objects.get(subject_id=action.pk).over_minor == 0
        assert compare().differences == ()


def _as_told(request: RefundRequest, *, captured_minor: int) -> OrderFacts:
    order, payment = order_of(request), Payment.objects.get(refund_requests=request)
    told = PaymentFacts(
        gateway=payment.gateway,
        external_id=payment.external_id,
        captured_minor=captured_minor,
        currency=payment.currency,
        captured_at=payment.captured_at,
    )
    lines = [
        LineFacts(
            line=line.line,
            sku=line.sku,
            title=line.title,
            category=line.category,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
        )
        for line in order.lines.all()
    ]
    return OrderFacts(
        channel=order.channel,
        external_id=order.external_id,
        placed_at=order.placed_at,
        lines=lines,
        payments=[told],
        team=order.team.slug,
    )


class TestFees:
    def test_are_what_the_statement_says_the_refund_cost(self, shop: Shop) -> None:
        paid = shop.refunded(100)

        reconciled(paid, fee_minor=35, shop=shop)

        catch_up(at=shop.at)
        assert OutflowFact.objects.get(subject_id=paid.pk).fees_minor == 35

    def test_in_another_currency_stand_apart_and_count_no_request(self, shop: Shop) -> None:
        paid = shop.refunded(100)

        reconciled(paid, fee_minor=42, shop=shop, currency="EUR")

        catch_up(at=shop.at)
        assert compare().differences == ()
        rows = OutflowFact.objects.filter(subject_id=paid.pk).order_by("currency")
        assert [(row.currency, row.fees_minor, row.refunded_minor, row.is_main) for row in rows] == [
            ("EUR", 42, 0, False),
            ("GBP", 0, 100_00, True),
        ]
        totals = OutflowCell.objects.filter(dimension="total", basis="refund").order_by("currency")
        assert [(cell.currency, cell.count, cell.fees_minor) for cell in totals] == [("EUR", 0, 42), ("GBP", 1, 0)]


class TestALateFailure:
    def test_is_no_leakage_once_a_statement_shows_it_come_back(self, shop: Shop) -> None:
        failed = shop.came_back(shop.refunded(100))
        catch_up(at=shop.at)
        operation = Operation.objects.get(refund_request=failed)

        returned(operation, shop=shop)

        catch_up(at=shop.at)
        assert OutflowFact.objects.get(subject_id=failed.pk).late_failure_minor == 0
        assert compare().differences == ()
        assert as_stored(failed).state == State.FAILED


class TestAnErasure:
    def test_leaves_the_figures_and_no_trace_of_the_customer(self, shop: Shop, amir: User) -> None:
        customer = shop.world.customer()
        order = shop.world.order(unit_minor=20_00, quantity=1, customer=customer, at=shop.at)
        paid = shop.paid(shop.world.filed(order, by=amir, at=shop.at))
        catch_up(at=shop.at)

        fact = OutflowFact.objects.get(subject_id=paid.pk)

        said = " ".join(str(getattr(fact, name.attname)) for name in OutflowFact._meta.concrete_fields)
        assert customer.name not in said
        assert customer.external_id not in said.split()


class TestBucket:
    @pytest.mark.parametrize(
        ("number", "said"), [(0, 0), (7, 7), (99, 99), (100, 100), (101, 110), (3599, 3600), (3601, 3700)]
    )
    def test_rounds_up_to_two_digits(self, number: int, said: int) -> None:
        assert int(bucket(number)) == said
