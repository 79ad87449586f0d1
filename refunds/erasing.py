"""Forgetting a customer: one person asks, another confirms, the law may make it wait, and the chain stays whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.erasing import erase_name, erase_words
from config.kernel.people import Machine
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence import ledger
from evidence.erasing import erase_evidence, remove_erased_files, remove_erased_files_on_commit

from .lifecycle import hold_locked
from .models import Customer, Erasure, LegalHold, RefundRequest, Tombstone
from .permissions import customers_in_reach, erasures_visible_to, holds_visible_to
from .retention import kept_until
from .vocabulary import ErasureBasis, ErasureState

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from config.kernel.people import Actor, User

ERASER = Machine("erasure")


@transaction.atomic(durable=True)
def ask_erasure(*, customer_id: int, basis: str, actor: User, at: datetime) -> Erasure:
    """Ask that a customer be forgotten; a second person confirms it.

    :raises NotPermitted: without the right
    :raises Refused: for an unknown ground, a customer who is forgotten, or a second wish while one is open
    """
    _check_right(actor, "refunds.add_erasure")
    if basis not in ErasureBasis.values:
        raise Refused("invalid", f"The basis is one of: {', '.join(ErasureBasis.values)}.", "basis")
    customer = customers_in_reach(actor).select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise Refused("unknown_customer", "There is no such customer.", "customer")
    # Who was forgotten may come back and ask for money again; then there is something to forget again.
    if customer.erased_at is not None and not customer.refund_requests.filter(tombstone=None).exists():
        raise Refused("erased", f"Erased on {customer.erased_at:%d %B %Y} already.", "customer")
    if customer.erasures.filter(state__in=[ErasureState.WAITING, ErasureState.BLOCKED]).exists():
        raise Refused("refused", "An erasure of this customer is under way.", "customer")
    erasure = Erasure.objects.create(
        customer=customer, basis=basis, due_on=_due_on(customer), asked_by=actor, asked_at=at
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


def carry_out_erasure(*, erasure_id: UUID, at: datetime) -> Erasure:
    """Erase what the law no longer keeps of a confirmed erasure. Running it again goes on where it stopped.

    1. Each request by itself, under its lock, once its retention is over and no legal hold stands.
    2. The customer, once every request is a tombstone; otherwise note the day from which the rest may go.
    """
    erasure = Erasure.objects.get(pk=erasure_id)
    rest = RefundRequest.objects.filter(customer_id=erasure.customer_id, tombstone=None).order_by("pk")
    for request_id in list(rest.values_list("pk", flat=True)):
        _erase_request(erasure_id, request_id, at=at)
    return _erase_customer(erasure_id, at=at)


def carry_out_due(*, at: datetime) -> int:
    """Carry out every confirmed erasure as far as the law allows today; answers how many were finished."""
    remove_erased_files()
    confirmed = Erasure.objects.filter(state=ErasureState.BLOCKED).order_by("asked_at", "pk")
    done = [carry_out_erasure(erasure_id=pk, at=at) for pk in list(confirmed.values_list("pk", flat=True))]
    return sum(erasure.state == ErasureState.DONE for erasure in done)


@transaction.atomic(durable=True)
def set_legal_hold(*, customer_id: int, matter: str, actor: User, at: datetime) -> LegalHold:
    """Keep everything of a customer until the hold is lifted.

    :raises NotPermitted: without the right
    :raises Refused: without a file number, for one that is known, or for a customer who is forgotten
    """
    _check_right(actor, "refunds.add_legalhold")
    matter = " ".join(matter.split())
    if not 0 < len(matter) <= 80:  # noqa: PLR2004 - the width of the column
        raise Refused("invalid", "Name the file of the matter in at most 80 characters.", "matter")
    customer = customers_in_reach(actor).select_for_update().filter(pk=customer_id).first()
    if customer is None or (customer.erased_at and not customer.refund_requests.filter(tombstone=None).exists()):
        raise Refused("unknown_customer", "There is no such customer, or nothing is left to hold.", "customer")
    if customer.legal_holds.filter(matter=matter).exists():
        raise Refused("refused", "This matter holds this customer, or did; a new hold needs its own.", "matter")
    hold = LegalHold.objects.create(customer=customer, matter=matter, set_by=actor, set_at=at)
    ledger.record(subject=hold.subject, kind="erasure.hold_set", actor=actor, at=at, sentence="set a legal hold.")
    return hold


@transaction.atomic(durable=True)
def lift_legal_hold(*, hold_id: UUID, actor: User, at: datetime) -> LegalHold:
    """End a hold; what waited for it goes with the next night.

    :raises NotPermitted: without the right
    :raises OutOfDate: when there is none, or it was lifted
    """
    _check_right(actor, "refunds.change_legalhold")
    hold = holds_visible_to(actor).select_for_update().filter(pk=hold_id, lifted_at=None).first()
    if hold is None:
        raise OutOfDate("lifted", "This hold was lifted already.")
    hold.lifted_by, hold.lifted_at = actor, at
    hold.save(update_fields=["lifted_by", "lifted_at"])
    ledger.record(subject=hold.subject, kind="erasure.hold_lifted", actor=actor, at=at, sentence="lifted a legal hold.")
    return hold


def _erase_request(erasure_id: UUID, request_id: UUID, *, at: datetime) -> None:
    with transaction.atomic(durable=True):
        refund_request = hold_locked(request_id=request_id)
        # A hold takes the lock of the customer too: it is seen here, or it comes after us.
        erasure = Erasure.objects.get(pk=erasure_id)
        customer = Customer.objects.select_for_update().get(pk=erasure.customer_id)
        until = kept_until(refund_request)
        is_kept = until is None or until > at.date() or _is_held(customer)
        if is_kept or erasure.state != ErasureState.BLOCKED or _is_erased(refund_request):
            return
        Tombstone.objects.create(erasure=erasure, refund_request=refund_request, erased_at=at)
        RefundRequest.objects.filter(pk=request_id).update(
            note="", question="", exception_rationale="", failure_reason=""
        )
        erase_name(subject=refund_request.subject, left=customer.external_id)
        file_count = erase_evidence(subject=refund_request.subject, at=at)
        ledger.record(
            subject=refund_request.subject,
            kind="erasure.carried_out",
            actor=ERASER,
            at=at,
            sentence="erased the texts and files of this request.",
            data={"erasure": str(erasure.pk), "basis": erasure.basis, "files": file_count},
        )
        erase_words(subject=refund_request.subject)
        remove_erased_files_on_commit()


@transaction.atomic(durable=True)
def _erase_customer(erasure_id: UUID, *, at: datetime) -> Erasure:
    of = Erasure.objects.values_list("customer_id", flat=True).get(pk=erasure_id)
    customer = Customer.objects.select_for_update().get(pk=of)
    erasure = Erasure.objects.select_for_update().get(pk=erasure_id)
    if erasure.state != ErasureState.BLOCKED:
        return erasure
    if _is_held(customer) or customer.refund_requests.filter(tombstone=None).exists():
        erasure.due_on = _due_on(customer)
        erasure.save(update_fields=["due_on"])
        return erasure
    customer.name, customer.email, customer.country, customer.since, customer.erased_at = "", "", "", None, at
    customer.save(update_fields=["name", "email", "country", "since", "erased_at"])
    erasure.state, erasure.done_at = ErasureState.DONE, at
    erasure.save(update_fields=["state", "done_at"])
    _record(erasure, "erasure.done", "forgot the customer.", actor=ERASER, at=at)
    return erasure


def _due_on(customer: Customer) -> date | None:
    """Name the day from which nothing is kept; None while a request lives or nothing is kept at all."""
    days = [kept_until(request) for request in customer.refund_requests.filter(tombstone=None)]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _is_held(customer: Customer) -> bool:
    return customer.legal_holds.filter(lifted_at=None).exists()


def _is_erased(refund_request: RefundRequest) -> bool:
    return Tombstone.objects.filter(refund_request=refund_request).exists()


def _hold_unanswered(erasure_id: UUID, actor: User) -> Erasure:
    _check_right(actor, "refunds.answer_erasure")
    erasure = erasures_visible_to(actor).select_for_update().filter(pk=erasure_id, state=ErasureState.WAITING).first()
    if erasure is None:
        raise OutOfDate("answered", "This erasure was answered already.")
    if erasure.asked_by_id == actor.pk:
        raise NotPermitted("four_eyes", "Whoever asks for an erasure does not confirm or refuse it.")
    return erasure


def _answer(erasure: Erasure, state: ErasureState, *, actor: User, at: datetime) -> None:
    erasure.state, erasure.answered_by, erasure.answered_at = state, actor, at
    erasure.save(update_fields=["state", "answered_by", "answered_at"])


def _check_right(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise NotPermitted("not_permitted", f"This needs the right “{permission}”.")


def _record(erasure: Erasure, kind: str, sentence: str, *, actor: Actor, at: datetime) -> None:
    ledger.record(
        subject=erasure.subject, kind=kind, actor=actor, at=at, sentence=sentence, data={"basis": erasure.basis}
    )
