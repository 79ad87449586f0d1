"""How a shop fares: asked less and less often while it does not answer, so that it holds up nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from refunds.models import ShopConnection

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

logger = structlog.get_logger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)


def note_delivery(connection_id: UUID, *, at: datetime) -> None:
    """Keep when it last told us something."""
    ShopConnection.objects.filter(pk=connection_id).update(last_delivery_at=at)


def note_success(connection: ShopConnection, *, at: datetime) -> None:
    """It answered."""
    ShopConnection.objects.filter(pk=connection.pk).update(
        last_read_at=at, failing_since=None, failures_in_a_row=0, last_failure="", next_read_at=None
    )


def note_failure(connection: ShopConnection, *, why: str, at: datetime) -> None:
    """It did not; every failure in a row doubles the pause."""
    count = connection.failures_in_a_row + 1
    pause = min(FIRST_PAUSE * 2 ** min(count - 1, 10), LONGEST_PAUSE)
    logger.warning("shop.cannot_ask", shop=str(connection.pk), channel=connection.channel, why=why)
    ShopConnection.objects.filter(pk=connection.pk).update(
        failing_since=connection.failing_since or at,
        failures_in_a_row=count,
        last_failure=why[:200],
        next_read_at=at + pause,
    )
