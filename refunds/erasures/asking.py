"""One person asks that somebody be forgotten, another confirms or refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import Customer, Erasure, ErasureCustomer
from refunds.permissions import customers_in_reach, erasures_visible_to
from refunds.vocabulary import ErasureBasis, ErasureState

from .carrying_out import carry_out_erasure
from .identity import person_of
from .waiting import due_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

OPEN = (ErasureState.WAITING, ErasureState.BLOCKED)


@transaction.atomic(durable=True)
def ask_erasure(*, customer_id: int, basis: str, actor: User, at: datetime) -> Erasure:
    """Ask that the person behind a customer be forgotten; a second person confirms it.

    Covers every customer with the same e-mail address whom the actor may know of. What is covered is fixed now, so that
    what is confirmed is what was asked for.

    :raises NotPermitted: without the right
    :raises Refused: for an unknown ground, somebody who is forgotten, or a second wish while one is open
    """
    check_right(actor, "refunds.add_erasure")
    if basis not in ErasureBasis.values:
        raise Refused("invalid", said("The basis is one of: {names}.", names=", ".join(ErasureBasis.values)), "basis")
    named = customers_in_reach(actor).filter(pk=customer_id).first()
    if named is None:
        raise Refused("unknown_customer", said("There is no such customer."), "customer")
    person = person_of(actor, named)
    ids = sorted(one.pk for one in person.covered)
    locked = list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    # Who was forgotten may come back and ask for money again; then there is something to forget again.
    is_gone = all(one.erased_at and not one.refund_requests.filter(tombstone=None).exists() for one in locked)
    if is_gone:
        raise Refused("erased", said("Erased on {day} already.", day=f"{named.erased_at:%d %B %Y}"), "customer")
    if Erasure.objects.filter(covered__customer__in=ids, state__in=OPEN).exists():
        raise Refused("refused", said("An erasure of this customer is under way."), "customer")
    erasure = Erasure.objects.create(customer=named, basis=basis, due_on=due_on(locked), asked_by=actor, asked_at=at)
    ErasureCustomer.objects.bulk_create(
        ErasureCustomer(erasure=erasure, customer=one, why=person.why(one)) for one in person.covered
    )
    _record(erasure, "erasure.asked", "asked that a customer be forgotten.", actor=actor, at=at)
    return erasure


@transaction.atomic(durable=True)
def refuse_erasure(*, erasure_id: UUID, actor: User, at: datetime) -> Erasure:
    """Say no to an erasure that another person asked for.

    :raises NotPermitted: for whoever asked, or without the right
    :raises OutOfDate: when it was answered
    """
    erasure = _hold_unanswered(erasure_id, actor)
    _answer(erasure, ErasureState.REFUSED, actor=actor, at=at)
    _record(erasure, "erasure.refused", "refused to forget a customer.", actor=actor, at=at)
    return erasure


def confirm_erasure(*, erasure_id: UUID, actor: User, at: datetime) -> Erasure:
    """Confirm an erasure that another person asked for, and erase at once whatever the law does not keep.

    :raises NotPermitted: for whoever asked, or without the right
    :raises OutOfDate: when it was answered
    """
    with transaction.atomic(durable=True):
        erasure = _hold_unanswered(erasure_id, actor)
        _answer(erasure, ErasureState.BLOCKED, actor=actor, at=at)
        _record(erasure, "erasure.confirmed", "confirmed that a customer be forgotten.", actor=actor, at=at)
    return carry_out_erasure(erasure_id=erasure_id, at=at)


def _hold_unanswered(erasure_id: UUID, actor: User) -> Erasure:
    check_right(actor, "refunds.answer_erasure")
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("A person confirms or refuses an erasure."))
    erasure = erasures_visible_to(actor).select_for_update().filter(pk=erasure_id, state=ErasureState.WAITING).first()
    if erasure is None:
        raise OutOfDate("answered", said("This erasure was answered already."))
    if erasure.asked_by_id == actor.pk:
        raise NotPermitted("four_eyes", said("Whoever asks for an erasure does not confirm or refuse it."))
    return erasure


def _answer(erasure: Erasure, state: ErasureState, *, actor: User, at: datetime) -> None:
    erasure.state, erasure.answered_by, erasure.answered_at = state, actor, at
    erasure.save(update_fields=["state", "answered_by", "answered_at"])


def _record(erasure: Erasure, kind: str, sentence: str, *, actor: User, at: datetime) -> None:
    data: Mapping[str, object] = {"basis": erasure.basis, "customers": erasure.covered.count()}
    ledger.record(subject=erasure.subject, kind=kind, actor=actor, at=at, sentence=sentence, data=data)
