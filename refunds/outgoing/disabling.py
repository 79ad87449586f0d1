"""Stop sending to an endpoint, and put that on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from config.kernel.people import Machine
from evidence import ledger
from refunds.models import WebhookDelivery

from .vocabulary import SendState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import Actor
    from refunds.models import WebhookEndpoint

logger = structlog.get_logger(__name__)

HERALD = Machine("herald")
"""Carries webhooks out, and stops where nobody listens. It speaks no verb of any request."""


def disable_locked(
    endpoint: WebhookEndpoint, *, because: str, at: datetime, actor: Actor = HERALD, is_personal: bool = False
) -> None:
    """Disable a locked endpoint. What waited for it has failed, so that it can be sent again by hand once it is back.

    Reasons of our own stand in the ledger; the words of a person stay on the row (`is_personal`).
    """
    endpoint.disabled_at, endpoint.disabled_because = at, because
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    dropped = WebhookDelivery.objects.filter(endpoint=endpoint, state=SendState.WAITING).update(
        state=SendState.FAILED, lease_until=None
    )
    if actor is HERALD:
        logger.warning("webhook_endpoint.disabled", endpoint=str(endpoint.pk), host=endpoint.host, because=because)
    record(
        endpoint,
        "disabled",
        actor=actor,
        at=at,
        sentence=f"disabled the webhook endpoint at {endpoint.host}.",
        data={"because": "" if is_personal else because, "dropped_count": dropped},
    )


def record(
    endpoint: WebhookEndpoint,
    word: str,
    *,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write `webhook_endpoint.<word>` into its ledger; the path of an address may be a secret, so only its host."""
    ledger.record(
        subject=endpoint.subject,
        kind=f"webhook_endpoint.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "host": endpoint.host,
            "url_sha256": ledger.salted_digest(endpoint.subject, endpoint.url),
            **(data or {}),
        },
    )
