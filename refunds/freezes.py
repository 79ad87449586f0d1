"""What a freeze means for refunds: which verbs it stops, and which operations it keeps from the gateway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from django.db.models import Exists, OuterRef, Q

from approvals.freezing import (
    Undertaking,
    check_not_frozen,
    hold_freezes,
    note_stop,
    switches_on,
    switches_over,
    those_over,
)
from approvals.models import ApprovalDecision, FreezeStop
from approvals.standing_freezes import standing_for
from approvals.vocabulary import FreezeScope, Verdict
from config.kernel.money import Money
from config.kernel.subjects import Subject

from .models import Operation, RefundRequest
from .models.refund_request import KIND
from .vocabulary import OperationState, State

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from approvals.models import FreezeSwitch
    from config.kernel.people import User

PROCESS = "start_processing"
MOST_NOTED_AT_ONCE = 500


def refuse_while_frozen(refund_request: RefundRequest, verb: str, *, actor: User) -> None:
    """Refuse a verb on a locked request while a freeze is on; nothing can be frozen before we commit.

    :raises Frozen: with the reason, who set it and when
    """
    check_not_frozen(_undertaking(refund_request, verb, actor))


def refuse_filing_while_frozen(refund_request: RefundRequest, *, actor: User) -> None:
    """Refuse a request that is taken down and submitted in one go.

    It is gone once refused, so what was stopped goes by the lines that were asked for.

    :raises Frozen: with the reason, who set it and when
    """
    order = refund_request.order
    about = f"customer {refund_request.customer_id}" if order is None else str(order.pk)
    named = "Goodwill credit" if order is None else order.external_id[:80]
    plea = Subject("refund_plea", uuid5(NAMESPACE_OID, f"{about}:{refund_request.line_set}"))
    filing = _undertaking(refund_request, "file", actor)
    check_not_frozen(replace(filing, subject=plea, reference=named, page=""))


def freezes_on(refund_request: RefundRequest, viewer: User) -> list[FreezeSwitch]:
    """List what would stop this viewer here, so that she hears of it before she tries."""
    if refund_request.state not in {State.INTAKE, State.NEEDS_INFO, State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL}:
        return []
    return those_over(standing_for(viewer), _undertaking(refund_request, "", viewer))


def keep_from_gateway(operation: Operation, refund_request: RefundRequest, *, at: datetime) -> bool:
    """Tell whether a freeze is on over a locked operation, and keep that it was stopped when it was never sent.

    What was sent once may have moved money: its outcome is still looked up, so that it never stays unknown.
    """
    hold_freezes(is_shared=True)
    undertaking = _undertaking(refund_request, PROCESS, None)
    route = refund_request.route_id
    signed = _approvals().filter(route=route).values_list("decided_by", "acting_for") if route is not None else ()
    signers = {pk for pair in signed for pk in pair}
    switches = switches_over(replace(undertaking, agent_ids=undertaking.agent_ids | signers))
    if switches and operation.first_sent_at is None:
        note_stop(switches, undertaking, at=at)
    return bool(switches)


def not_held_back() -> Q:
    """Select the operations that no freeze keeps from being sent for the first time."""
    held = [_held_by(switch) for switch in switches_on()]
    return ~Q(pk__in=Operation.objects.filter(_any(held)).values("pk")) if held else Q()


def note_held_back(*, at: datetime) -> int:
    """Keep which operations each switch holds back, once each. Answers how many were new."""
    return sum(_note_held_by(switch, at) for switch in switches_on())


def _note_held_by(switch: FreezeSwitch, at: datetime) -> int:
    known = FreezeStop.objects.filter(
        switch=switch, subject_kind=KIND, subject_id=OuterRef("refund_request"), verb=PROCESS
    )
    held = Operation.objects.filter(_held_by(switch), ~Exists(known)).select_related("refund_request")
    new = list(held.order_by("pk")[:MOST_NOTED_AT_ONCE])
    for operation in new:
        note_stop([switch], _undertaking(operation.refund_request, PROCESS, None), at=at)
    return len(new)


def _held_by(switch: FreezeSwitch) -> Q:
    scope = {
        FreezeScope.AGENT: Q(refund_request__requested_by=switch.agent_id)
        | Q(refund_request__reviewed_by=switch.agent_id)
        | Q(refund_request__route__in=_approvals().filter(_signed_by(switch.agent_id)).values("route")),
        FreezeScope.TEAM: Q(refund_request__team=switch.team_id),
        FreezeScope.CATEGORY: Q(refund_request__category=switch.category),
        FreezeScope.EVERYTHING: Q(),
    }
    return Q(state=OperationState.READY, first_sent_at__isnull=True) & scope[FreezeScope(switch.scope)]


def _signed_by(person_id: int | None) -> Q:
    return Q(decided_by=person_id) | Q(acting_for=person_id)


def _approvals() -> QuerySet[ApprovalDecision]:
    return ApprovalDecision.objects.filter(verdict=Verdict.APPROVE)


def _any(choices: list[Q]) -> Q:
    either = choices[0]
    for choice in choices[1:]:
        either |= choice
    return either


def _undertaking(refund_request: RefundRequest, verb: str, actor: User | None) -> Undertaking:
    minor = refund_request.requested_minor if refund_request.approved_minor is None else refund_request.approved_minor
    people = {
        refund_request.requested_by_id,
        refund_request.reviewed_by_id,
        actor.pk if actor is not None else None,
    }
    return Undertaking(
        verb=verb,
        subject=refund_request.subject,
        reference=refund_request.reference,
        page=refund_request.get_absolute_url(),
        team_id=refund_request.team_id,
        category=refund_request.category,
        amount=Money(minor, refund_request.currency),
        agent_ids=frozenset(pk for pk in people if pk is not None),
        actor=actor,
    )
