"""Stop money at once, and let it go on; both with a reason and on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from approvals.freezing import hold_freezes, routes_under, target_of
from approvals.models import ApprovalRoute, FreezeSwitch
from approvals.standing_freezes import visible_to
from approvals.vocabulary import Category, FreezeScope, RouteState
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Team, User

KIND = "freeze_switch"
NAME_IT = {
    FreezeScope.AGENT: said("Name the agent to freeze."),
    FreezeScope.TEAM: said("Name the team to freeze."),
    FreezeScope.CATEGORY: said("Name the category to freeze."),
}
NAMES_NONE = {
    FreezeScope.AGENT: said("This scope names no agent."),
    FreezeScope.TEAM: said("This scope names no team."),
    FreezeScope.CATEGORY: said("This scope names no category."),
}
SHORTEST_REASON = 10
LONGEST_REASON = 400
SETS = "approvals.add_freezeswitch"
LIFTS = "approvals.change_freezeswitch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to freeze; the scope says which of the others is named."""

    scope: str
    agent: User | None = None
    team: Team | None = None
    category: str = ""


@transaction.atomic(durable=True)
def set_freeze(*, target: Target, why: str, actor: User, at: datetime) -> FreezeSwitch:
    """Stop everything in this scope from the commit on; what is being approved in this instant is waited for.

    :raises NotPermitted: without the right to freeze
    :raises OutOfDate: `already_frozen`
    :raises Refused: for a scope that names nothing, or a reason too short
    """
    _check_right(actor, SETS)
    why = reason_given(why)
    _check_target(target, actor)
    hold_freezes()
    return put_freeze(target=target, why=why, actor=actor, at=at)


def put_freeze(*, target: Target, why: str, actor: User, at: datetime) -> FreezeSwitch:
    """Put a freeze on within the caller's transaction, which holds the freezes and asked for the right.

    :raises OutOfDate: `already_frozen`
    """
    named = {"scope": target.scope, "agent": target.agent, "team": target.team, "category": target.category}
    standing = FreezeSwitch.objects.filter(**named, lifted_at__isnull=True).select_related("set_by").first()
    if standing is not None:
        raise OutOfDate(
            "already_frozen",
            said("{target} was frozen already, by {set_by}.", target=target_of(standing), set_by=standing.set_by),
        )
    switch = FreezeSwitch.objects.create(**named, why=why, set_by=actor, set_at=at)
    _record(switch, "set", actor, at, f"froze {_object_of(switch)}.", why)
    return switch


@transaction.atomic(durable=True)
def lift_freeze(*, switch_id: UUID, why: str, actor: User, at: datetime) -> FreezeSwitch:
    """Let everything in the scope go on; operations that were held back go on by themselves.

    What waited for a signature lapses later, by the time it could not be signed.

    :raises FreezeSwitch.DoesNotExist: to a stranger, answered as 404
    :raises NotPermitted: without the right, or `own_freeze` for a freeze of oneself, or set by oneself after a restore
    :raises OutOfDate: when somebody lifted it before
    :raises Refused: for a reason too short, or while the processors were not asked after a restore
    """
    _check_right(actor, LIFTS)
    hold_freezes()
    switch = visible_to(actor).select_for_update(of=("self",)).get(pk=switch_id)
    if switch.agent_id == actor.pk:
        raise NotPermitted("own_freeze", said("This freezes you. Somebody else must lift it."))
    if switch.is_four_eyes and switch.set_by_id == actor.pk:
        raise NotPermitted("own_freeze", said("You held this after a restore. Somebody else must lift it."))
    why = reason_given(why)
    if switch.lifted_at is not None:
        raise OutOfDate("out_of_date", said("{who} lifted this already.", who=switch.lifted_by))
    if switch.is_held:
        raise Refused("refused", said("First the processors are asked what left since the backup: hold_after_restore."))
    take_off(switch, why=why, actor=actor, at=at)
    return switch


def take_off(switch: FreezeSwitch, *, why: str, actor: User, at: datetime) -> None:
    """Lift a locked freeze that is on, within the caller's transaction."""
    switch.lifted_by, switch.lifted_at, switch.lifted_why = actor, at, why
    switch.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
    _give_back_the_time(switch, at)
    _record(switch, "lifted", actor, at, f"lifted the freeze of {_object_of(switch)}.", why)


def _give_back_the_time(switch: FreezeSwitch, at: datetime) -> None:
    """Let the routes that stood under a switch lapse later by as long as they stood."""
    stood_since = Greatest("opened_at", Value(switch.set_at))
    ApprovalRoute.objects.filter(routes_under([switch]), state=RouteState.OPEN, lapses_at__isnull=False).update(
        lapses_at=F("lapses_at") + (Value(at) - stood_since), lapse_told_at=None
    )


def subject_of(switch: FreezeSwitch) -> Subject:
    """Name a switch in the ledger."""
    return Subject(KIND, switch.pk)


def _check_right(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=permission))


def reason_given(why: str) -> str:
    """Read a reason as it is kept.

    :raises Refused: for one too short or too long, or with a card number in it
    """
    refuse_card_number(why, field="why")
    why = why.strip()
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise Refused(
            "invalid",
            said(
                "Say why in {least} to {most} characters.",
                least=SHORTEST_REASON,
                most=LONGEST_REASON,
            ),
            "why",
        )
    return why


def _check_target(target: Target, actor: User) -> None:
    if target.scope not in FreezeScope.values:
        raise Refused("invalid", said("There is no scope “{scope}”.", scope=target.scope), "scope")
    named = {
        FreezeScope.AGENT: target.agent is not None,
        FreezeScope.TEAM: target.team is not None,
        FreezeScope.CATEGORY: bool(target.category),
    }
    for scope, is_named in named.items():
        if is_named != (scope == target.scope):
            missing = NAME_IT[scope] if not is_named else NAMES_NONE[scope]
            raise Refused("refused", missing, scope)
    if target.team is not None and target.team.pk not in team_ids_of(actor):
        raise Refused("unknown_team", said("There is no such team."), "team")
    if target.category and target.category not in Category.values:
        raise Refused("invalid", said("There is no category “{category}”.", category=target.category), "category")


def _object_of(switch: FreezeSwitch) -> str:
    words = target_of(switch)
    return words[0].lower() + words[1:]


def _record(switch: FreezeSwitch, word: str, actor: User, at: datetime, sentence: str, why: str) -> None:
    ledger.record(
        subject=subject_of(switch),
        kind=f"{KIND}.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "scope": str(switch.scope),
            "agent": switch.agent_id,
            "team": switch.team_id,
            "category": switch.category,
            "why_sha256": ledger.salted_digest(subject_of(switch), why),
        },
    )
