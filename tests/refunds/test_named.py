"""What a pasted or typed word finds, and that no way to it reads every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel.people import Team, teams_of
from evidence.selectors import page_of_messages
from refunds import lookup, named
from refunds.models import Customer, Match, Operation, Payment
from refunds.reconciliation.permissions import all_lines_visible_to, lines_visible_to
from refunds.reconciliation.selectors import lines_of
from refunds.selectors import RequestFilter, orders_found, refund_requests
from tests.harness.known import payment_behind
from tests.refunds.books import NOON, paid, person_with, team_called
from tests.refunds.journal.lines import line_of, settled, statement_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import Order, RefundRequest

pytestmark = pytest.mark.django_db

RIGHTS = (
    "refunds.view_refundrequest",
    "refunds.view_order",
    "refunds.view_statement",
    "evidence.view_customermessage",
)


@pytest.fixture
def lena() -> User:
    """Somebody of two teams."""
    return person_with("lena", *RIGHTS, teams=(team_called("north"), team_called("south")))


def known_request() -> tuple[RefundRequest, Order]:
    """Refund an order of somebody with a name, by a charge and a refund that have theirs."""
    operation = paid(team=team_called("north"))
    order = payment_behind(operation).order
    order.customer = Customer.objects.create(
        channel=order.channel, external_id="cus-1", name="Ada Thornbury", email="Ada@shop.example"
    )
    order.external_id = "Ab-1001"
    order.save(update_fields=["customer", "external_id"])
    Payment.objects.filter(order=order).update(external_id="pi_77", last4="4242")
    Operation.objects.filter(pk=operation.pk).update(external_id="re_88")
    refund_request = operation.refund_request
    type(refund_request).objects.filter(pk=refund_request.pk).update(customer=order.customer)
    return refund_request, order


def plan_of(found: QuerySet[Any]) -> str:
    """Tell how rows are found where reading all of them, or sorting, is the last resort."""
    with CaptureQueriesContext(connection) as asked:
        list(found)
    return plan_of_last(asked)


def plan_of_last(asked: CaptureQueriesContext) -> str:
    """Tell the same of the last thing that was asked."""
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("seqscan", "sort", "incremental_sort", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {asked.captured_queries[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        transaction.set_rollback(True)
    return plan


class TestARequest:
    @pytest.mark.parametrize("word", ["Ab-1001", "thornb", "cus-1"])
    def test_is_listed_by_its_order_and_its_customer(self, lena: User, word: str) -> None:
        refund_request, _ = known_request()
        paid(team=team_called("south"))

        assert list(refund_requests(lena, RequestFilter(text=word))) == [refund_request]

    def test_is_found_by_reference_in_any_case(self, lena: User) -> None:
        refund_request, _ = known_request()
        low = refund_request.reference.lower()

        assert list(refund_requests(lena, RequestFilter(text=low))) == [refund_request]
        assert lookup.straight_to(lena, low) == refund_request.get_absolute_url()
        assert lookup.requests_named(lena, low[:4], most=5) == [refund_request]

    def test_is_found_by_the_processors_reference_of_its_refund(self, lena: User) -> None:
        refund_request, _ = known_request()

        assert lookup.straight_to(lena, "re_88") == refund_request.get_absolute_url()

    def test_of_another_team_is_not_found(self, lena: User) -> None:
        refund_request, order = known_request()
        nia = person_with("nia", *RIGHTS, teams=(team_called("south"),))

        for word in (refund_request.reference, order.external_id, "thornbury", "re_88"):
            assert not refund_requests(nia, RequestFilter(text=word)).exists()
            assert lookup.straight_to(nia, word) == ""


class TestAnOrder:
    @pytest.mark.parametrize("word", ["ab-1001", "ada@SHOP.example", "cus-1", "pi_77", "thornb", "4242"])
    def test_is_found_once_by_each_of_its_words(self, lena: User, word: str) -> None:
        _, order = known_request()
        paid(team=team_called("south"))

        assert orders_found(lena, word) == [order]

    def test_is_found_while_its_number_is_typed(self, lena: User) -> None:
        _, order = known_request()

        assert lookup.orders_named(lena, "ab-1", most=5) == [order]
        assert lookup.orders_named(lena, "b-1", most=5) == []

    def test_of_another_team_is_not_found(self) -> None:
        known_request()
        nia = person_with("nia", *RIGHTS, teams=(team_called("south"),))

        assert orders_found(nia, "Ab-1001") == []


class TestAnId:
    @pytest.mark.parametrize("way", [named.requests_by_id, named.orders_by_id])
    def test_is_looked_up_and_never_searched_for(self, way: Any) -> None:
        assert "Seq Scan" not in plan_of(way("pi_77"))


class TestLines:
    def test_are_the_same_for_pages_and_for_sums(self, lena: User) -> None:
        ours, theirs = paid(team=team_called("north")), paid(team=team_called("west"))
        lines = [settled(ours).line, settled(theirs).line, line_of("refund", -100, result="unmatched")]
        both = line_of("refund", -2 * theirs.amount_minor, result="matched")
        parts = [paid(team=team_called(slug)) for slug in ("west", "north")]
        Match.objects.bulk_create(
            Match(line=both, operation=one, line_minor=one.amount_minor, amount_minor=one.amount_minor, matched_at=NOON)
            for one in parts
        )

        assert set(lines_visible_to(lena)) == {lines[0], lines[2], both}
        assert set(all_lines_visible_to(lena)) == set(lines_visible_to(lena))

    def test_of_every_team_are_added_up_without_their_matches(self) -> None:
        lines = {settled(paid(team=team_called(slug))).line for slug in ("north", "west")}
        everywhere = person_with("nia", *RIGHTS, teams=tuple(Team.objects.all()))

        assert set(all_lines_visible_to(everywhere)) == set(lines_visible_to(everywhere)) == lines
        assert "refunds_match" not in plan_of(all_lines_visible_to(everywhere))

    def test_of_a_team_that_came_later_are_left_out_again(self) -> None:
        settled(paid(team=team_called("north")))
        nia = person_with("nia", *RIGHTS, teams=tuple(Team.objects.all()))
        theirs = settled(paid(team=team_called("west"))).line

        assert theirs not in all_lines_visible_to(nia)
        assert set(all_lines_visible_to(nia)) == set(lines_visible_to(nia))


class TestTheNewest:
    def test_of_several_teams_come_in_order(self, lena: User) -> None:
        assert "request_newest" in plan_of(refund_requests(lena, RequestFilter())[:50])

    def test_messages_of_several_teams_come_in_order(self, lena: User) -> None:
        teams_of(lena)
        with CaptureQueriesContext(connection) as asked:
            page_of_messages(viewer=lena)

        assert "message_newest " in plan_of_last(asked)

    def test_lines_of_a_statement_come_in_order(self, lena: User) -> None:
        plan = plan_of(lines_of(lena, statement_of(), after=1)[:50])

        assert "line_of_statement" in plan
        assert "hashed SubPlan" not in plan
