"""What the demo's shops sold: shaped by the figures of a real wholesaler, made up in every row.

The shape is that of `shared/data/PROVENANCE.md`: a credit note has a median of 16.50, nine in ten are below 158, one in
a hundred is above 4,288; between order and return lie 8 days in the median and 51 in the upper tenth; one return for
every four or five orders.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.kernel.people import Team
from refunds.models import Customer, Order, OrderLine, Payment

from .words import ALIASES, COUNTRIES, FIRST_NAMES, LANGUAGES, LAST_NAMES, PRODUCTS, Product

if TYPE_CHECKING:
    from random import Random

    from .people import DemoTeam

AMOUNT_QUANTILES = ((0.0, 2_00), (0.5, 16_50), (0.9, 158_00), (0.99, 4_288_00), (1.0, 20_000_00))
GAP_MEDIAN_DAYS, GAP_SIGMA = 8.0, math.log(51 / 8) / 1.2816
"""A lognormal with these has its median at 8 days and its ninth tenth at 51."""

LONGEST_GAP_DAYS = 100
LINE_COUNTS = {"uk-retail": (1, 40, 6.0), "us-dtc": (1, 6, 1.2), "eu-saas": (1, 3, 0.4)}
"""Fewest, most and the mean of what comes on top of the fewest."""

QUANTITIES = {"uk-retail": (1, 1, 2, 2, 4, 6, 6, 12, 12, 24), "us-dtc": (1, 1, 1, 2), "eu-saas": (1, 1, 3, 5, 10)}
ORDER_COUNTS = {"uk-retail": 950, "us-dtc": 700, "eu-saas": 350}
CUSTOMER_COUNTS = {"uk-retail": 280, "us-dtc": 340, "eu-saas": 140}
KEPT_APART = 8
"""So many customers, the last ones, buy only what is sold to them by name: nothing else counts to their sums."""

WORLD_DAYS = 120
USUAL_SHARE = 0.97


@dataclass(slots=True)
class Sale:
    """An order before it is written; the first line is the one a return will be about."""

    placed_at: datetime
    lines: list[tuple[Product, int]]
    is_final_sale: bool = False
    method: str = "card"
    customer: int | None = None
    """Which customer of the shop bought it, by her place in the list; one of the others when none is named."""

    order: Order = field(init=False)

    @property
    def gross_minor(self) -> int:
        """What was paid."""
        return sum(product.price_minor * quantity for product, quantity in self.lines)


def returned_amount(rng: Random, *, least: int = 0, most: int = 10**9) -> int:
    """Draw the amount of a return between two bounds, in minor units, as the real ones are spread."""
    low, high = _share_below(least), _share_below(most)
    return _amount_at(rng.uniform(low, high))


def returned_after(rng: Random, *, most: float = LONGEST_GAP_DAYS) -> float:
    """Draw the days between order and return."""
    return min(max(rng.lognormvariate(math.log(GAP_MEDIAN_DAYS), GAP_SIGMA), 0.2), most)


def sale_for(rng: Random, team: str, *, placed_at: datetime, amount_minor: int) -> tuple[Sale, int]:
    """Make a sale whose first line can give back about this amount; answers it with how many pieces that takes."""
    fitting = [product for product in PRODUCTS[team] if product.price_minor <= max(amount_minor, 100)]
    product = rng.choice(fitting[-6:] if fitting else [min(PRODUCTS[team], key=lambda one: one.price_minor)])
    returned = max(1, round(amount_minor / product.price_minor))
    kept = rng.choice((0, 0, 1, 2, 6)) if team != "eu-saas" else 0
    others = [line for line in _lines(rng, team) if line[0] != product]
    return Sale(placed_at, [(product, returned + kept), *others[:-1]]), returned


def plain_sale(rng: Random, team: str, *, placed_at: datetime) -> Sale:
    """Make a sale nobody complains about."""
    return Sale(placed_at, _lines(rng, team))


def write_sales(rng: Random, demo_team: DemoTeam, sales: list[Sale], *, now: datetime) -> list[Payment]:
    """Write the sales of one shop, oldest first, a statement for each table. Answers the payments, for the sandbox."""
    team = Team.objects.get(slug=demo_team.slug)
    customers = _write_customers(rng, demo_team, now)
    others = len(customers) - KEPT_APART
    sales.sort(key=lambda sale: sale.placed_at)
    for number, sale in enumerate(sales, start=10_001):
        arrives_at = sale.placed_at + timedelta(days=rng.uniform(1.5, 5)) if demo_team.slug != "eu-saas" else None
        sale.order = Order(
            channel=demo_team.channel,
            external_id=f"{demo_team.channel[-2:].upper()}{number}",
            team=team,
            customer=customers[int(others * rng.random() ** 1.7) if sale.customer is None else sale.customer],
            placed_at=sale.placed_at,
            delivered_at=arrives_at if arrives_at is not None and arrives_at < now else None,
            currency=demo_team.currency,
        )
    Order.objects.bulk_create([sale.order for sale in sales])
    OrderLine.objects.bulk_create(
        OrderLine(
            order=sale.order,
            line=str(place + 1),
            sku=product.sku,
            title=product.title,
            category=product.category,
            quantity=quantity,
            unit_price_minor=product.price_minor,
            final_sale=sale.is_final_sale and place == 0,
        )
        for sale in sales
        for place, (product, quantity) in enumerate(sale.lines)
    )
    return Payment.objects.bulk_create(
        Payment(
            order=sale.order,
            gateway="stripe",
            external_id=f"pi_{demo_team.channel}_{sale.order.external_id}",
            currency=demo_team.currency,
            captured_minor=sale.gross_minor,
            captured_at=sale.placed_at,
            method=sale.method,
            last4=f"{rng.randrange(10_000):04}",
        )
        for sale in sales
    )


def _write_customers(rng: Random, demo_team: DemoTeam, now: datetime) -> list[Customer]:
    names = FIRST_NAMES[demo_team.slug], LAST_NAMES[demo_team.slug]
    customers, count = [], CUSTOMER_COUNTS[demo_team.slug]
    for number in range(1, count + 1):
        first, last = rng.choice(names[0]), rng.choice(names[1])
        usual = f"{first} {last}", f"customer{number}.{demo_team.slug}@example.com"
        name, email = ALIASES.get(demo_team.slug, {}).get(number - 1 - count, usual)
        country = rng.choice(COUNTRIES[demo_team.slug])
        customers.append(
            Customer(
                channel=demo_team.channel,
                external_id=f"C{number:05}",
                name=name,
                email=email,
                country=country,
                language=LANGUAGES.get(country, "en"),
                since=(now - timedelta(days=WORLD_DAYS + rng.randrange(2000))).date(),
            )
        )
    return Customer.objects.bulk_create(customers)


def _lines(rng: Random, team: str) -> list[tuple[Product, int]]:
    least, most, mean = LINE_COUNTS[team]
    count = min(least + int(rng.expovariate(1 / mean)), most, len(PRODUCTS[team]))
    # The dearest goods are rare: a shop counter is not in every parcel.
    usual = PRODUCTS[team][:-2] if rng.random() < USUAL_SHARE else PRODUCTS[team]
    return [(product, rng.choice(QUANTITIES[team])) for product in rng.sample(usual, min(count, len(usual)))]


def _amount_at(share: float) -> int:
    place = max(1, bisect_left([quantile for quantile, _ in AMOUNT_QUANTILES], share))
    (below, low), (above, high) = AMOUNT_QUANTILES[place - 1], AMOUNT_QUANTILES[place]
    return round(low * math.pow(high / low, (share - below) / (above - below)))


def _share_below(amount: int) -> float:
    amounts = [amount_minor for _, amount_minor in AMOUNT_QUANTILES]
    place = min(max(1, bisect_left(amounts, amount)), len(amounts) - 1)
    (below, low), (above, high) = AMOUNT_QUANTILES[place - 1], AMOUNT_QUANTILES[place]
    share = math.log(max(amount, low) / low) / math.log(high / low)
    return below + (above - below) * min(share, 1.0)
