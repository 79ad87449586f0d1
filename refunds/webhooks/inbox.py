"""Store a verified delivery once, and apply it later as a hint: the object is read again, never believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from config.kernel.outbox import publish
from refunds.actions.movements import read_movements, settle_accepted_dispute
from refunds.actions.observing import is_young, observe_refund
from refunds.connectors.health import note_delivery
from refunds.disputes.recording import record_dispute
from refunds.erasures.deliveries import forget_body_of_the_erased
from refunds.gateways.base import GatewayUnreachable, Hint
from refunds.gateways.registry import gateway_named
from refunds.models import Delivery
from refunds.processing.belonging import operation_of
from refunds.processing.recording import record_provider_state
from refunds.reconciliation.fetching import hear_of_payout
from refunds.vocabulary import DeliveryState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from refunds.gateways.base import Envelope, ProviderRefund

logger = structlog.get_logger(__name__)

PARKED_AT_MOST = 20
"""After so many looks nobody here knows what it is about."""


@transaction.atomic(durable=True)
def store_delivery(
    *,
    source: str,
    envelope: Envelope,
    raw: bytes,
    at: datetime,
    connection_id: UUID | None = None,
    body_sha256: str = "",
) -> bool:
    """Store a verified message; answers False for one that was stored before, by its id or, a shop's, by its bytes."""
    delivery = Delivery(
        source=source,
        event_id=envelope.event_id,
        event_type=envelope.event_type,
        object_id=envelope.object_id,
        raw=raw,
        connection_id=connection_id,
        body_sha256=body_sha256,
        received_at=at,
    )
    # Conflicts are ignored by the database itself, so two equal deliveries in the same instant are one row.
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    is_new = Delivery.objects.filter(pk=delivery.pk).exists()
    if is_new:
        if connection_id is None:
            publish("delivery.received", delivery_id=delivery.pk)
        else:
            publish("shop_delivery.received", delivery_id=delivery.pk)
            note_delivery(connection_id, at=at)
    return is_new


def apply_delivery(*, delivery_id: UUID | str) -> None:
    """Bring our books in line with the processor's for what a delivery hints at. Safe to run twice.

    1. Empty the body of what is about somebody who was erased; ignore what is about no money.
    2. Read the refund, the dispute or what else moved again from the processor, and record what it says.
    """
    waiting = Delivery.objects.filter(state__in=[DeliveryState.RECEIVED, DeliveryState.PARKED])
    delivery = waiting.filter(pk=delivery_id, connection__isnull=True).first()
    if delivery is None:
        return
    forget_body_of_the_erased(delivery.pk)
    match gateway_named(delivery.source).hint(delivery.event_type, delivery.object_id):
        case Hint.REFUND:
            _apply_refund(delivery)
        case Hint.DISPUTE:
            _apply_dispute(delivery)
        case Hint.MOVEMENT:
            _apply_movements(delivery, is_payout=False)
        case Hint.PAYOUT:
            _apply_movements(delivery, is_payout=True)
        case Hint.NOTHING:
            _end(delivery, DeliveryState.IGNORED)


def _apply_refund(delivery: Delivery) -> None:
    """Read a refund again, find the operation by the processor's id or by ours in the metadata, and record its state.

    When there is none our own record may not be committed: the delivery is parked, and after a few minutes the refund
    is recorded as ungoverned.
    """
    try:
        refund = gateway_named(delivery.source).get(delivery.object_id)
    except GatewayUnreachable as error:
        logger.warning("delivery.cannot_ask", delivery=str(delivery.pk), why=str(error))
        # Not counted: a processor that is down for an hour must not make us forget what it told us before.
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.PARKED)
        return
    if refund is None:
        _end(delivery, DeliveryState.IGNORED)
        return
    operation = operation_of(refund)
    if operation is None:
        _apply_elsewhere(delivery, refund)
        return
    record_provider_state(operation_id=operation.pk, refund=refund, at=timezone.now())
    _end(delivery, DeliveryState.APPLIED)


def _apply_dispute(delivery: Delivery) -> None:
    """Read a dispute or warning again; of a charge that is not ours we may hear before its order arrives."""
    asked_at = timezone.now()
    try:
        told = gateway_named(delivery.source).dispute(delivery.object_id)
    except GatewayUnreachable as error:
        logger.warning("delivery.cannot_ask", delivery=str(delivery.pk), why=str(error))
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.PARKED)
        return
    if told is None:
        _end(delivery, DeliveryState.IGNORED)
    elif record_dispute(gateway=delivery.source, told=told, asked_at=asked_at, at=timezone.now()) is None:
        _park(delivery)
    else:
        settle_accepted_dispute(gateway=delivery.source, told=told, at=timezone.now())
        _end(delivery, DeliveryState.APPLIED)


def _apply_movements(delivery: Delivery, *, is_payout: bool) -> None:
    """Read a payout, a transfer or a fee again, with all that was taken back of it."""
    try:
        if is_payout:
            hear_of_payout(gateway=delivery.source, external_id=delivery.object_id, at=timezone.now())
        found = read_movements(gateway=delivery.source, external_id=delivery.object_id, at=timezone.now())
    except GatewayUnreachable as error:
        logger.warning("delivery.cannot_ask", delivery=str(delivery.pk), why=str(error))
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.PARKED)
        return
    _end(delivery, DeliveryState.APPLIED if found else DeliveryState.IGNORED)


def _apply_elsewhere(delivery: Delivery, refund: ProviderRefund) -> None:
    """Record a refund that none of our operations made, once our own worker has had the time to write its own down."""
    at = timezone.now()
    if is_young(refund.created_at, at=at):
        _park(delivery)
    elif observe_refund(gateway=delivery.source, refund=refund, at=at) is None:
        _end(delivery, DeliveryState.IGNORED)
    else:
        _end(delivery, DeliveryState.APPLIED)


def _park(delivery: Delivery) -> None:
    delivery.tries += 1
    delivery.state = DeliveryState.PARKED if delivery.tries < PARKED_AT_MOST else DeliveryState.IGNORED
    delivery.save(update_fields=["tries", "state"])


def _end(delivery: Delivery, state: DeliveryState) -> None:
    delivery.state = state
    delivery.handled_at = timezone.now()
    delivery.save(update_fields=["state", "handled_at"])


def sweep_deliveries(*, at: datetime) -> None:
    """Look again at what was parked, what was looked at least first; shops are asked elsewhere."""
    parked = Delivery.objects.filter(state=DeliveryState.PARKED, connection__isnull=True, received_at__lte=at)
    parked = parked.order_by("tries", "received_at")
    for pk in list(parked.values_list("pk", flat=True)[:100]):
        try:
            apply_delivery(delivery_id=pk)
        except Exception:
            # One broken row must not keep all others waiting.
            logger.exception("delivery.cannot_be_applied", delivery=str(pk))
