"""What is suggested for an open line, why, and what is never more than a weak guess."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from refunds.models import Operation, SeveredMatch, StatementLine
from refunds.reconciliation.suggestions import Suggestions, exact_pairs, siblings_of, suggestions_for
from refunds.vocabulary import LineResult, OperationState, State
from tests.harness.known import payment_behind
from tests.refunds.books import NOON, operation_of, paid, request_in, team_called
from tests.refunds.journal.lines import line_of as written
from tests.refunds.journal.lines import settled

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from config.kernel.people import Team, User

pytestmark = pytest.mark.django_db


def line_of(*, gross_minor: int = -2220, **columns: Any) -> StatementLine:
    """Book £22.20 that went back and agrees with nothing yet."""
    return written("refund", gross_minor, result=LineResult.UNMATCHED, **columns)


def known_as(operation: Operation, external_id: str = "re_1", **columns: Any) -> Operation:
    """Let the processor have told us its reference."""
    Operation.objects.filter(pk=operation.pk).update(external_id=external_id, **columns)
    operation.refresh_from_db()
    return operation


def of(lena: User, line: StatementLine) -> Suggestions:
    """Ask what a line may be."""
    return suggestions_for(lena, [line])[line.pk]


class TestAReferenceThatIsProof:
    @pytest.mark.parametrize("by", ["id", "reference"])
    def test_is_a_hundred_with_the_same_amount(self, lena: User, north: Team, by: str) -> None:
        operation = known_as(paid(team=north))
        line = line_of(operation_ref=str(operation.pk)) if by == "id" else line_of(source_id="re_1")

        [one] = of(lena, line).singles

        assert (one.operation, one.score, one.label, one.is_exact) == (operation, 100, "Exact", True)
        assert [reason.sentence for reason in one.reasons][1:] == ["The same amount: £22.20.", "On the same day."]

    def test_says_how_far_apart_the_amounts_are_and_is_not_accepted(self, lena: User, north: Team) -> None:
        operation = paid(team=north)

        [one] = of(lena, line_of(gross_minor=-2320, operation_ref=str(operation.pk))).singles

        assert "The statement has £1.00 more than ours, £22.20." in [reason.sentence for reason in one.reasons]
        assert not one.is_exact
        assert not one.may_be_accepted

    def test_counts_in_another_currency_where_the_customer_got_our_amount(self, lena: User, north: Team) -> None:
        operation = paid(team=north, currency="EUR")

        [one] = of(
            lena,
            line_of(gross_minor=-1930, operation_ref=str(operation.pk), customer_minor=-2220, customer_currency="EUR"),
        ).singles

        assert one.is_exact
        assert "The same amount for the customer, settled in GBP: €22.20." in [r.sentence for r in one.reasons]

    def test_is_not_exact_for_a_refund_that_came_back_or_was_taken_apart(self, lena: User, north: Team) -> None:
        back, apart = paid(team=north), paid(team=north)
        first, second = line_of(operation_ref=str(back.pk)), line_of(operation_ref=str(apart.pk))
        written("refund_failure", 2220, result=LineResult.UNMATCHED, operation_ref=str(back.pk))
        SeveredMatch.objects.create(
            line=second, operation=apart, found_by="operation id", why="Other.", severed_by=lena, severed_at=NOON
        )

        found = suggestions_for(lena, [first, second])

        assert exact_pairs(found.values()) == []
        assert "Somebody took these two apart before." in [r.sentence for r in found[second.pk].singles[0].reasons]

    def test_is_not_exact_before_the_money_left(self, lena: User, north: Team) -> None:
        operation = operation_of(request_in(State.PROCESSING, team=north), OperationState.PENDING)

        [one] = of(lena, line_of(operation_ref=str(operation.pk))).singles

        assert not one.is_exact
        assert "It is processing; only what is refunded can be matched." in [r.sentence for r in one.reasons]


class TestTheAmountAlone:
    def test_is_weak_and_never_exact(self, lena: User, north: Team) -> None:
        paid(team=north)

        [one] = of(lena, line_of()).singles

        assert (one.label, one.score, one.is_weak, one.is_exact) == ("Weak", 40, True, False)

    def test_is_worth_less_the_further_the_days_and_nothing_after_ten(self, lena: User, north: Team) -> None:
        paid(team=north, at=NOON - timedelta(days=4))
        paid(team=north, at=NOON - timedelta(days=11))

        assert [one.score for one in of(lena, line_of()).singles] == [36]

    def test_offers_the_nearest_few_of_many(self, lena: User, north: Team) -> None:
        near = [paid(team=north, at=NOON - timedelta(hours=n)) for n in range(8)]

        shown = of(lena, line_of()).singles

        assert len(shown) == 5
        assert {one.operation for one in shown} == set(near[:5])


class TestOtherReferences:
    @pytest.mark.parametrize(
        ("what", "sentence"),
        [
            ("payment", "The same payment."),
            ("order", "The same order."),
            ("request", "Its text names"),
            ("trace", "The same trace id (ARN) at the customer's bank."),
        ],
    )
    def test_are_likely_but_no_proof(self, lena: User, north: Team, what: str, sentence: str) -> None:
        operation = paid(team=north)
        Operation.objects.filter(pk=operation.pk).update(acquirer_reference="74537605312345678901234")
        told: dict[str, dict[str, Any]] = {
            "payment": {"payment_ref": payment_behind(operation).external_id},
            "order": {"merchant_ref": payment_behind(operation).order.external_id},
            "request": {"text": f"Refund {operation.refund_request.reference} thank you"},
            "trace": {"text": "ARN 74537605312345678901234"},
        }

        [one] = of(lena, line_of(**told[what])).singles

        assert one.reasons[0].sentence.startswith(sentence)
        assert one.label in {"Likely", "Possible"}
        assert 45 < one.score < 100
        assert one.may_be_accepted

    def test_that_contradict_count_against_it(self, lena: User, north: Team) -> None:
        operation = known_as(paid(team=north))

        shown = of(lena, line_of(source_id="re_2", payment_ref=payment_behind(operation).external_id)).singles

        assert [(one.score, one.is_exact) for one in shown] == [(45, False)]


class TestWhatIsShown:
    def test_is_of_her_teams_and_not_matched_yet(self, lena: User, north: Team) -> None:
        paid(team=team_called("south"))
        settled(paid(team=north))

        assert of(lena, line_of()).singles == ()

    def test_are_refunds_of_one_order_that_only_add_up_together(self, lena: User, north: Team) -> None:
        first, second = paid(team=north, amount_minor=1000), paid(team=north, amount_minor=1220)
        Operation.objects.filter(pk=second.pk).update(payment=first.payment)

        found = of(lena, line_of(payment_ref=payment_behind(first).external_id))

        assert set(found.together) == {first, second}

    def test_are_other_lines_of_the_same_refund(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        first, second = (line_of(gross_minor=-1110, operation_ref=str(operation.pk)) for _ in range(2))

        assert siblings_of(lena, first) == [second]

    def test_names_each_refund_once_among_the_exact(self, lena: User, north: Team) -> None:
        operation = paid(team=north)
        first, second = (line_of(operation_ref=str(operation.pk)) for _ in range(2))

        assert exact_pairs(suggestions_for(lena, [second, first]).values()) == [(first, operation)]

    def test_costs_the_same_for_one_line_and_for_many(
        self, lena: User, north: Team, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        lines = [line_of(operation_ref=str(paid(team=north).pk)) for _ in range(6)]
        suggestions_for(lena, lines)

        with django_assert_num_queries(4):
            suggestions_for(lena, lines[:1])
        with django_assert_num_queries(4):
            suggestions_for(lena, lines)
