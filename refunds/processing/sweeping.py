"""Find what a lost message, a dropped webhook or a killed worker left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from refunds.freezes import note_held_back
from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import gateway_named
from refunds.models import Operation
from refunds.vocabulary import OperationState

from .line import note_failure, stopped_lines
from .performing import due_operations, perform_operation
from .recording import PENDING_IS_ASKED_AFTER, record_provider_state

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

logger = structlog.get_logger(__name__)


def sweep_operations(*, at: datetime) -> int:
    """Take up every operation that is due, ask about the ones long pending. Answers how many moved.

    What a freeze holds back is put on its account and taken up by the first sweep after it was lifted.
    """
    note_held_back(at=at)
    return sum(_took_up(pk) for pk in due_operations(at)) + _ask_about_pending(at)


def _took_up(operation_id: UUID) -> bool:
    try:
        return perform_operation(operation_id=operation_id, at=timezone.now())
    except Exception:
        # One broken row must not keep all others waiting.
        logger.exception("operation.cannot_be_taken_up", operation=str(operation_id))
        return False


def _ask_about_pending(at: datetime) -> int:
    pending = Operation.objects.filter(state=OperationState.PENDING, next_try_at__lte=at)
    pending = pending.exclude(gateway__in=stopped_lines(at=at)).order_by("next_try_at")
    return sum(_asked_about(operation, at) for operation in pending[:50])


def _asked_about(operation: Operation, at: datetime) -> bool:
    Operation.objects.filter(pk=operation.pk).update(next_try_at=at + PENDING_IS_ASKED_AFTER)
    try:
        refund = gateway_named(operation.gateway).get(operation.external_id or "")
        if refund is None:
            return False
        record_provider_state(operation_id=operation.pk, refund=refund, at=timezone.now())
    except GatewayUnreachable as error:
        logger.warning("operation.cannot_ask", operation=str(operation.pk), why=str(error))
        note_failure(operation.gateway, at=at)
        return False
    except Exception:
        # One broken row must not keep all others waiting.
        logger.exception("operation.cannot_be_asked_about", operation=str(operation.pk))
        return False
    return True
