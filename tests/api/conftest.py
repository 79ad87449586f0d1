"""Callers with tokens, and a gateway that only listens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.utils import timezone
from rest_framework.test import APIClient

from config.kernel.tokens import ApiToken
from refunds.gateways.registry import standing_in
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from config.kernel.people import User
    from tests.harness.world import World


class Caller:
    """Somebody who calls the API with a bearer token."""

    def __init__(self, user: User) -> None:
        """Issue a token."""
        self.user = user
        _, token = ApiToken.objects.create(user=user)
        self.client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    def fresh(self, *, until: datetime | None = None) -> Caller:
        """Let her token stand for a fresh sign-in, for five minutes unless told otherwise."""
        until = until or timezone.now() + timedelta(minutes=5)
        ApiToken.objects.filter(user=self.user).update(step_up_until=until)
        return self

    def get(self, path: str, **query: Any) -> Any:
        """Read."""
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Say something in JSON."""
        named: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        return self.client.post(f"/api/v1/{path}", {} if body is None else body, format="json", **named)

    def raw(self, path: str, body: Any, content_type: str = "application/json") -> Any:
        """Send bytes as they are."""
        return self.client.generic("POST", f"/api/v1/{path}", body, content_type)

    def upload(self, path: str, *, key: str = "", **parts: Any) -> Any:
        """Send a form with files."""
        named: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
        return self.client.post(f"/api/v1/{path}", parts, format="multipart", **named)


class Listener:
    """A gateway that is told which payments exist."""

    name = "stripe"

    def announce(self, payments: list[object]) -> None:
        """Hear it."""


@pytest.fixture(autouse=True)
def quiet_gateway() -> Iterator[None]:
    """Call nobody."""
    caches["process"].clear()
    with standing_in("stripe", Listener()):  # type: ignore[arg-type]  # only announcing is needed here
        yield


@pytest.fixture
def calling(world: World) -> Callable[[str], Caller]:
    """Call as somebody of the stories."""
    known: dict[str, Caller] = {}

    def caller(username: str) -> Caller:
        if username not in known:
            known[username] = Caller(settle(username))
        return known[username]

    return caller


def days_ago(days: int) -> str:
    """Say when, by RFC 3339."""
    return (timezone.now() - timedelta(days=days)).isoformat()


def order_body(number: str = "W-1", **changes: Any) -> dict[str, Any]:
    """Tell of an order: four lamps of 25.00 and shipping, delivered and paid."""
    return {
        "channel": "shop-uk",
        "external_id": number,
        "placed_at": days_ago(10),
        "delivered_at": days_ago(8),
        "team": "uk-retail",
        "customer": {"external_id": "17850", "name": "Ann Lee", "email": "ann@example.com", "country": "GB"},
        "lines": [
            {"line": "1", "sku": "85123A", "title": "Lamp", "category": "home", "quantity": 4, "unit_price_minor": 2500}
        ],
        "shipping_minor": 300,
        "payments": [
            {
                "gateway": "stripe",
                "external_id": f"pi_{number}",
                "captured_minor": 10300,
                "currency": "GBP",
                "captured_at": days_ago(10),
                "method": "card",
                "last4": "4242",
            }
        ],
        **changes,
    }


def request_body(order: Any = "W-1", *, quantity: int = 3, **changes: Any) -> dict[str, Any]:
    """Ask for lamps back."""
    return {
        "channel": "shop-uk",
        "order": order,
        "reason": "changed_mind",
        "lines": [{"line": "1", "quantity": quantity, "condition": "unopened"}],
        **changes,
    }
