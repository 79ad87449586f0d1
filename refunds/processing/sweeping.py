"""Find what a lost message, a dropped webhook or a killed worker left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import gateway_named
from refunds.models import Operation
from refunds.vocabulary import OperationState

from .performing import due_operations, perform_operation
from .recording import PENDING_IS_ASKED_AFTER, record_provider_state

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)


def sweep_operations(*, at: datetime) -> int:
    """Take up every operation that is due, ask about the ones long pending. Answers how many moved."""
    moved = sum(perform_operation(operation_id=pk, at=timezone.now()) for pk in due_operations(at))
    return moved + _ask_about_pending(at)


def _ask_about_pending(at: datetime) -> int:
    pending = Operation.objects.filter(state=OperationState.PENDING, next_try_at__lte=at).order_by("next_try_at")[:50]
    asked = 0
    for operation in pending:
        Operation.objects.filter(pk=operation.pk).update(next_try_at=at + PENDING_IS_ASKED_AFTER)
        try:
            refund = gateway_named(operation.gateway).get(operation.external_id or "")
        except GatewayUnreachable as error:
            logger.warning("operation.cannot_ask", operation=str(operation.pk), why=str(error))
            continue
        if refund is not None:
            record_provider_state(operation_id=operation.pk, refund=refund, at=timezone.now())
            asked += 1
    return asked
