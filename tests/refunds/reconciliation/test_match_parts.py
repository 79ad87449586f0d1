"""What the database holds of matches, whatever writes them: the parts add up on both sides, to the last unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction

from refunds.books.posting import post_journal
from refunds.models import Match
from refunds.vocabulary import LineResult
from tests.refunds.books import LATER, paid
from tests.refunds.journal.lines import balances, line_of

if TYPE_CHECKING:
    from config.kernel.people import Team
    from refunds.models import Operation, StatementLine

pytestmark = pytest.mark.django_db

DIFFERENT = "does not add up"


def part(line: StatementLine, operation: Operation, minor: int, *, of_line: int | None = None) -> Match:
    """Build a part, not yet written."""
    return Match(
        line=line,
        operation=operation,
        line_minor=of_line or minor,
        amount_minor=minor,
        found_by="by hand",
        explanation="The same.",
        matched_at=LATER,
    )


def write(*parts: Match) -> None:
    """Write parts in one statement."""
    with transaction.atomic():
        Match.objects.bulk_create(parts)


class TestPartsOfALine:
    def test_may_be_of_several_operations(self, north: Team) -> None:
        line, first, second = (
            line_of("refund", -300),
            paid(team=north, amount_minor=100),
            paid(team=north, amount_minor=200),
        )

        write(part(line, first, 100), part(line, second, 200))

        post_journal(at=LATER)
        assert balances() == {("refund_expense", "GBP"): 300, ("processor_balance", "GBP"): -300}

    @pytest.mark.parametrize("gross", [-299, -301, 300])
    def test_that_are_less_or_more_than_it_are_refused(self, north: Team, gross: int) -> None:
        line, first, second = (
            line_of("refund", gross),
            paid(team=north, amount_minor=100),
            paid(team=north, amount_minor=200),
        )

        with pytest.raises(IntegrityError, match=DIFFERENT):
            write(part(line, first, 100), part(line, second, 200))

        assert not Match.objects.exists()

    def test_do_not_go_one_by_one(self, north: Team) -> None:
        line, first, second = (
            line_of("refund", -300),
            paid(team=north, amount_minor=100),
            paid(team=north, amount_minor=200),
        )
        write(part(line, first, 100), part(line, second, 200))

        with pytest.raises(IntegrityError, match=DIFFERENT), transaction.atomic():
            Match.objects.filter(operation=first).delete()

        assert Match.objects.all().delete()[0] == 2


class TestAPair:
    def test_is_matched_once_though_its_parts_add_up(self, north: Team) -> None:
        line, operation = line_of("refund", -300), paid(team=north, amount_minor=300)

        with pytest.raises(IntegrityError, match=DIFFERENT):
            write(part(line, operation, 100), part(line, operation, 200))


class TestPartsOfAnOperation:
    def test_may_stand_on_several_lines(self, north: Team) -> None:
        operation = paid(team=north, amount_minor=300)

        write(part(line_of("refund", -100), operation, 100), part(line_of("refund", -200), operation, 200))

        post_journal(at=LATER)
        assert balances() == {("refund_expense", "GBP"): 300, ("processor_balance", "GBP"): -300}

    def test_that_are_less_than_it_are_refused(self, north: Team) -> None:
        operation = paid(team=north, amount_minor=300)

        with pytest.raises(IntegrityError, match=DIFFERENT):
            write(part(line_of("refund", -100), operation, 100))

    def test_do_not_stand_on_a_further_line(self, north: Team) -> None:
        operation = paid(team=north, amount_minor=300)
        write(part(line_of("refund", -300), operation, 300))

        with pytest.raises(IntegrityError, match=DIFFERENT):
            write(part(line_of("refund", -300), operation, 300))


class TestAnotherCurrency:
    def test_is_the_same_where_the_customer_got_our_amount(self, north: Team) -> None:
        operation = paid(team=north, amount_minor=1000, currency="EUR")
        line = line_of("refund", -870, customer_minor=-1000, customer_currency="EUR", result=LineResult.MATCHED)

        write(part(line, operation, 1000, of_line=870))

        post_journal(at=LATER)
        assert balances()["fx_difference", "EUR"] == -1000
        assert balances()["fx_difference", "GBP"] == 870

    @pytest.mark.parametrize(
        "told",
        [
            {"customer_minor": -999, "customer_currency": "EUR"},
            {"customer_minor": -1000, "customer_currency": "USD"},
            {},
        ],
    )
    def test_is_refused_where_the_customer_got_something_else(self, north: Team, told: dict[str, Any]) -> None:
        operation = paid(team=north, amount_minor=1000, currency="EUR")

        with pytest.raises(IntegrityError, match=DIFFERENT):
            write(part(line_of("refund", -870, **told), operation, 1000, of_line=870))
