"""What each pass of matching believes, and what none does."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from refunds.models import Match, Operation, StatementLine
from refunds.reconciliation.matching import match_open_lines
from refunds.reconciliation.passes import EARLIEST_DAYS, LATEST_DAYS
from refunds.vocabulary import LineResult, State
from tests.harness.known import payment_behind
from tests.refunds.books import LATER, NOON, fresh, paid
from tests.refunds.journal.lines import line_of as written

if TYPE_CHECKING:
    from config.kernel.people import Team

pytestmark = pytest.mark.django_db


def line_of(*, gross_minor: int = -2220, category: str = "refund", **columns: Any) -> StatementLine:
    """Book £22.20 that went back."""
    return written(category, gross_minor, result=LineResult.UNMATCHED, **columns)


def known_as(operation: Operation, external_id: str) -> Operation:
    """Let the processor have told us its reference."""
    Operation.objects.filter(pk=operation.pk).update(external_id=external_id)
    return operation


def found(account: str = "stripe") -> list[tuple[int, Operation, str]]:
    """Match, and answer each pair with the pass that found it."""
    match_open_lines(account=account, at=LATER, go_on=lambda _done: True)
    return [(match.line_id, match.operation, match.found_by) for match in Match.objects.order_by("line_id")]


class TestTheProcessorsReference:
    def test_is_proof_without_our_id(self, north: Team) -> None:
        operation = known_as(paid(team=north), "re_1")
        line = line_of(source_id="re_1")

        assert found() == [(line.pk, operation, "processor's reference")]
        assert fresh(operation.refund_request).state == State.RECONCILED

    def test_is_no_proof_against_another_operation_id(self, north: Team) -> None:
        known_as(paid(team=north), "re_1")
        line_of(source_id="re_1", operation_ref="01a1fb00-0000-7000-8000-000000000000")

        assert found() == []

    def test_is_no_proof_on_another_processors_account(self, north: Team) -> None:
        known_as(paid(team=north), "re_1")
        line_of(source_id="re_1", account="adyen")

        assert found("adyen") == []

    def test_counts_once_though_it_is_told_twice(self, north: Team) -> None:
        operation = known_as(paid(team=north), "re_1")
        first, _ = line_of(source_id="re_1"), line_of(source_id="re_1")

        assert found() == [(first.pk, operation, "processor's reference")]

    def test_of_a_refund_that_came_back_matches_nothing(self, north: Team) -> None:
        known_as(paid(team=north), "re_1")
        line_of(source_id="re_1")
        line_of(source_id="re_1", gross_minor=2220, category="refund_failure")

        assert found() == []


class TestAnotherCurrency:
    """Settled in pounds what the customer got back in euros."""

    def test_is_matched_by_our_id_where_the_customer_got_our_amount(self, north: Team) -> None:
        operation = paid(team=north, currency="EUR")
        line = line_of(
            gross_minor=-1930, operation_ref=str(operation.pk), customer_minor=-2220, customer_currency="EUR"
        )

        assert found() == [(line.pk, operation, "operation id, other currency")]
        assert fresh(operation.refund_request).state == State.RECONCILED
        match = Match.objects.get()
        assert (match.line_minor, match.amount_minor) == (1930, 2220)

    def test_is_matched_by_the_processors_reference(self, north: Team) -> None:
        operation = known_as(paid(team=north, currency="EUR"), "re_1")
        line = line_of(gross_minor=-1930, source_id="re_1", customer_minor=2220, customer_currency="EUR")

        assert found() == [(line.pk, operation, "processor's reference, other currency")]

    @pytest.mark.parametrize(("minor", "currency"), [(-2219, "EUR"), (-2220, "USD")])
    def test_is_left_where_the_customer_got_another_amount(self, north: Team, minor: int, currency: str) -> None:
        operation = paid(team=north, currency="EUR")
        line_of(gross_minor=-1930, operation_ref=str(operation.pk), customer_minor=minor, customer_currency=currency)

        assert found() == []

    def test_is_left_where_only_the_payment_is_the_same(self, north: Team) -> None:
        operation = paid(team=north, currency="EUR")
        line_of(
            gross_minor=-1930,
            payment_ref=payment_behind(operation).external_id,
            customer_minor=-2220,
            customer_currency="EUR",
        )

        assert found() == []


class TestThePaymentAndTheAmount:
    def test_are_believed_when_nothing_else_fits(self, north: Team) -> None:
        operation = paid(team=north)
        line = line_of(payment_ref=payment_behind(operation).external_id)

        assert found() == [(line.pk, operation, "payment and amount")]

    def test_are_not_believed_of_two_lines(self, north: Team) -> None:
        operation = paid(team=north)
        for _ in range(2):
            line_of(payment_ref=payment_behind(operation).external_id)

        assert found() == []

    def test_are_not_believed_against_the_processors_own_reference(self, north: Team) -> None:
        operation = known_as(paid(team=north), "re_1")
        line_of(payment_ref=payment_behind(operation).external_id, source_id="re_2")

        assert found() == []

    @pytest.mark.parametrize(("gross_minor", "currency"), [(-2219, "GBP"), (2220, "GBP"), (-2220, "USD")])
    def test_must_be_the_very_amount(self, north: Team, gross_minor: int, currency: str) -> None:
        operation = paid(team=north)
        line_of(payment_ref=payment_behind(operation).external_id, gross_minor=gross_minor, currency=currency)

        assert found() == []


class TestTheOrderTheAmountAndTheDate:
    @pytest.mark.parametrize("days", [-EARLIEST_DAYS, 0, LATEST_DAYS])
    def test_are_believed_within_the_window(self, north: Team, days: int) -> None:
        operation = paid(team=north)
        line = line_of(merchant_ref=payment_behind(operation).order.external_id, at=NOON + timedelta(days=days))

        assert found() == [(line.pk, operation, "order, amount and date")]

    @pytest.mark.parametrize("days", [-EARLIEST_DAYS - 1, LATEST_DAYS + 1])
    def test_are_not_believed_outside_the_window(self, north: Team, days: int) -> None:
        operation = paid(team=north)
        line_of(merchant_ref=payment_behind(operation).order.external_id, at=NOON + timedelta(days=days))

        assert found() == []

    def test_are_not_believed_of_two_refunds_of_one_order(self, north: Team) -> None:
        first, second = paid(team=north), paid(team=north)
        type(payment_behind(second)).objects.filter(pk=payment_behind(second).pk).update(
            order=payment_behind(first).order_id
        )
        line_of(merchant_ref=payment_behind(first).order.external_id)

        assert found() == []


class TestTheAmountAlone:
    def test_is_never_believed(self, north: Team) -> None:
        paid(team=north)
        line_of()

        assert found() == []
        line = StatementLine.objects.get()
        assert (line.result, line.result_note) == (LineResult.UNMATCHED, "It carries no operation id of ours.")


class TestTheOrderOfLines:
    def test_changes_nothing(self, north: Team) -> None:
        """Four lines that four passes find, in every order."""
        outcomes = set()
        for place, order in enumerate(permutations(range(4))):
            by_id, by_reference, by_payment, by_order = (paid(team=north) for _ in range(4))
            known_as(by_reference, f"re_{place}")
            columns: tuple[dict[str, Any], ...] = (
                {"operation_ref": str(by_id.pk)},
                {"source_id": f"re_{place}"},
                {"payment_ref": payment_behind(by_payment).external_id},
                {"merchant_ref": payment_behind(by_order).order.external_id},
            )
            lines = {which: line_of(**columns[which]).pk for which in order}
            pairs = {line: operation for line, operation, _ in found()}
            outcomes.add(
                tuple(
                    pairs.get(lines[which]) == wanted
                    for which, wanted in enumerate((by_id, by_reference, by_payment, by_order))
                )
            )

        assert outcomes == {(True, True, True, True)}
