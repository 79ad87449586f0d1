"""What was decided before on the same rule: the last five, the spread, and whether somebody stands alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from approvals.vocabulary import Verdict
from config.kernel.money import Money
from refunds import workflow
from refunds.precedent import precedent_for
from refunds.selectors import request_page
from tests.harness.people import settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from refunds.precedent import Precedent

pytestmark = pytest.mark.django_db

WHY = "The customer was ill for six weeks."


def late(world: World, amir: User, pounds: int = 100, **more: str) -> RefundRequest:
    """File what came back after the window."""
    return world.filed(world.order(unit_minor=pounds * 100, days_ago=50, **more), by=amir)  # type: ignore[arg-type]


def grant(refund_request: RefundRequest, by: User) -> None:
    workflow.grant_exception(
        reference=refund_request.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=by, at=NOON
    )


def decline(refund_request: RefundRequest, by: User) -> None:
    workflow.decide(reference=refund_request.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=by, at=NOON)


def approve(refund_request: RefundRequest, by: User) -> None:
    workflow.decide(reference=refund_request.reference, verdict=Verdict.APPROVE, rationale="", actor=by, at=NOON)


def seen(viewer: User, refund_request: RefundRequest) -> Precedent | None:
    found = request_page(viewer, refund_request.reference)
    assert found is not None
    return precedent_for(viewer, found)


class TestPrecedent:
    def test_is_nothing_on_the_first_case_of_a_rule(self, world: World, amir: User, mei: User) -> None:
        assert seen(mei, late(world, amir)) is None

    def test_shows_the_last_five_and_how_all_of_them_spread(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        for pounds in (60, 70, 80, 90, 100):
            approve(world.waiting(by=amir, pounds=pounds), dana)
        decline(world.waiting(by=amir, pounds=300), viktor)

        precedent = seen(dana, world.waiting(by=amir, pounds=120))

        assert precedent is not None
        assert len(precedent.cases) == 5
        (spread,) = precedent.spreads
        assert (spread.yes_count, spread.count, spread.median) == (5, 6, Money(80_00, "GBP"))

    def test_counts_only_the_same_rule(self, world: World, amir: User, mei: User, dana: User) -> None:
        approve(world.waiting(by=amir), dana)
        grant(late(world, amir), mei)

        precedent = seen(mei, late(world, amir))

        assert precedent is not None
        (case,) = precedent.cases
        assert (precedent.rule, case.is_yes, case.code, case.who) == ("return_window", True, "WINDOW_EXPIRED", str(mei))

    def test_keeps_currencies_apart(self, world: World, amir: User, mei: User) -> None:
        grant(late(world, amir, pounds=100), mei)
        grant(late(world, amir, pounds=250, team="us-dtc"), mei)

        precedent = seen(mei, late(world, amir))

        assert precedent is not None
        assert [(spread.currency, spread.median) for spread in precedent.spreads] == [
            ("GBP", Money(100_00, "GBP")),
            ("USD", Money(250_00, "USD")),
        ]

    def test_tells_nothing_of_other_teams(self, world: World, amir: User, mei: User, luis: User) -> None:
        grant(late(world, amir, pounds=250, team="us-dtc"), mei)

        assert seen(luis, late(world, amir)) is None

    def test_costs_one_query_however_many_there_were(
        self, world: World, amir: User, dana: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        own = request_page(dana, world.waiting(by=amir).reference)
        assert own is not None
        for _ in range(7):
            approve(world.waiting(by=amir), dana)
            precedent_for(dana, own)  # Rights are asked for once.
            with django_assert_num_queries(1):
                precedent_for(dana, own)


class TestConflict:
    def test_is_told_to_whoever_grants_what_colleagues_decline(
        self, world: World, amir: User, mei: User, milo: User
    ) -> None:
        for _ in range(3):
            grant(late(world, amir), mei)
        for _ in range(9):
            decline(late(world, amir), milo)

        mine, his = seen(mei, late(world, amir)), seen(milo, late(world, amir))

        assert mine is not None
        assert mine.conflict is not None
        assert (mine.conflict.my_yes, mine.conflict.their_no, mine.conflict.i_say_yes) == (3, 9, True)
        assert his is not None
        assert his.conflict is None  # Three of a colleague are too few to speak of.

    def test_is_not_told_of_a_few(self, world: World, amir: User, mei: User, milo: User) -> None:
        for _ in range(3):
            grant(late(world, amir), mei)
        for _ in range(4):
            decline(late(world, amir), milo)

        precedent = seen(mei, late(world, amir))

        assert precedent is not None
        assert precedent.conflict is None


class TestPages:
    def test_show_it_without_naming_a_customer(self, world: World, amir: User, mei: User, client: Client) -> None:
        customer = world.customer()
        customer.name = "Wilhelmina Quist"
        customer.save(update_fields=["name"])
        grant(world.filed(world.order(unit_minor=100_00, days_ago=50, customer=customer), by=amir), mei)
        own = late(world, amir)
        client.force_login(settle("mei"))

        page = client.get(own.get_absolute_url()).content.decode()
        panel = client.get(reverse("refunds:panel", args=[own.reference]), headers={"HX-Request": "true"})

        for words in (page, panel.content.decode()):
            assert "1 of 1 granted" in words
            assert "median £100.00 (GBP)" in words
        assert "The last decision" in page
        assert customer.name not in page
