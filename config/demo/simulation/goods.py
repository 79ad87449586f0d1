"""What is given back: orders in five currencies, and refunds of a part of most, approved by policy or by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from approvals.vocabulary import Verdict
from config.demo.people import person
from refunds import workflow
from refunds.intake import AskedLine, Draft
from refunds.models import Order, OrderLine, Payment
from refunds.vocabulary import State

from .shop import CURRENCIES, OF_A_POUND, team_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

CHANNEL = "simulation"
AGENT, APPROVERS = "amir", ("vera", "dora")
WEIGHTS = (35, 25, 20, 12, 8)
PENCE_OF_PRICES = (4_95, 7_50, 12_00, 16_50, 16_50, 19_99, 24_90, 29_00, 45_00, 49_00, 79_00, 158_00, 420_00)
PIECES = (1, 2, 3, 3, 4, 5, 6)
COARSEST_MINOR = 10
"""Stripe wants the last of three decimals to be 0, so all prices are whole tens of the smallest unit."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One paid order, one piece of which comes back."""

    number: int
    currency: str
    price_minor: int
    pieces: int

    @property
    def payment(self) -> str:
        """The processor's name of the payment: the weather and the dice know the refund by it."""
        return f"pi_sim{self.number:07d}"


def draw_sales(seed: int, count: int) -> list[Sale]:
    """Draw what was sold."""
    dice = Random(f"{seed} goods")  # noqa: S311 - a shop to play with, not a secret
    sales = []
    for number in range(count):
        currency = dice.choices(CURRENCIES, weights=WEIGHTS)[0]
        minor = dice.choice(PENCE_OF_PRICES) * OF_A_POUND[currency] // 100
        price = max(minor // COARSEST_MINOR, 1) * COARSEST_MINOR
        sales.append(Sale(number, currency, price, dice.choice(PIECES)))
    return sales


def write_sales(sales: Sequence[Sale], *, at: datetime) -> list[Payment]:
    """Write orders and payments as a connector would, and answer the payments."""
    placed_at = at - timedelta(days=6)
    orders = Order.objects.bulk_create(
        Order(
            channel=CHANNEL,
            external_id=str(sale.number),
            team=team_of(sale.currency),
            placed_at=placed_at,
            currency=sale.currency,
        )
        for sale in sales
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            line="1",
            sku="LAMP",
            title="Lamp",
            category="home",
            quantity=sale.pieces,
            unit_price_minor=sale.price_minor,
        )
        for order, sale in zip(orders, sales, strict=True)
    )
    return Payment.objects.bulk_create(
        Payment(
            order=order,
            gateway="stripe",
            external_id=sale.payment,
            currency=sale.currency,
            captured_minor=sale.price_minor * sale.pieces,
            captured_at=placed_at,
            method="card",
        )
        for order, sale in zip(orders, sales, strict=True)
    )


def approve(sales: Sequence[Sale], *, at: datetime) -> None:
    """File one request for each sale and have it approved: small ones by the policy, others by a director."""
    agent = person(AGENT)
    approvers = [person(name) for name in APPROVERS]
    for sale in sales:
        asked = [AskedLine(line="1", quantity=1, condition="unopened")]
        draft = Draft(channel=CHANNEL, order=str(sale.number), reason="changed_mind", lines=asked)
        filed = workflow.file_request(draft=draft, actor=agent, at=at)
        if filed.state == State.AWAITING_APPROVAL:
            workflow.decide(
                reference=filed.reference,
                verdict=Verdict.APPROVE,
                rationale="The goods are back.",
                actor=approvers[sale.number % len(approvers)],
                at=at,
                signed_in_at=at,
            )
