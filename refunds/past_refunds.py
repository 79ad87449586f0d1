"""What a processor gave back lately, as the file that a baseline reads; what we know of the purchase is added."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from approvals.vocabulary import Category
from config.kernel.money import Money
from policies.baselines.reading import NEEDED, OPTIONAL

from .gateways.base import RefundStatus
from .gateways.registry import gateway_named
from .models import Payment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.kernel.people import Team

    from .gateways.base import ProviderRefund

UNDONE = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})
ASKED_AT_ONCE = 1_000
LONGEST_REASON = 40


def file_of_past_refunds(*, gateway: str, team: Team, since: datetime) -> bytes:
    """List every refund since then whose money did not come back, oldest first; the same ones are the same bytes.

    Of refunds on payments we know only the team's own are listed, with what the payment was and when the goods came.

    :raises GatewayUnreachable: when the processor does not answer to the end
    """
    found = sorted(
        (refund for refund in gateway_named(gateway).refunds_created_since(since) if refund.status not in UNDONE),
        key=lambda refund: (refund.created_at, refund.external_id),
    )
    known = _payments(gateway, [refund.payment_external_id for refund in found])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*NEEDED, *OPTIONAL])
    for refund in found:
        payment = known.get(refund.payment_external_id)
        if payment is None or payment.order.team_id == team.pk:
            writer.writerow(_row(refund, payment))
    return text.getvalue().encode()


def _payments(gateway: str, external_ids: Sequence[str]) -> dict[str, Payment]:
    known: dict[str, Payment] = {}
    for start in range(0, len(external_ids), ASKED_AT_ONCE):
        some = Payment.objects.filter(gateway=gateway, external_id__in=external_ids[start : start + ASKED_AT_ONCE])
        known |= {payment.external_id: payment for payment in some.select_related("order")}
    return known


def _row(refund: ProviderRefund, payment: Payment | None) -> list[str]:
    """Write one line, in the order of the columns."""
    is_same_money = payment is not None and payment.currency == refund.currency
    delivered_at = payment.order.delivered_at if payment is not None else None
    reason = str(refund.metadata.get("reason_code", ""))[:LONGEST_REASON].replace("\x00", "")
    return [
        refund.external_id,
        refund.created_at.isoformat(),
        f"{Money(refund.amount_minor, refund.currency).major:f}",
        refund.currency,
        Category.REFUND.value,
        reason,
        delivered_at.isoformat() if delivered_at is not None and delivered_at <= refund.created_at else "",
        f"{Money(payment.captured_minor, payment.currency).major:f}" if payment is not None and is_same_money else "",
    ]
