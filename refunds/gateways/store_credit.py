"""Store credit: paid by our own books, in a transaction of its own, once for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from refunds.gateways.base import (
    Accepted,
    BadDelivery,
    Hint,
    Outcome,
    ProviderRefund,
    RefundInstruction,
    RefundStatus,
    Rejected,
)
from refunds.models import Operation, StoreCredit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from refunds.gateways.base import CapturedPayment, Envelope, ProviderDispute


class StoreCreditGateway:
    """Credit in our own books; `sc_` and the id of the entry is its name."""

    name = "store_credit"

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Write the credit down, or answer the one that this key wrote before."""
        with transaction.atomic():
            operation = Operation.objects.select_related("refund_request").get(pk=instruction.operation_id)
            customer_id = operation.refund_request.customer_id
            if customer_id is None:
                return Rejected("no_customer", "Nobody is known who could be given store credit.")
            credit, _ = StoreCredit.objects.get_or_create(
                idempotency_key=instruction.idempotency_key,
                defaults={
                    "customer_id": customer_id,
                    "operation": operation,
                    "amount_minor": instruction.amount_minor,
                    "currency": instruction.currency,
                    "created_at": timezone.now(),
                },
            )
        if (credit.amount_minor, credit.currency) != (instruction.amount_minor, instruction.currency):
            return Rejected("key_misused", "This key wrote another amount before.")
        return Accepted(_name_of(credit), RefundStatus.SUCCEEDED)

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        """Read the credit of this operation."""
        return [_read(one) for one in StoreCredit.objects.filter(operation_id=instruction.operation_id)]

    def get(self, external_id: str) -> ProviderRefund | None:
        """Read one credit."""
        credit = StoreCredit.objects.filter(pk__in=_id_in(external_id)).first()
        return None if credit is None else _read(credit)

    def refunds_created_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Walk through every credit, newest first."""
        return (_read(one) for one in StoreCredit.objects.filter(created_at__gte=at).order_by("-created_at", "-pk"))

    def dispute(self, external_id: str) -> ProviderDispute | None:  # noqa: ARG002 - the port asks
        """Know none: nobody disputes what was given."""
        return None

    def disputes_opened_since(self, at: datetime) -> Iterator[ProviderDispute]:  # noqa: ARG002 - the port asks
        """Know none."""
        return iter(())

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> Envelope:  # noqa: ARG002 - the port asks
        """Hear nothing: our own books send no messages."""
        raise BadDelivery("Store credit sends no messages.")

    def hint(self, event_type: str, object_id: str) -> Hint:  # noqa: ARG002 - the port asks
        """Know of no message."""
        return Hint.NOTHING

    def announce(self, payments: Sequence[CapturedPayment]) -> None:
        """Do nothing: no payment is captured in store credit."""


def _name_of(credit: StoreCredit) -> str:
    return f"sc_{credit.pk}"


def _id_in(external_id: str) -> list[UUID]:
    try:
        return [UUID(external_id.removeprefix("sc_"))]
    except ValueError:
        return []


def _read(credit: StoreCredit) -> ProviderRefund:
    return ProviderRefund(
        external_id=_name_of(credit),
        status=RefundStatus.SUCCEEDED,
        amount_minor=credit.amount_minor,
        currency=credit.currency,
        payment_external_id="",
        metadata={"operation_id": str(credit.operation_id)},
        created_at=credit.created_at,
    )
