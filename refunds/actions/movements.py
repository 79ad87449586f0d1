"""Payouts, transfers, reversals and fee refunds as the processor shows them: allowed before, or ungoverned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.vocabulary import Category
from config.kernel.money import Money
from policies.actions import lifecycle
from policies.actions.observing import Sighting, note_return, observe
from policies.machines import OBSERVER
from policies.models import GovernedAction
from policies.vocabulary import ActionState
from refunds.gateways.actions import ACTION_ID
from refunds.gateways.base import DisputeStatus
from refunds.gateways.registry import action_gateway_named
from refunds.processing.belonging import uuid_or_none

from .observing import house_team

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.gateways.actions import ProviderMovement
    from refunds.gateways.base import ProviderDispute


def read_movements(*, gateway: str, external_id: str, at: datetime) -> int:
    """Read an object again and record all that left by it. Answers how much it shows; nothing for what nobody knows.

    What the processor pays out on its own schedule is no action of anybody's; the books follow it by its lines.

    :raises GatewayUnreachable:
    """
    movements = action_gateway_named(gateway).movements_of(external_id)
    for movement in movements:
        if movement.is_automatic:
            continue
        if movement.is_undone:
            _take_back(gateway, movement, at)
        else:
            _record(gateway, movement, at)
    return len(movements)


def _record(gateway: str, movement: ProviderMovement, at: datetime) -> GovernedAction | None:
    team = house_team(movement.currency)
    if team is None:
        return None
    seen = Sighting(
        team=team,
        is_team_known=False,
        category=Category(movement.category),
        gateway=gateway,
        external_id=movement.external_id,
        amount=Money(movement.amount_minor, movement.currency),
        left_at=movement.left_at,
        about=movement.about,
        destination=movement.destination,
        action_id=uuid_or_none(str(movement.metadata.get(ACTION_ID, ""))),
    )
    return observe(sighting=seen, at=at)


def _take_back(gateway: str, movement: ProviderMovement, at: datetime) -> None:
    known = GovernedAction.objects.filter(
        gateway=gateway, external_id=movement.external_id, category=movement.category
    ).first()
    if known is not None:
        note_return(action_id=known.pk, failure=movement.failure_reason, at=at)


@transaction.atomic(durable=True)
def settle_accepted_dispute(*, gateway: str, told: ProviderDispute, at: datetime) -> None:
    """Note that a dispute somebody was allowed to accept is lost; any other is no bypass: the bank took that money."""
    if told.status is not DisputeStatus.LOST:
        return
    asked = GovernedAction.objects.filter(
        gateway=gateway,
        category=Category.DISPUTE,
        about=told.external_id,
        external_id="",
        state__in=[ActionState.WATCHED, ActionState.ALLOWED],
    ).first()
    if asked is None:
        return
    action = lifecycle.hold_locked(action_id=asked.pk)
    if not lifecycle.knows(action, "confirm") or action.external_id:
        return
    lifecycle.advance(
        action,
        "confirm",
        actor=OBSERVER,
        at=at,
        sentence=f"saw the dispute closed as it was allowed to be ({told.external_id}).",
        data={"external_id": told.external_id},
        columns={"external_id": told.external_id, "occurred_at": at},
    )
