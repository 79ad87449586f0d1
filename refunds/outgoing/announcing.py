"""Write a fact down for everybody outside who hears of it, in the transaction of the fact."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from django.db.models import Q

from refunds.models import Announcement, WebhookDelivery, WebhookEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


def hearers_of(event: str) -> list[WebhookEndpoint]:
    """List the active endpoints that hear an event of some team; one query, the only one where nobody listens."""
    hears = Q(events=[]) | Q(events__contains=[event])
    found = WebhookEndpoint.objects.filter(hears, disabled_at__isnull=True).only("id", "team_id", "shape")
    return [endpoint for endpoint in found.order_by("pk") if endpoint.hears(event)]


def announce(
    event: str,
    *,
    hearers: Iterable[WebhookEndpoint],
    team_id: int | None,
    team: str | None,
    data: Mapping[str, object],
    at: datetime,
) -> Announcement | None:
    """Write what happened once, and one delivery for each endpoint that hears this team; None where none does.

    `data` holds ids, states, amounts and moments: no words of people, and nobody's name.
    """
    to = [endpoint for endpoint in hearers if endpoint.team_id in {None, team_id}]
    if not to:
        return None
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {"type": event, "timestamp": moment, "data": {**data, "team": team}}
    announcement = Announcement.objects.create(
        event=event, team_id=team_id, at=at, body=json.dumps(body, separators=(",", ":"))
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(announcement=announcement, endpoint=endpoint, created_at=at, next_try_at=at) for endpoint in to
    )
    return announcement
