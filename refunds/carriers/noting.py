"""Write down when an order arrived, and let the right word count: a person's before a carrier's, the newest first."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds import entitlement
from refunds.models import DeliveryProof, Order
from refunds.vocabulary import ProofSource, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .base import Parcel

UNDECIDED = frozenset(
    {
        State.INTAKE,
        State.POLICY_CHECK,
        State.NEEDS_INFO,
        State.EXCEPTION_REVIEW,
        State.AWAITING_APPROVAL,
        State.ON_HOLD,
    }
)
NOON = time(12)


@transaction.atomic(durable=True)
def note_delivery(*, reference: str, arrived_on: date, why: str, actor: User, at: datetime) -> RefundRequest:
    """Note on which day the order of a request arrived, as a person knows it. It counts until another person's note.

    The policy reads it when the request is submitted next; what was judged before stays as it was judged.

    :raises RefundRequest.DoesNotExist: for a stranger
    :raises NotPermitted: without the right to submit requests
    :raises OutOfDate: once the request is decided
    :raises Refused: without an order, for a day before it or to come, and without a word on how it is known
    """
    refund_request = entitlement.locked_for(reference, actor)
    if not actor.has_perm("refunds.submit_refundrequest"):
        raise NotPermitted("not_permitted", said("Noting a delivery needs the right to submit refund requests."))
    if refund_request.state not in UNDECIDED:
        raise OutOfDate(
            "out_of_date", said("This request is decided; when the order arrived changes nothing any more.")
        )
    if refund_request.order_id is None:
        raise Refused("refused", said("This request names no order that could arrive."))
    order = Order.objects.select_for_update().get(pk=refund_request.order_id)
    zone = ZoneInfo(refund_request.team.time_zone)
    _check(order, arrived_on, why, zone=zone, at=at)
    proof = DeliveryProof(
        order=order,
        source=ProofSource.PERSON,
        # Noon is the same day however the clock is set; nobody knows the hour.
        delivered_at=datetime.combine(arrived_on, NOON, zone),
        noted_by=actor,
        note=why.strip(),
        told_at=at,
    )
    proof.external_id = proof.pk.hex
    proof.save(force_insert=True)
    _settle(order)
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.delivery_noted",
        actor=actor,
        at=at,
        sentence=f"noted that the order arrived on {arrived_on:%-d %B %Y}.",
        data={
            "arrived_on": arrived_on.isoformat(),
            "why": ledger.salted_digest(refund_request.subject, proof.note),
        },
    )
    return refund_request


def _check(order: Order, arrived_on: date, why: str, *, zone: ZoneInfo, at: datetime) -> None:
    entitlement.check_words(why, field="why")
    reasons = []
    if not order.placed_at.astimezone(zone).date() <= arrived_on <= at.astimezone(zone).date():
        reasons.append(
            Reason("invalid", said("The order arrived between the day it was placed and today."), "arrived_on")
        )
    if not why.strip():
        reasons.append(Reason("invalid", said("Say how you know it: a proof of delivery, a picture, a call."), "why"))
    if reasons:
        raise Refused.of(reasons)


@transaction.atomic(durable=True)
def note_parcels(*, order_id: int, parcels: Sequence[Parcel]) -> None:
    """Keep what a carrier says of the parcels of an order now; the order arrived when its last parcel did.

    A person's note stands beside it and goes on to count: where the two disagree, people see both.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    # Whoever was erased cannot be found again by the number of a parcel.
    is_erased = order.customer is not None and order.customer.erased_at is not None
    for parcel in parcels:
        DeliveryProof.objects.update_or_create(
            order=order,
            source=ProofSource.CARRIER,
            external_id=parcel.external_id,
            defaults={
                "carrier": parcel.carrier,
                "tracking": "" if is_erased else parcel.tracking,
                "shipped_at": parcel.shipped_at,
                "delivered_at": parcel.delivered_at,
            },
            create_defaults={
                "carrier": parcel.carrier,
                "tracking": "" if is_erased else parcel.tracking,
                "shipped_at": parcel.shipped_at,
                "delivered_at": parcel.delivered_at,
                "told_at": timezone.now(),
            },
        )
    _settle(order)


def _settle(order: Order) -> None:
    """Write on a locked order what counts; where nobody knows, what its sender told stays."""
    proofs = list(order.delivery_proofs.order_by("told_at", "pk"))
    noted = [proof.delivered_at for proof in proofs if proof.source == ProofSource.PERSON]
    carried = [proof.delivered_at for proof in proofs if proof.source == ProofSource.CARRIER]
    arrived = [moment for moment in carried if moment is not None]
    counts = order.delivered_at
    if noted:
        counts = noted[-1]
    elif arrived and len(arrived) == len(carried):
        counts = max(arrived)
    if counts != order.delivered_at:
        order.delivered_at = counts
        order.save(update_fields=["delivered_at"])
