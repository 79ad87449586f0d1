"""Ask the processors what left in the time that a restore lost, and write it down before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from approvals.models import FreezeSwitch
from config.kernel.subjects import Subject
from evidence import ledger
from refunds.actions.movements import read_movements
from refunds.actions.observing import UNDONE, observe_refund
from refunds.gateways.registry import FAR, action_gateway_named, far_action_gateways, gateway_named
from refunds.machines import WORKER
from refunds.models import LostRefund, RefundRequest, Restore
from refunds.processing.belonging import operation_of
from refunds.processing.recording import STATE_OF, record_provider_state

from .holding import KIND

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from refunds.gateways.base import ProviderRefund

MARGIN = timedelta(days=1)
"""Asked about beyond the end of our memory: clocks differ, and processors date things when they begin them."""


@dataclass(slots=True)
class Found:
    """What the processors showed: operations they were ahead of, refunds whose operation we lost, other movements."""

    caught_up: int = 0
    lost: int = 0
    movements: int = 0


def ask_processors(*, restore_id: UUID, actor: User, at: datetime) -> Found:
    """Read what every processor did since the backup. What cannot be written down crashes, and the hold stays.

    1. A refund of an operation we know is recorded, also where it was not sent yet as far as we knew.
    2. A refund of a request we know, by an operation we lost, is kept: nothing is sent for that request again.
    3. Both it and what is nobody's count on their payment and stand under the refunds made elsewhere.
    4. Only when all was read may somebody else lift the freeze.

    :raises GatewayUnreachable: ask again later
    """
    restore = Restore.objects.get(pk=restore_id)
    found, since = Found(), restore.data_until - MARGIN
    for gateway in FAR:
        for refund in gateway_named(gateway).refunds_created_since(since):
            _take_in(restore, gateway, refund, found)
    for gateway in far_action_gateways():
        for external_id in sorted(set(action_gateway_named(gateway).movements_hinted_since(since))):
            found.movements += read_movements(gateway=gateway, external_id=external_id, at=timezone.now())
    _end(restore, found, actor, at)
    return found


def _take_in(restore: Restore, gateway: str, refund: ProviderRefund, found: Found) -> None:
    operation = operation_of(refund)
    if operation is None:
        found.lost += _keep_lost(restore, gateway, refund)
        observe_refund(gateway=gateway, refund=refund, at=timezone.now())
    elif operation.external_id != refund.external_id or operation.state != STATE_OF[refund.status]:
        record_provider_state(operation_id=operation.pk, refund=refund, at=timezone.now())
        found.caught_up += 1


@transaction.atomic(durable=True)
def _keep_lost(restore: Restore, gateway: str, refund: ProviderRefund) -> bool:
    reference = str(refund.metadata.get("refund_request", ""))
    refund_request = RefundRequest.objects.filter(reference=reference).first() if reference else None
    if refund_request is None or refund.status in UNDONE:
        return False
    _, is_new = LostRefund.objects.get_or_create(
        gateway=gateway,
        external_id=refund.external_id,
        defaults={
            "restore": restore,
            "refund_request": refund_request,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
        },
    )
    if is_new:
        ledger.record(
            subject=refund_request.subject,
            kind="refund_request.found_paid",
            actor=WORKER,
            at=timezone.now(),
            sentence=f"found {refund.external_id} at the processor, sent in the time that a restore lost.",
            data={"external_id": refund.external_id, "amount_minor": refund.amount_minor, "currency": refund.currency},
        )
    return is_new


@transaction.atomic(durable=True)
def _end(restore: Restore, found: Found, actor: User, at: datetime) -> None:
    Restore.objects.filter(pk=restore.pk).update(asked_at=at)
    FreezeSwitch.objects.filter(pk=restore.switch_id).update(is_held=False)
    ledger.record(
        subject=Subject(KIND, restore.pk),
        kind=f"{KIND}.asked",
        actor=actor,
        at=at,
        sentence=f"asked every processor what left: {found.caught_up} refunds caught up, {found.lost} found paid.",
        data={"caught_up": found.caught_up, "lost": found.lost, "movements": found.movements},
    )
