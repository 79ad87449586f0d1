"""Look again at refunds that succeeded: a bank may send one back for weeks, and the message that says so may be lost.

How often: after 1, 3, 7, 14, 30 and 45 days. Most come back within days, banks give up after a month or so, and each
look is one question to the processor; a refund that came back costs the customer at most the gap between two looks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import gateway_named
from refunds.models import Operation
from refunds.vocabulary import OperationState

from .recording import WATCHED_AFTER, record_provider_state

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)

LOOKS_AT_ONCE = 200
ASKS_AGAIN_AFTER = timedelta(hours=1)


def watch_succeeded(*, at: datetime) -> int:
    """Read the succeeded operations whose look is due, at most so many at once. Answers how many had come back."""
    due = Operation.objects.filter(state=OperationState.SUCCEEDED, watch_at__lte=at).order_by("watch_at")
    return sum(_came_back(operation, at) for operation in due[:LOOKS_AT_ONCE])


def next_look(operation: Operation, *, at: datetime) -> datetime | None:
    """Say when an operation is looked at next; None once it is too old to come back."""
    since = operation.succeeded_at or at
    return next((since + pause for pause in WATCHED_AFTER if since + pause > at), None)


def _came_back(operation: Operation, at: datetime) -> bool:
    following = next_look(operation, at=at)
    # Before the question, so that one broken row is not asked about for ever.
    Operation.objects.filter(pk=operation.pk).update(watch_at=following)
    try:
        refund = gateway_named(operation.gateway).get(operation.external_id or "")
        if refund is None:
            logger.error("operation.not_known_any_more", operation=str(operation.pk))
            return False
        record_provider_state(operation_id=operation.pk, refund=refund, at=timezone.now())
    except GatewayUnreachable as error:
        logger.warning("operation.cannot_watch", operation=str(operation.pk), why=str(error))
        Operation.objects.filter(pk=operation.pk).update(watch_at=at + ASKS_AGAIN_AFTER)
        return False
    except Exception:
        # One broken row must not keep all others waiting.
        logger.exception("operation.cannot_be_watched", operation=str(operation.pk))
        return False
    return Operation.objects.filter(pk=operation.pk, state=OperationState.FAILED).exists()
