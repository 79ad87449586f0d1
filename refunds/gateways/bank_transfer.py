"""Bank transfers by a payment file: nothing leaves by network, and the bank's statement says what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from refunds.gateways.base import (
    Accepted,
    BadDelivery,
    Hint,
    Outcome,
    ProviderRefund,
    RefundInstruction,
    RefundStatus,
    Retry,
)
from refunds.models import StatementLine, Transfer
from refunds.vocabulary import FileState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from refunds.gateways.base import CapturedPayment, Envelope, ProviderDispute

ACCOUNT = "bank"
"""The account of statements that banks send."""

RETURNED = "bank_returned"
BOOKED = {"refund": RefundStatus.SUCCEEDED, "refund_failure": RefundStatus.FAILED}
WAITS_SECONDS = 3600


class ManualBankTransfer:
    """Transfers that stand in a released payment file; the end-to-end id is the name of each."""

    name = "bank_transfer"

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Answer pending once the instruction stands in a released payment file; until then ask again."""
        transfer = _sent().filter(operation_id=instruction.operation_id).first()
        if transfer is None:
            return Retry(WAITS_SECONDS, "It waits for a payment file.")
        return Accepted(transfer.end_to_end_id, RefundStatus.PENDING)

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        """Read the transfer of this operation."""
        return [_read(transfer) for transfer in _sent().filter(operation_id=instruction.operation_id)]

    def get(self, external_id: str) -> ProviderRefund | None:
        """Read what the bank's statements say of one transfer."""
        transfer = _sent().filter(end_to_end_id=external_id).first()
        return None if transfer is None else _read(transfer)

    def refunds_created_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Walk through the transfers released since then, newest first."""
        return (_read(one) for one in _sent().filter(file__released_at__gte=at).order_by("-file__released_at", "-pk"))

    def dispute(self, external_id: str) -> ProviderDispute | None:  # noqa: ARG002 - the port asks
        """Know none: a transfer cannot be disputed."""
        return None

    def disputes_opened_since(self, at: datetime) -> Iterator[ProviderDispute]:  # noqa: ARG002 - the port asks
        """Know none."""
        return iter(())

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> Envelope:  # noqa: ARG002 - the port asks
        """Hear nothing: the bank answers by its statements."""
        raise BadDelivery("A bank sends no messages; its statements are imported.")

    def hint(self, event_type: str, object_id: str) -> Hint:  # noqa: ARG002 - the port asks
        """Know of no message."""
        return Hint.NOTHING

    def announce(self, payments: Sequence[CapturedPayment]) -> None:
        """Do nothing: no payment is captured by transfer here."""


def _sent() -> QuerySet[Transfer]:
    return Transfer.objects.filter(is_dropped=False, file__state=FileState.RELEASED).select_related("operation", "file")


def _read(transfer: Transfer) -> ProviderRefund:
    """Say how far it got: a booked debit of exactly its amount confirms it, a credit with its id brings it back."""
    operation = transfer.operation
    lines = StatementLine.objects.filter(
        account=ACCOUNT, operation_ref=str(operation.pk), currency=operation.currency, category__in=BOOKED
    ).values_list("category", "gross_minor")
    exact = {category for category, gross_minor in lines if abs(gross_minor) == operation.amount_minor}
    status = RefundStatus.FAILED if "refund_failure" in exact else RefundStatus.PENDING
    if exact == {"refund"}:
        status = RefundStatus.SUCCEEDED
    return ProviderRefund(
        external_id=transfer.end_to_end_id,
        status=status,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        payment_external_id="",
        failure_reason=RETURNED if status is RefundStatus.FAILED else "",
        metadata={"operation_id": str(operation.pk)},
        created_at=transfer.file.released_at or datetime.now(UTC),
    )
