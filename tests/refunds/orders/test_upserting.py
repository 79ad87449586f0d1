"""Orders as shops send them, one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from config.kernel.people import Team, User, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted, Refused
from refunds.models import Customer, Order, OrderLine, Payment
from refunds.orders.upserting import CustomerFacts, OrderFacts, upsert_order
from tests.harness.people import fresh

from .conftest import PLACED_AT, an_order, card, lantern

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

AT = PLACED_AT + timedelta(days=1)


def send(order: OrderFacts, actor: User) -> tuple[Order, bool]:
    return upsert_order(order=order, actor=actor, at=AT)


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Payment, Customer)]


class TestUpsertOrder:
    def test_writes_a_new_order_with_customer_lines_and_payment(self, lena: User) -> None:
        order, created = send(an_order(), lena)
        assert created
        assert order.customer is not None
        assert order.customer.name == "Nora Finch"
        assert [(line.line, line.quantity, line.unit_price_minor) for line in order.lines.all()] == [("1", 6, 255)]
        assert [payment.captured_minor for payment in order.payments.all()] == [1530]

    def test_changes_nothing_when_the_same_facts_come_again(self, lena: User) -> None:
        send(an_order(), lena)
        before = everything()
        _, created = send(an_order(), lena)
        assert not created
        assert everything() == before

    def test_lets_an_order_grow(self, lena: User) -> None:
        send(an_order(), lena)
        more = an_order(
            lines=[lantern(quantity=7), lantern(line="2", sku="L2")],
            payments=[card(), card(external_id="pi_2", captured_minor=500)],
            delivered_at=AT,
        )
        order, _ = send(more, lena)
        assert sorted(order.lines.values_list("line", "quantity")) == [("1", 7), ("2", 6)]
        assert sorted(order.payments.values_list("external_id", flat=True)) == ["pi_1", "pi_2"]
        assert order.delivered_at == AT

    def test_keeps_a_delivery_and_a_payment_that_the_shop_leaves_out(self, lena: User) -> None:
        send(an_order(delivered_at=AT), lena)
        order, _ = send(an_order(payments=[]), lena)
        assert order.delivered_at == AT
        assert order.payments.count() == 1

    def test_takes_away_a_line_that_nobody_asked_money_for(self, lena: User) -> None:
        send(an_order(lines=[lantern(), lantern(line="2")]), lena)
        order, _ = send(an_order(), lena)
        assert [line.line for line in order.lines.all()] == ["1"]

    def test_needs_the_right_to_send_orders(self, lena: User) -> None:
        give_roles(user=lena, roles=["agent"])
        with pytest.raises(NotPermitted):
            send(an_order(), User.objects.get(pk=lena.pk))
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        ("spoil", "code", "field"),
        [
            (lambda o: replace(o, team="mars"), "unknown_team", "team"),
            (lambda o: replace(o, channel="shop uk"), "invalid", "channel"),
            (lambda o: replace(o, external_id=""), "invalid", "external_id"),
            (lambda o: replace(o, external_id="a\x00b"), "invalid", "external_id"),
            (lambda o: replace(o, lines=[]), "invalid", "lines"),
            (lambda o: replace(o, lines=[lantern(quantity=0)]), "invalid", "lines[0].quantity"),
            (lambda o: replace(o, lines=[lantern(quantity=-1)]), "invalid", "lines[0].quantity"),
            (lambda o: replace(o, lines=[lantern(quantity=2**31)]), "invalid", "lines[0].quantity"),
            (lambda o: replace(o, lines=[lantern(unit_price_minor=-1)]), "invalid", "lines[0].unit_price_minor"),
            (lambda o: replace(o, lines=[lantern(unit_price_minor=10**14)]), "invalid", "lines[0].unit_price_minor"),
            (lambda o: replace(o, lines=[lantern(title="x" * 201)]), "invalid", "lines[0].title"),
            (lambda o: replace(o, lines=[lantern(), lantern()]), "invalid", "lines[1].line"),
            (lambda o: replace(o, payments=[card(currency="XXZ")]), "unknown_currency", "payments[0].currency"),
            (lambda o: replace(o, payments=[card(captured_minor=0)]), "invalid", "payments[0].captured_minor"),
            (lambda o: replace(o, payments=[card(gateway="paypal")]), "unknown_gateway", "payments[0].gateway"),
            (
                lambda o: replace(o, payments=[card(), card(external_id="pi_2", currency="EUR")]),
                "currency_mismatch",
                "payments",
            ),
            (lambda o: replace(o, shipping_minor=-1), "invalid", "shipping_minor"),
            (lambda o: replace(o, placed_at=datetime(2026, 3, 2)), "invalid", "placed_at"),  # noqa: DTZ001 - the point
            (lambda o: replace(o, customer=CustomerFacts(external_id="1", email="no")), "invalid", "customer.email"),
        ],
    )
    def test_refuses_what_no_order_can_be(
        self, lena: User, spoil: Callable[[OrderFacts], OrderFacts], code: str, field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            send(spoil(an_order()), lena)
        assert (code, field) in [(reason.code, reason.field) for reason in refused.value.reasons]
        assert not Order.objects.exists()
        assert not Customer.objects.exists()

    def test_names_every_reason_at_once(self, lena: User) -> None:
        with pytest.raises(Refused) as refused:
            send(an_order(lines=[lantern(quantity=0)], payments=[card(currency="XXZ")], team="mars"), lena)
        assert len(refused.value.reasons) == 3

    def test_knows_no_team_the_sender_does_not_work_for(self, lena: User) -> None:
        Team.objects.create(slug="us-dtc", name="US", currency="USD")
        with pytest.raises(Refused) as refused:
            send(an_order(team="us-dtc"), lena)
        assert refused.value.code == "unknown_team"

    def test_leaves_an_order_with_its_team(self, lena: User) -> None:
        other = Team.objects.create(slug="us-dtc", name="US", currency="USD")
        order, _ = send(an_order(), lena)
        Order.objects.filter(pk=order.pk).update(team=other)
        with pytest.raises(Refused, match="another team"):
            send(an_order(), lena)

    def test_leaves_the_customers_of_other_teams_alone(self, lena: User) -> None:
        """Who could name them would write their mail addresses anew, and have what is written to them."""
        send(an_order(), lena)
        south = Team.objects.create(slug="south", name="South", currency="GBP")
        stranger = User.objects.create(username="till")
        give_roles(user=stranger, roles=["finance"])
        assign_to_teams(user=stranger, teams=[south])
        hers = an_order(team="south", external_id="S-1", payments=[])
        hers = replace(hers, customer=CustomerFacts(external_id="17850", name="Eve", email="eve@example.com"))
        before = everything()

        for _ in range(2):
            with pytest.raises(Refused, match="buys from another team"):
                send(hers, fresh(stranger))
            assert everything() == before

    def test_takes_a_customer_along_to_another_team_of_the_sender(self, lena: User) -> None:
        first, _ = send(an_order(), lena)
        south = Team.objects.create(slug="south", name="South", currency="GBP")
        assign_to_teams(user=lena, teams=[first.team, south])

        second, _ = send(an_order(team="south", external_id="S-1", payments=[]), fresh(lena))

        assert second.customer == first.customer

    def test_leaves_a_payment_with_its_order(self, lena: User) -> None:
        send(an_order(), lena)
        with pytest.raises(Refused, match="belongs to another order"):
            send(an_order(external_id="536366"), lena)
        assert Order.objects.count() == 1

    def test_leaves_the_currency_of_an_order(self, lena: User) -> None:
        send(an_order(), lena)
        with pytest.raises(Refused) as refused:
            send(an_order(payments=[card(external_id="pi_2", currency="EUR")]), lena)
        assert refused.value.code == "currency_mismatch"


class TestUpsertOrderWithMoneyGivenBack:
    @pytest.fixture
    def order(self, lena: User) -> Order:
        order, _ = send(an_order(shipping_minor=300), lena)
        order.payments.update(refunded_minor=510, reserved_minor=255)
        order.lines.update(refunded_quantity=2, reserved_quantity=1)
        Order.objects.update(shipping_refunded_minor=100)
        return order

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"payments": [card(captured_minor=764)]}, "payments[0].captured_minor"),
            ({"lines": [lantern(quantity=2)]}, "lines[0].quantity"),
            ({"shipping_minor": 99}, "shipping_minor"),
        ],
    )
    def test_refuses_to_shrink_below_it(self, order: Order, lena: User, told: dict[str, object], field: str) -> None:
        before = everything()
        with pytest.raises(Refused) as refused:
            send(an_order(**{"shipping_minor": 300, **told}), lena)
        assert field in [reason.field for reason in refused.value.reasons]
        assert everything() == before

    def test_may_shrink_down_to_it(self, order: Order, lena: User) -> None:
        send(an_order(lines=[lantern(quantity=3)], payments=[card(captured_minor=765)], shipping_minor=100), lena)
        assert order.lines.get().quantity == 3
        assert order.payments.get().captured_minor == 765


class TestUpsertOrderSomebodyAskedMoneyFor:
    """A request that is still open, on one line of the order."""

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"lines": [lantern(line="2")]}, "lines"),
            ({"lines": [lantern(unit_price_minor=1_00)]}, "lines[0].unit_price_minor"),
            ({"customer": CustomerFacts(external_id="somebody-else")}, "customer"),
        ],
    )
    def test_keeps_its_line_its_price_and_its_customer(
        self, world: World, amir: User, lena: User, told: dict[str, object], field: str
    ) -> None:
        order, _ = send(an_order(), lena)
        world.filed(order, by=amir, quantity=2, at=AT)
        before = everything()
        with pytest.raises(Refused) as refused:
            send(an_order(**told), lena)
        assert field in [reason.field for reason in refused.value.reasons]
        assert everything() == before
