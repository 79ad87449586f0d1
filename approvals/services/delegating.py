"""Lend one's authority to a colleague for a time: offer, accept, decline, end; each step is on record.

A loan is never lent on: what a warrant takes from it are the roles and the limits of the lender herself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.delegation_rules import Offer, check_can_be_lent, check_may_lend, words_for_time
from approvals.models import Delegation
from approvals.vocabulary import LEFT_THE_OFFER, DelegationState
from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger

from .leasing import release_what_is_lost

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND = "delegation"
ENDS_ANY = "approvals.change_delegation"


@transaction.atomic(durable=True)
def offer_delegation(*, offer: Offer, actor: User, at: datetime) -> Delegation:
    """Offer a colleague to sign in the actor's name; it binds nobody before she accepts.

    :raises NotPermitted: when the actor signs for nothing herself
    :raises Refused: naming each field that cannot be
    """
    check_may_lend(actor)
    check_can_be_lent(offer, lender=actor, at=at)
    delegation = Delegation.objects.create(
        lent_by=actor,
        lent_to=offer.lent_to,
        from_at=offer.from_at,
        until_at=offer.until_at,
        categories=sorted(set(offer.categories)),
        currency="" if offer.ceiling is None else offer.ceiling.currency,
        single_minor=None if offer.ceiling is None else offer.ceiling.minor,
        why=offer.why.strip(),
        offered_at=at,
    )
    delegation.teams.set(offer.teams)
    _record(delegation, "offered", actor, at, f"offered {offer.lent_to} to sign in this name, {_when(delegation)}.")
    return delegation


@transaction.atomic(durable=True)
def accept_delegation(*, delegation_id: UUID, actor: User, at: datetime) -> Delegation:
    """Take an offer: from now on the delegation is in force in its time.

    :raises NotPermitted: for anybody but the colleague it was offered to
    :raises OutOfDate: when it was answered or ended meanwhile, or its time is over
    :raises Refused: when one of the two may not sign any more, or it overlaps with another
    """
    delegation = _locked_with_its_like(delegation_id)
    _check_is_for(actor, delegation)
    _check_waits(delegation, at)
    check_can_be_lent(offer_of(delegation), lender=delegation.lent_by, at=at)
    _change(delegation, DelegationState.ACCEPTED, answered_at=at)
    _record(delegation, "accepted", actor, at, f"accepted to sign for {delegation.lent_by}, {_when(delegation)}.")
    return delegation


@transaction.atomic(durable=True)
def decline_delegation(*, delegation_id: UUID, actor: User, at: datetime) -> Delegation:
    """Decline an offer.

    :raises NotPermitted: for anybody but the colleague it was offered to
    :raises OutOfDate: when it was answered or ended meanwhile, or its time is over
    """
    delegation = _locked_with_its_like(delegation_id)
    _check_is_for(actor, delegation)
    _check_waits(delegation, at)
    _change(delegation, DelegationState.DECLINED, answered_at=at)
    _record(delegation, "declined", actor, at, f"declined to sign for {delegation.lent_by}.")
    return delegation


@transaction.atomic(durable=True)
def end_delegation(*, delegation_id: UUID, actor: User, at: datetime) -> Delegation:
    """End a delegation at once, or take an offer back: either side may, and an administrator.

    :raises NotPermitted: for anybody else
    :raises OutOfDate: when it is over already
    """
    delegation = _locked_with_its_like(delegation_id)
    if actor.pk not in {delegation.lent_by_id, delegation.lent_to_id} and not actor.has_perm(ENDS_ANY):
        raise NotPermitted(
            "not_permitted", said("Whoever lent it, whoever holds it or an administrator ends a delegation.")
        )
    if delegation.state not in {DelegationState.OFFERED, DelegationState.ACCEPTED} or delegation.until_at <= at:
        raise OutOfDate("out_of_date", said("This delegation is over already."))
    _change(delegation, DelegationState.ENDED, ended_at=at)
    release_what_is_lost(delegation.lent_to, at=at)
    _record(delegation, "ended", actor, at, f"ended what {delegation.lent_by} had lent to {delegation.lent_to}.")
    return delegation


def offer_of(delegation: Delegation) -> Offer:
    """Read an offer back from its row."""
    has_ceiling = delegation.single_minor is not None
    return Offer(
        lent_to=delegation.lent_to,
        from_at=delegation.from_at,
        until_at=delegation.until_at,
        teams=tuple(delegation.teams.order_by("pk")),
        categories=tuple(delegation.categories),
        ceiling=Money(delegation.single_minor or 0, delegation.currency) if has_ceiling else None,
        why=delegation.why,
    )


def subject_of(delegation: Delegation) -> Subject:
    """Name a delegation in the ledger."""
    return Subject(KIND, delegation.pk)


def _locked_with_its_like(delegation_id: UUID) -> Delegation:
    """Lock every delegation between the same two people, so that two overlapping offers are not accepted at once.

    :raises Delegation.DoesNotExist: when there is none
    """
    pair = Delegation.objects.values_list("lent_by", "lent_to").get(pk=delegation_id)
    between = Delegation.objects.filter(lent_by=pair[0], lent_to=pair[1]).order_by("pk")
    locked = {each.pk: each for each in between.select_for_update(of=("self",)).select_related("lent_by", "lent_to")}
    return locked[delegation_id]


def _check_is_for(actor: User, delegation: Delegation) -> None:
    if actor.pk != delegation.lent_to_id:
        raise NotPermitted(
            "not_permitted", said("This was offered to {lent_to}; nobody else answers it.", lent_to=delegation.lent_to)
        )


def _check_waits(delegation: Delegation, at: datetime) -> None:
    if delegation.state != DelegationState.OFFERED:
        state = LEFT_THE_OFFER[DelegationState(delegation.state)]
        raise OutOfDate("out_of_date", said("This offer waits for no answer any more: it is {state}.", state=state))
    if delegation.until_at <= at:
        raise OutOfDate(
            "out_of_date", said("This offer is over since {time}.", time=words_for_time(delegation.until_at))
        )


def _change(delegation: Delegation, state: DelegationState, **moment: datetime) -> None:
    delegation.state = state
    for name, value in moment.items():
        setattr(delegation, name, value)
    delegation.save(update_fields=["state", *moment])


def _when(delegation: Delegation) -> str:
    return f"{words_for_time(delegation.from_at)} to {words_for_time(delegation.until_at)}"


def _record(delegation: Delegation, word: str, actor: User, at: datetime, sentence: str) -> None:
    ledger.record(
        subject=subject_of(delegation),
        kind=f"delegation.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "lent_by": delegation.lent_by_id,
            "lent_to": delegation.lent_to_id,
            "from_at": delegation.from_at.isoformat(),
            "until_at": delegation.until_at.isoformat(),
            "teams": sorted(team.slug for team in delegation.teams.all()),
            "categories": list(delegation.categories),
            "single_minor": delegation.single_minor,
            "currency": delegation.currency,
        },
    )
