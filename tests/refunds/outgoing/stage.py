"""Endpoints and messages made by the real commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.models import WebhookDelivery, WebhookEndpoint
from refunds.outgoing import sending
from refunds.outgoing.endpoints import Wish, add_endpoint
from refunds.outgoing.resending import send_test
from tests.harness.people import settle
from tests.harness.world import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

HOOK = "https://hooks.example.com/redress"


def endpoint_at(
    url: str = HOOK, *, events: Sequence[str] = (), team_id: int | None = None, at: datetime = NOON
) -> tuple[WebhookEndpoint, str]:
    """Let Root add an endpoint; answers it and its secret."""
    return add_endpoint(wish=Wish(url=url, events=events, team_id=team_id), actor=settle("root"), at=at)


def told(endpoint: WebhookEndpoint, *, at: datetime = NOON) -> WebhookDelivery:
    """Write a test event for an endpoint."""
    send_test(endpoint_id=endpoint.pk, actor=settle("root"), at=at)
    return WebhookDelivery.objects.filter(endpoint=endpoint).latest("created_at", "pk")


def sent(endpoint: WebhookEndpoint, *, at: datetime = NOON) -> WebhookDelivery:
    """Send what is due, and answer the delivery as it stands then."""
    assert sending.send_next(endpoint_id=endpoint.pk, at=at)
    return WebhookDelivery.objects.filter(endpoint=endpoint, attempt_count__gt=0).latest("created_at", "pk")


def fresh(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Read an endpoint anew."""
    return WebhookEndpoint.objects.get(pk=endpoint.pk)
