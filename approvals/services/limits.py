"""Change how much somebody may sign for: one person proposes, another confirms, and neither is the one it names."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction

from approvals.guards import (
    Scope,
    check_can_be,
    check_is_another,
    check_is_not_own,
    check_right,
    check_words,
)
from approvals.limit_changes import ANSWERS
from approvals.models import AuthorityLimit, LimitChange
from approvals.vocabulary import ANSWERED, Category, ChangeState
from config.kernel.money import Money
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import inside, said
from evidence import ledger

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

KIND = "authority_limit"
PROPOSES = "approvals.add_limitchange"


@transaction.atomic
def propose_limit(
    *, scope: Scope, single_minor: int, daily_minor: int, why: str, actor: User, at: datetime
) -> LimitChange:
    """Propose what may be signed for in a scope; nothing changes before somebody else confirms it.

    `single_minor` and `daily_minor` are minor units of the scope's currency.

    :raises NotPermitted: without the right, or for a limit of one's own
    :raises Refused: naming each field that cannot be, without a reason, or while another proposal waits
    """
    check_right(actor, PROPOSES)
    check_is_not_own(actor, scope)
    check_can_be(scope, single_minor, daily_minor)
    return _propose(scope, (single_minor, daily_minor), why, actor, at)


@transaction.atomic
def propose_withdrawal(*, limit_id: int, why: str, actor: User, at: datetime) -> LimitChange:
    """Propose to take a limit away; whoever it names would sign for nothing in its scope any more.

    :raises NotPermitted: without the right, or for a limit of one's own
    :raises OutOfDate: when the limit is gone already
    :raises Refused: without a reason, or while another proposal waits
    """
    check_right(actor, PROPOSES)
    limit = AuthorityLimit.objects.select_related("user", "team").filter(pk=limit_id).first()
    if limit is None:
        raise OutOfDate("limit_is_gone", said("This limit was withdrawn meanwhile."))
    check_is_not_own(actor, limit)
    return _propose(scope_of(limit), (None, None), why, actor, at)


@transaction.atomic
def confirm_change(*, change_id: UUID, note: str = "", actor: User, at: datetime) -> LimitChange:
    """Put a proposed change in force.

    :raises NotPermitted: without the right, for one's own proposal, or for a limit of one's own
    :raises OutOfDate: once it is answered, or when the limit is not any more what it was when this was proposed
    """
    change = _waiting(change_id, actor)
    before = _limit_in(scope_of(change))
    if _amounts(before) != (change.single_before_minor, change.daily_before_minor):
        raise OutOfDate("limit_changed", said("The limit changed after this was proposed. Refuse it and propose anew."))
    _answer(change, ChangeState.CONFIRMED, note.strip() and check_words(note, "note"), actor, at)
    _apply(change, before)
    return change


@transaction.atomic
def refuse_change(*, change_id: UUID, note: str, actor: User, at: datetime) -> LimitChange:
    """Turn a proposed change down, and say why.

    :raises NotPermitted: as for confirming
    :raises Refused: without words
    :raises OutOfDate: once it is answered
    """
    change = _waiting(change_id, actor)
    _answer(change, ChangeState.REFUSED, check_words(note, "note"), actor, at)
    return change


@transaction.atomic
def withdraw_change(*, change_id: UUID, actor: User, at: datetime) -> LimitChange:
    """Take one's own proposal back.

    :raises Refused: for somebody else's
    :raises OutOfDate: once it is answered
    """
    change = _locked(change_id)
    if change.proposed_by_id != actor.pk:
        raise Refused("not_yours", said("{who} proposed this. You may refuse it instead.", who=change.proposed_by))
    _answer(change, ChangeState.WITHDRAWN, "", actor, at)
    return change


def scope_of(scoped: AuthorityLimit | LimitChange) -> Scope:
    """Read the scope of a limit or a change."""
    return Scope(**{field.name: getattr(scoped, field.name) for field in fields(Scope)})


def subject_of(scope: Scope) -> Subject:
    """Name a limit in the ledger, the same through every change and withdrawal."""
    holder = f"user:{scope.user.pk}" if scope.user is not None else f"role:{scope.role}"
    team = scope.team.pk if scope.team is not None else ""
    return Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{holder}:{team}:{scope.category}:{scope.currency}"))


def scope_words(scope: Scope) -> str:
    """Say whom and what a limit names."""
    holder = scope.user.username if scope.user is not None else said("the role {role}", role=scope.role)
    category = inside(Category(scope.category).label)
    if scope.team is None:
        return said("{holder} for {category} in {currency}", holder=holder, category=category, currency=scope.currency)
    return said(
        "{holder} for {category} in {currency} in {team}",
        holder=holder,
        category=category,
        currency=scope.currency,
        team=str(scope.team),
    )


def _propose(
    scope: Scope, wanted: tuple[int, int] | tuple[None, None], why: str, actor: User, at: datetime
) -> LimitChange:
    words = check_words(why, "why")
    # Two people who propose at once meet here, and the second one sees the proposal of the first.
    ledger.hold_chain(subject_of(scope))
    named = _named(scope)
    waiting = LimitChange.objects.filter(**named, state=ChangeState.PROPOSED).select_related("proposed_by").first()
    if waiting is not None:
        raise Refused(
            "already_proposed",
            said("A change of this limit by {who} waits for an answer.", who=waiting.proposed_by),
        )
    before = _amounts(_limit_in(scope))
    if before == wanted:
        raise Refused("no_change", said("This is what the limit is already."))
    change = LimitChange.objects.create(
        **named,
        single_minor=wanted[0],
        daily_minor=wanted[1],
        single_before_minor=before[0],
        daily_before_minor=before[1],
        why=words,
        proposed_by=actor,
        proposed_at=at,
    )
    _record(change, "proposed", f"proposed {_asked_words(change)} {words}", actor, at)
    return change


def _waiting(change_id: UUID, actor: User) -> LimitChange:
    """Hold a proposal that this person may answer."""
    check_right(actor, ANSWERS)
    change = _locked(change_id)
    check_is_another(actor, change)
    check_is_not_own(actor, change)
    return change


def _locked(change_id: UUID) -> LimitChange:
    related = ("user", "team", "proposed_by", "answered_by")
    change = LimitChange.objects.select_for_update(of=("self",)).select_related(*related).get(pk=change_id)
    if change.state != ChangeState.PROPOSED:
        word = ANSWERED[ChangeState(change.state)]
        raise OutOfDate(
            "already_answered",
            said("This change was {word} by {who} meanwhile.", word=word, who=change.answered_by),
        )
    return change


def _answer(change: LimitChange, state: ChangeState, note: str, actor: User, at: datetime) -> None:
    change.state, change.answer, change.answered_by, change.answered_at = state, note, actor, at
    change.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    if state == ChangeState.CONFIRMED:
        kind, sentence = "withdrawn" if change.single_minor is None else "set", f"confirmed {_asked_words(change)}"
    else:
        kind = f"change_{state.value}"
        sentence = f"{'refused' if state == ChangeState.REFUSED else 'took back'} {_asked_words(change)}"
    _record(change, kind, f"{sentence} {note}".strip(), actor, at)


def _apply(change: LimitChange, before: AuthorityLimit | None) -> None:
    """Write the limit; the database looks for the change that was confirmed in this very transaction."""
    if change.single_minor is not None and change.daily_minor is not None:
        amounts = {"single_minor": change.single_minor, "daily_minor": change.daily_minor}
        AuthorityLimit.objects.update_or_create(**_named(scope_of(change)), defaults=amounts)
    elif before is not None:
        before.delete()


def _limit_in(scope: Scope) -> AuthorityLimit | None:
    return AuthorityLimit.objects.select_for_update(of=("self",)).filter(**_named(scope)).first()


def _named(scope: Scope) -> dict[str, Any]:
    return {field.name: getattr(scope, field.name) for field in fields(scope)}


def _amounts(limit: AuthorityLimit | None) -> tuple[int | None, int | None]:
    return (None, None) if limit is None else (limit.single_minor, limit.daily_minor)


def _asked_words(change: LimitChange) -> str:
    of, currency = scope_words(scope_of(change)), change.currency
    was = "" if change.single_before_minor is None else f" It was {Money(change.single_before_minor, currency)}."
    if change.single_minor is None or change.daily_minor is None:
        return f"to withdraw the limit of {of}.{was}"
    single, daily = Money(change.single_minor, currency), Money(change.daily_minor, currency)
    return f"the limit of {of}: {single} each, {daily} a day.{was}"


def _record(change: LimitChange, word: str, sentence: str, actor: User, at: datetime) -> None:
    ledger.record(
        subject=subject_of(scope_of(change)),
        kind=f"limit.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "change": str(change.pk),
            "user": change.user_id,
            "role": change.role,
            "team": change.team_id,
            "category": change.category,
            "currency": change.currency,
            "single_minor": change.single_minor,
            "daily_minor": change.daily_minor,
            "single_before_minor": change.single_before_minor,
            "daily_before_minor": change.daily_before_minor,
        },
    )
