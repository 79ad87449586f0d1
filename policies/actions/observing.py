"""What the processors and shops show: money that left as it was allowed to, or without anybody having asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from config.kernel.refusals import Refused
from evidence import ledger
from policies import judging
from policies.machines import OBSERVER
from policies.models import GovernedAction, PolicyDecision
from policies.vocabulary import ActionState

from . import lifecycle
from .facts import plain_facts
from .references import next_reference

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from approvals.vocabulary import Category
    from config.kernel.money import Money
    from config.kernel.people import Team
    from policies.engine.facts import RefundFacts

MATCHES_WITHIN = timedelta(days=30)
"""How long after an action was decided money that leaves may be taken for it."""

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""Whoever asks and whoever pays look at different clocks; money that left earlier was not asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Money that left, as the processor or the shop shows it.

    `external_id` names the movement (`re_...`, `po_...`, or a shop's own id of its refund), `about` what it was done
    to, `left_at` when. Where nothing says whose money it was, `is_team_known` is false and `team` whoever is to look.
    `action_id` is the governed action it names itself, in its metadata. `facts` are what the policy
    is told; without them it is told category, amount, currency and reason.
    """

    team: Team
    category: Category
    gateway: str
    external_id: str
    amount: Money
    left_at: datetime
    is_team_known: bool = True
    about: str = ""
    destination: str = ""
    customer: str = ""
    reason: str = ""
    action_id: UUID | None = None
    facts: RefundFacts | None = None


@transaction.atomic
def observe(*, sighting: Sighting, at: datetime) -> GovernedAction:
    """Settle the allowed action this movement carries out, or record it as ungoverned; twice seen is once recorded.

    1. Find what is recorded of this movement already.
    2. Find the action it names, or the oldest one that was allowed and fits: gateway, category, amount, currency, and
       what it is about; it was asked about before the money left.
    3. Nobody asked: record it as ungoverned, judged by the policy in force for the record, and put it before finance.
    """
    known = _known(sighting)
    if known is not None:
        return known
    try:
        # What somebody else records in the same instant is known once the database says so.
        with transaction.atomic():
            asked = _asked_about(sighting)
            return _settled(asked, sighting, at) if asked is not None else _note_ungoverned(sighting, at)
    except IntegrityError:
        known = _known(sighting)
        if known is None:
            raise
        return known


@transaction.atomic
def note_return(*, action_id: UUID, failure: str, at: datetime) -> GovernedAction:
    """Note that what left came back; what nobody asked about stays ungoverned, it did leave.

    Twice told is once noted.
    """
    action = lifecycle.hold_locked(action_id=action_id)
    code = failure[:200] or "came back"
    sentence = f"heard that {action.amount} came back: {code}."
    data = {"external_id": action.external_id, "failure": code}
    if lifecycle.knows(action, "fail"):
        told = {"failure": code}
        lifecycle.advance(action, "fail", actor=OBSERVER, at=at, sentence=sentence, data=data, columns=told)
    elif action.is_ungoverned and not action.failure:
        action.failure, action.updated_at = code, at
        action.save(update_fields=["failure", "updated_at"])
        kind = "governed_action.came_back"
        ledger.record(subject=action.subject, kind=kind, actor=OBSERVER, at=at, sentence=sentence, data=data)
    return action


def _known(sighting: Sighting) -> GovernedAction | None:
    return GovernedAction.objects.filter(
        gateway=sighting.gateway, external_id=sighting.external_id, category=sighting.category
    ).first()


def _asked_about(sighting: Sighting) -> GovernedAction | None:
    """Lock the action that this movement carries out."""
    actions = GovernedAction.objects.filter(external_id="", gateway=sighting.gateway, category=sighting.category)
    same = Q(amount_minor=sighting.amount.minor, currency=sighting.amount.currency)
    if sighting.action_id is not None:
        open_states = [ActionState.WATCHED, ActionState.ALLOWED, ActionState.EXECUTING, ActionState.FAILED]
        found = actions.filter(same, pk=sighting.action_id, state__in=open_states)
    else:
        if sighting.is_team_known:
            actions = actions.filter(team=sighting.team)
        names = {sighting.about, sighting.destination, sighting.external_id} - {""}
        found = actions.filter(
            same,
            Q(about="") | Q(about__in=names),
            Q(destination="") | Q(destination__in=names),
            # What we carry out ourselves names its action.
            is_to_be_executed=False,
            state__in=[ActionState.WATCHED, ActionState.ALLOWED],
            updated_at__lte=sighting.left_at + CLOCKS_DIFFER_BY,
            updated_at__gte=sighting.left_at - MATCHES_WITHIN,
        )
    # The oldest nobody else has in hand: two equal movements in the same instant settle two actions.
    first = found.select_for_update(skip_locked=True, of=("self",)).order_by("created_at", "pk").first()
    return None if first is None else lifecycle.hold_locked(action_id=first.pk)


def _settled(action: GovernedAction, sighting: Sighting, at: datetime) -> GovernedAction:
    lifecycle.advance(
        action,
        "confirm",
        actor=OBSERVER,
        at=at,
        sentence=f"saw {action.amount} leave as it was allowed to ({sighting.external_id}).",
        data={"external_id": sighting.external_id, "left_at": sighting.left_at.isoformat()},
        columns={"external_id": sighting.external_id, "occurred_at": sighting.left_at},
    )
    return action


def _note_ungoverned(sighting: Sighting, at: datetime) -> GovernedAction:
    action = GovernedAction.objects.create(
        reference=next_reference(),
        team=sighting.team,
        category=sighting.category,
        amount_minor=sighting.amount.minor,
        currency=sighting.amount.currency,
        reason=sighting.reason[:40],
        gateway=sighting.gateway,
        about=sighting.about,
        destination=sighting.destination,
        customer=sighting.customer,
        external_id=sighting.external_id,
        state=ActionState.OBSERVED,
        is_ungoverned=True,
        occurred_at=sighting.left_at,
        created_at=at,
        updated_at=at,
    )
    decision = _judged_for_the_record(action, sighting, at)
    if decision is not None:
        action.decision = decision
        action.save(update_fields=["decision"])
    ledger.record(
        subject=action.subject,
        kind="governed_action.ungoverned",
        actor=OBSERVER,
        at=at,
        sentence=f"saw {action.amount} leave without anybody having asked: "
        f"{action.get_category_display().lower()} {sighting.external_id}.",
        data={
            "gateway": sighting.gateway,
            "external_id": sighting.external_id,
            "about": sighting.about,
            "amount_minor": action.amount_minor,
            "currency": action.currency,
            "left_at": sighting.left_at.isoformat(),
            "decision": None if decision is None else str(decision.pk),
            "would_have": None if decision is None else str(decision.outcome),
        },
    )
    return action


def _judged_for_the_record(action: GovernedAction, sighting: Sighting, at: datetime) -> PolicyDecision | None:
    """Ask the policy in force what it would have said; a team without one has nothing to say."""
    try:
        version = judging.version_in_force(action.team_id)
    except Refused:
        return None
    facts = sighting.facts or plain_facts(
        team=sighting.team, category=action.category, amount=action.amount, reason=action.reason, at=sighting.left_at
    )
    return judging.decide(
        version=version,
        facts=facts,
        verdict=judging.judge(version, facts),
        subject=action.subject,
        reference=action.reference,
        page=action.get_absolute_url(),
        at=at,
    )
