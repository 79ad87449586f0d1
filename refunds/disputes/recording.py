"""Write down what the processor shows of a dispute, and let the shield act on it in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from evidence import ledger
from refunds.machines import SHIELD
from refunds.models import Dispute, Payment

from .shield import lift_where_nothing_stands, raise_over

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.gateways.base import ProviderDispute

TOLD = ("kind", "status", "reason", "amount_minor", "currency", "due_at", "is_charge_refundable", "opened_at")


@transaction.atomic(durable=True)
def record_dispute(*, gateway: str, told: ProviderDispute, asked_at: datetime, at: datetime) -> Dispute | None:
    """Bring our row in line with the processor's; answers None when the charge is none of ours.

    `asked_at` is when this reading began: one that began before the reading we have changes nothing.

    1. Lock every payment of the order, as whoever moves money on it does.
    2. Write the row and the ledger.
    3. Hold what has not left while the dispute stands, or let go on what was held for it.
    """
    payment = _locked_payment(gateway, told.payment_external_ids)
    if payment is None:
        return None
    dispute = Dispute.objects.filter(gateway=gateway, external_id=told.external_id).first()
    if dispute is not None and dispute.read_at >= asked_at:
        return dispute
    said = {name: getattr(told, name) for name in TOLD}
    if dispute is None:
        dispute = Dispute.objects.create(
            payment=payment, gateway=gateway, external_id=told.external_id, first_read_at=at, read_at=asked_at, **said
        )
        _record(dispute, "opened", f"heard of {_words(dispute)}.", at)
    else:
        is_news = any(getattr(dispute, name) != value for name, value in said.items())
        for name, value in {**said, "read_at": asked_at}.items():
            setattr(dispute, name, value)
        dispute.save()
        if not is_news:
            return dispute
        _record(dispute, "changed", f"heard that {_words(dispute)} is {dispute.get_status_display().lower()}.", at)
    if dispute.stands:
        raise_over(dispute, at=at)
    else:
        lift_where_nothing_stands(dispute, at=at)
    return dispute


def _locked_payment(gateway: str, external_ids: tuple[str, ...]) -> Payment | None:
    named = Payment.objects.filter(gateway=gateway, external_id__in=external_ids).first()
    if named is None:
        return None
    payments = Payment.objects.select_for_update(of=("self",)).filter(order=named.order_id).order_by("pk")
    return next(payment for payment in payments if payment.pk == named.pk)


def _words(dispute: Dispute) -> str:
    article = "an" if dispute.get_kind_display()[0] in "EI" else "a"
    return f"{article} {dispute.get_kind_display().lower()} of {dispute.amount}"


def _record(dispute: Dispute, verb: str, sentence: str, at: datetime) -> None:
    ledger.record(
        subject=dispute.subject,
        kind=f"dispute.{verb}",
        actor=SHIELD,
        at=at,
        sentence=sentence,
        data={
            "external_id": dispute.external_id,
            "payment": dispute.payment.external_id,
            "kind": dispute.kind,
            "status": dispute.status,
            "reason": dispute.reason,
            "amount_minor": dispute.amount_minor,
            "currency": dispute.currency,
            "due_at": dispute.due_at.isoformat() if dispute.due_at is not None else None,
            "is_charge_refundable": dispute.is_charge_refundable,
        },
    )
