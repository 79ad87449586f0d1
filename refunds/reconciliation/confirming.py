"""A bank's statement as the answer to our transfers: what was booked is confirmed, what came back has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.gateways.base import RefundStatus
from refunds.gateways.registry import gateway_named
from refunds.models import Operation
from refunds.processing.recording import record_provider_state

from .explaining import operation_id_of
from .matching import open_lines
from .readers import BANK

if TYPE_CHECKING:
    from datetime import datetime


def confirm_transfers(*, account: str, at: datetime) -> int:
    """Apply what a bank's open lines say of our transfers. Answers how many were looked at.

    Safe to run again: what is known already changes nothing.
    """
    if account != BANK:
        return 0
    named = {found for line in open_lines(account).exclude(operation_ref="") if (found := operation_id_of(line))}
    operations = Operation.objects.filter(pk__in=named, gateway=ManualBankTransfer.name, external_id__isnull=False)
    gateway = gateway_named(ManualBankTransfer.name)
    count = 0
    for operation in operations.order_by("pk"):
        refund = gateway.get(operation.external_id or "")
        if refund is not None and refund.status is not RefundStatus.PENDING:
            record_provider_state(operation_id=operation.pk, refund=refund, at=at)
            count += 1
    return count
