"""Lena of finance, who may send orders for the UK shop, and a strange team."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from approvals.roles import write_roles
from config.kernel.people import Team, User, assign_to_teams, give_roles
from refunds.orders.upserting import CustomerFacts, LineFacts, OrderFacts, PaymentFacts

PLACED_AT = datetime(2026, 3, 2, 8, 26, tzinfo=UTC)


@pytest.fixture
def uk(db: None) -> Team:
    return Team.objects.get_or_create(slug="uk-retail", defaults={"name": "UK retail", "currency": "GBP"})[0]


@pytest.fixture
def lena(uk: Team) -> User:
    write_roles()
    lena, _ = User.objects.get_or_create(username="lena")
    give_roles(user=lena, roles=["finance"])
    assign_to_teams(user=lena, teams=[uk])
    return lena


def lantern(**changes: Any) -> LineFacts:
    said: dict[str, Any] = {"line": "1", "sku": "L1", "quantity": 6, "unit_price_minor": 255, "title": "Lantern"}
    return LineFacts(**{**said, **changes})


def card(**changes: Any) -> PaymentFacts:
    said: dict[str, Any] = {"gateway": "stripe", "external_id": "pi_1", "captured_minor": 1530, "currency": "GBP"}
    return PaymentFacts(**{**said, "captured_at": PLACED_AT, "method": "card", "last4": "4242", **changes})


def an_order(**changes: Any) -> OrderFacts:
    said: dict[str, Any] = {
        "channel": "shop-uk",
        "external_id": "536365",
        "team": "uk-retail",
        "placed_at": PLACED_AT,
        "customer": CustomerFacts(external_id="17850", name="Nora Finch", country="GB"),
        "lines": [lantern()],
        "payments": [card()],
    }
    return OrderFacts(**{**said, **changes})
