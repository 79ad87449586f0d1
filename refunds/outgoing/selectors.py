"""How endpoints fare, and what was sent where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from refunds.models import WebhookDelivery, WebhookSecret
from refunds.permissions import endpoints_visible_to, webhook_deliveries_visible_to

from .vocabulary import SendState

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import WebhookEndpoint

SHOWN = 50


def endpoints_with_health(viewer: User) -> QuerySet[WebhookEndpoint]:
    """Select endpoints with `waiting_count` and `failed_count`, in one query."""
    return endpoints_visible_to(viewer).annotate(
        waiting_count=_count_of(SendState.WAITING), failed_count=_count_of(SendState.FAILED)
    )


def _count_of(state: SendState) -> Coalesce:
    of_it = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=state).order_by().values("endpoint")
    return Coalesce(Subquery(of_it.annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0)


def deliveries_of(viewer: User) -> QuerySet[WebhookDelivery]:
    """Select deliveries with what they tell and where they go, newest first."""
    found = webhook_deliveries_visible_to(viewer).select_related("announcement__team", "endpoint")
    return found.order_by("-created_at", "-pk")


def latest_of(viewer: User, endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    """List what was told to an endpoint lately, newest first."""
    return list(deliveries_of(viewer).filter(endpoint=endpoint)[:SHOWN])


def secrets_in_force(endpoint: WebhookEndpoint, *, at: datetime) -> list[WebhookSecret]:
    """List the secrets that sign now, newest first."""
    return list(endpoint.secrets.filter(WebhookSecret.active(at)))
