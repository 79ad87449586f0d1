"""Carry out an allowed action, exactly once: claim, call outside any transaction, record.

The same discipline as for refunds, and stricter: nothing is sent a second time before the processor was asked whether
the first try arrived.
"""

from __future__ import annotations

from datetime import timedelta
from random import uniform
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Q

from approvals.freezing import hold_freezes, note_stop, switches_over
from config.kernel.ids import new_id
from policies.actions import lifecycle
from policies.actions.undertaking import undertaking_of
from policies.models import GovernedAction
from policies.vocabulary import ActionState
from refunds.gateways.actions import ActionInstruction
from refunds.gateways.base import Accepted, GatewayUnreachable, KeyRefused, Outcome, Rejected, Retry
from refunds.gateways.registry import action_gateway_named
from refunds.machines import WORKER
from refunds.models import ActionExecution
from refunds.processing import line
from refunds.vocabulary import OperationState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from refunds.gateways.actions import ActionGateway, ProviderMovement

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
KEY_IS_SAFE_FOR = timedelta(hours=23)
LONGEST_PAUSE_SECONDS = 900
LOOKS_BACK = timedelta(hours=1)
MOST_AT_ONCE = 100
NOTHING_THERE = "No clear answer for a day, and the processor shows nothing."
"""What a person needs before giving an action up."""

GOING = (OperationState.READY, OperationState.SENDING, OperationState.UNKNOWN)


def carry_out(*, action_id: UUID | str, at: datetime) -> bool:
    """Bring one action a step further. Answers whether it was ours to do. Safe to run twice.

    1. Claim: the row with its key, the try and the lease are committed before the call.
    2. Look up what an earlier try may have done; only when it did nothing, and the key is not too old, send.
    3. Record what is known.
    """
    claimed = _claim(action_id, at)
    if claimed is None:
        return False
    execution, instruction = claimed
    gateway = action_gateway_named(execution.action.gateway)
    if execution.attempt_count > 1 and not _did_nothing(gateway, instruction, execution, at):
        return True
    outcome = gateway.carry_out(instruction)
    line.note_outcome(execution.action.gateway, outcome, at=at)
    if isinstance(outcome, Rejected) and execution.attempt_count > 1:
        # Perhaps refused because the first try was only late; then it is there now.
        if _did_nothing(gateway, instruction, execution, at):
            _record(execution.pk, outcome, at)
        return True
    _record(execution.pk, outcome, at)
    return True


def _did_nothing(
    gateway: ActionGateway, instruction: ActionInstruction, execution: ActionExecution, at: datetime
) -> bool:
    """Tell whether it is certain that no try arrived and another may be sent; else note what is known."""
    try:
        found = gateway.find_action(instruction)
    except GatewayUnreachable as error:
        line.note_failure(execution.action.gateway, at=at)
        _put_off(execution.pk, f"could not look: {error}", at)
        return False
    line.note_answer(execution.action.gateway, at=at)
    if found:
        _record_found(execution.pk, found[0], at)
        return False
    if execution.first_sent_at is not None and at - execution.first_sent_at >= KEY_IS_SAFE_FOR:
        _give_to_a_person(execution.pk, NOTHING_THERE)
        return False
    return True


@transaction.atomic(durable=True)
def _claim(action_id: UUID | str, at: datetime) -> tuple[ActionExecution, ActionInstruction] | None:
    action = lifecycle.hold_locked(action_id=action_id)
    if not action.is_to_be_executed or action.state not in {ActionState.ALLOWED, ActionState.EXECUTING}:
        return None
    execution = ActionExecution.objects.select_for_update().filter(action=action).first()
    if execution is not None and not execution.is_due(at):
        return None
    is_sent = execution is not None and execution.first_sent_at is not None
    if (not is_sent and _is_frozen(action, at)) or not line.take_turn(action.gateway, at=at):
        return None
    if execution is None:
        execution_id = new_id()
        execution = ActionExecution.objects.create(
            id=execution_id, action=action, idempotency_key=f"ga-{execution_id}-1", next_try_at=at, created_at=at
        )
    if action.state == ActionState.ALLOWED:
        sentence = f"took {action.amount} to the processor."
        data = {"idempotency_key": execution.idempotency_key}
        lifecycle.advance(action, "start", actor=WORKER, at=at, sentence=sentence, data=data)
    execution.state = OperationState.SENDING
    execution.attempt_count += 1
    execution.first_sent_at = execution.first_sent_at or at
    execution.lease_until = at + LEASE
    execution.save(update_fields=["state", "attempt_count", "first_sent_at", "lease_until"])
    execution.action = action
    return execution, _instruction(action, execution)


def _is_frozen(action: GovernedAction, at: datetime) -> bool:
    hold_freezes(is_shared=True)
    undertaking = undertaking_of(action, "carry_out", None)
    switches = switches_over(undertaking)
    if switches:
        note_stop(switches, undertaking, at=at)
    return bool(switches)


def _instruction(action: GovernedAction, execution: ActionExecution) -> ActionInstruction:
    return ActionInstruction(
        action_id=str(action.pk),
        category=action.category,
        amount_minor=action.amount_minor,
        currency=action.currency,
        about=action.about,
        destination=action.destination,
        reference=action.reference,
        idempotency_key=execution.idempotency_key,
        since=execution.created_at - LOOKS_BACK,
    )


def _locked(execution_id: UUID) -> tuple[GovernedAction, ActionExecution]:
    action_id = ActionExecution.objects.values_list("action_id", flat=True).get(pk=execution_id)
    action = lifecycle.hold_locked(action_id=action_id)
    return action, ActionExecution.objects.select_for_update().get(pk=execution_id)


@transaction.atomic(durable=True)
def _record(execution_id: UUID, outcome: Outcome, at: datetime) -> None:
    """Record the answer to one try; one that comes after the fact was learned otherwise changes nothing."""
    action, execution = _locked(execution_id)
    if execution.state != OperationState.SENDING:
        return
    if isinstance(outcome, Accepted):
        _done(action, execution, outcome.external_id, at, at)
    elif isinstance(outcome, Rejected):
        _end(execution, OperationState.REJECTED, f"{outcome.code}: {outcome.detail}")
        if lifecycle.knows(action, "fail"):
            fail(action, outcome.code, at)
    elif isinstance(outcome, KeyRefused):
        # Nothing is wrong with this action: the line stops, and it goes once that is mended.
        _again(execution, OperationState.READY, timedelta(0), outcome.detail, at)
    elif isinstance(outcome, Retry):
        _again(execution, OperationState.READY, timedelta(seconds=outcome.after_seconds), outcome.why, at)
    else:
        _again(execution, OperationState.UNKNOWN, _pause(execution.attempt_count), outcome.why, at)


@transaction.atomic(durable=True)
def _record_found(execution_id: UUID, found: ProviderMovement, at: datetime) -> None:
    action, execution = _locked(execution_id)
    if execution.state == OperationState.SENDING:
        _done(action, execution, found.external_id, found.left_at, at)


@transaction.atomic(durable=True)
def _put_off(execution_id: UUID, why: str, at: datetime) -> None:
    _, execution = _locked(execution_id)
    if execution.state == OperationState.SENDING:
        _again(execution, OperationState.UNKNOWN, _pause(execution.attempt_count), why, at)


@transaction.atomic(durable=True)
def _give_to_a_person(execution_id: UUID, why: str) -> None:
    _, execution = _locked(execution_id)
    logger.error("execution.needs_a_person", execution=str(execution_id), why=why)
    _end(execution, OperationState.NEEDS_PERSON, why)


def _done(
    action: GovernedAction, execution: ActionExecution, external_id: str, left_at: datetime, at: datetime
) -> None:
    _end(execution, OperationState.SUCCEEDED, external_id)
    # A webhook may have told it first.
    if action.state != ActionState.DONE and lifecycle.knows(action, "confirm"):
        lifecycle.advance(
            action,
            "confirm",
            actor=WORKER,
            at=at,
            sentence=f"heard from the processor that {action.amount} left ({external_id}).",
            data={"external_id": external_id},
            columns={"external_id": external_id, "occurred_at": left_at},
        )


def fail(action: GovernedAction, code: str, at: datetime) -> None:
    """Note on a locked action that it was not done."""
    sentence = f"heard that it was not done: {code}."
    lifecycle.advance(
        action, "fail", actor=WORKER, at=at, sentence=sentence, data={"failure": code}, columns={"failure": code[:200]}
    )


def _end(execution: ActionExecution, state: OperationState, answer: str) -> None:
    execution.state, execution.lease_until, execution.last_answer = state, None, answer[:200]
    execution.save(update_fields=["state", "lease_until", "last_answer"])


def _again(execution: ActionExecution, state: OperationState, pause: timedelta, why: str, at: datetime) -> None:
    execution.next_try_at = at + pause
    execution.save(update_fields=["next_try_at"])
    _end(execution, state, why)


def _pause(attempt_count: int) -> timedelta:
    # Full jitter, so that many that failed together do not come back together.
    return timedelta(seconds=uniform(0.5, min(2**attempt_count, LONGEST_PAUSE_SECONDS)))  # noqa: S311 - not a secret


def sweep_actions(*, at: datetime) -> int:
    """Take up what a lost message, a freeze or a killed worker left. Answers how many were taken up."""
    open_states = [ActionState.ALLOWED, ActionState.EXECUTING]
    free = Q(execution__lease_until__isnull=True) | Q(execution__lease_until__lte=at)
    due = Q(execution__isnull=True) | Q(execution__state__in=GOING, execution__next_try_at__lte=at) & free
    waiting = GovernedAction.objects.filter(due, is_to_be_executed=True, state__in=open_states).order_by("updated_at")
    return sum(_took_up(pk, at) for pk in list(waiting.values_list("pk", flat=True)[:MOST_AT_ONCE]))


def _took_up(action_id: UUID, at: datetime) -> bool:
    try:
        return carry_out(action_id=action_id, at=at)
    except Exception:
        # One broken row must not keep all others waiting.
        logger.exception("action.cannot_be_carried_out", action=str(action_id))
        return False
