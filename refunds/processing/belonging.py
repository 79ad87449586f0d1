"""Which of our operations a refund at the processor belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from refunds.models import Operation

if TYPE_CHECKING:
    from refunds.gateways.base import ProviderRefund


def operation_of(refund: ProviderRefund) -> Operation | None:
    """Find the operation by the processor's id, or by our id in the metadata; None for a refund that is not ours."""
    by_theirs = Operation.objects.filter(external_id=refund.external_id).first()
    if by_theirs is not None:
        return by_theirs
    ours = uuid_or_none(refund.metadata.get("operation_id", ""))
    # An operation that knows its refund is not taken over by a second one that carries the same words.
    return None if ours is None else Operation.objects.filter(pk=ours, external_id__isnull=True).first()


def uuid_or_none(text: str) -> UUID | None:
    """Read an id that somebody else may have written."""
    try:
        return UUID(text)
    except ValueError:
        return None
