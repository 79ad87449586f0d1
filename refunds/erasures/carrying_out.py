"""Erasing what was confirmed, as far as the law allows on the day; running it again goes on where it stopped."""

from __future__ import annotations

import time
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from approvals.erasing import erase_name, erase_words
from config.kernel.people import Machine
from evidence import ledger
from evidence.bundles.keeping import expire_bundles_about
from evidence.erasing import CARRIED_OUT, erase_files, erase_letters, erase_salt, remove_erased_files_on_commit
from refunds.lifecycle import hold_locked
from refunds.models import (
    AlternatePayout,
    Attempt,
    Break,
    Customer,
    DeliveryProof,
    Erasure,
    Operation,
    Order,
    Payment,
    Proposal,
    RefundRequest,
    Tombstone,
)
from refunds.vocabulary import ErasureState

from .holding import holds_over, lock_teams
from .mentions import forget_answers, forget_deliveries, forget_mentions, words_of
from .retention import is_over, letters_until, texts_until
from .waiting import due_on, is_held, letters_left, open_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

ERASER = Machine("erasure")


def carry_out_erasure(*, erasure_id: UUID, at: datetime) -> Erasure:
    """Erase what the law no longer keeps of a confirmed erasure. Running it again goes on where it stopped.

    1. What no statute needs goes at once, unless a request is open, money moves or a hold stands.
    2. Each request by itself, under its lock: its texts and files, and its letters, each once its years are over.
    3. When nothing is left it is done; otherwise note the day from which the rest may go.
    """
    _stepping_aside(partial(_erase_person, erasure_id, at=at))
    rest = RefundRequest.objects.filter(customer__covered_by__erasure=erasure_id).order_by("pk")
    for request_id in list(rest.values_list("pk", flat=True)):
        _stepping_aside(partial(_erase_request, erasure_id, request_id, at=at))
    _stepping_aside(partial(_finish, erasure_id, at=at))
    return Erasure.objects.get(pk=erasure_id)


def _stepping_aside(step: Callable[[], object]) -> None:
    """Take a step, letting others go first for a while; what is in hand all the time is left to the next night."""
    for pause_seconds in (*[0.05] * 10, *[0.25] * 10):
        try:
            step()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            time.sleep(pause_seconds)
        else:
            return


@transaction.atomic(durable=True)
def _erase_person(erasure_id: UUID, *, at: datetime) -> None:
    """Blank what tells who the customers are, and every mention of them that is found by their words.

    A request that is being filed for one of them holds the lock of its customer's key: either it is seen here and
    waited for, or it comes after us and is filed for somebody without a name.
    """
    # Payments first, as everywhere: an order that is sent again holds them while it waits for its customer.
    payments = Payment.objects.filter(order__customer__covered_by__erasure=erasure_id).order_by("pk")
    list(payments.select_for_update(of=("self",)))
    erasure, customers = _locked(erasure_id)
    # An order may have come between the two locks; whoever has it in hand waits for the customer, which is ours.
    held = [payment.pk for payment in payments.select_for_update(of=("self",), nowait=True)]
    left = [one for one in customers if one.erased_at is None]
    if erasure.state != ErasureState.BLOCKED or not left:
        return
    lock_teams(set(Order.objects.filter(customer__in=customers).values_list("team", flat=True)))
    if open_requests(customers) or holds_over(customers).exists():
        return
    requests = list(RefundRequest.objects.filter(customer__in=left).select_related("customer"))
    words, left_alone = words_of(left)
    ids = [
        *payments.values_list("external_id", flat=True),
        *Operation.objects.filter(refund_request__in=requests, external_id__isnull=False).values_list(
            "external_id", flat=True
        ),
    ]
    counts = {
        "customers": len(left),
        "webhook_bodies": forget_deliveries(words, ids=[str(pk) for pk in ids]),
        "stored_answers": forget_answers(words, ids=[request.reference for request in requests]),
        "mentions": forget_mentions(words),
        "names_left_alone": len(left_alone),
    }
    Payment.objects.filter(pk__in=held, order__customer__in=left).exclude(last4="").update(last4="")
    DeliveryProof.objects.filter(order__customer__in=left).exclude(tracking="").update(tracking="")
    for request in requests:
        expire_bundles_about(request.subject, at=at)
        erase_name(subject=request.subject, left=request.customer.external_id if request.customer else "")
    for customer in left:
        Customer.objects.filter(pk=customer.pk).update(
            name="", email="", country="", language="", since=None, erased_at=at
        )
    _count(erasure, counts)
    _record(erasure, "erasure.person_erased", "erased who the customer is.", counts, at=at)


def _erase_request(erasure_id: UUID, request_id: UUID, *, at: datetime) -> None:
    with transaction.atomic(durable=True):
        request = hold_locked(request_id=request_id)
        # A hold takes one of these locks too: it is seen here, or it comes after us.
        erasure, _ = _locked(erasure_id)
        lock_teams([request.team_id])
        if erasure.state != ErasureState.BLOCKED or not is_over(request) or is_held(request):
            return
        today = timezone.localdate(at, UTC)
        if texts_until(request) <= today:
            _erase_texts(erasure, request, at=at)
        if letters_until(request) <= today:
            letter_count = erase_letters(subject=request.subject, at=at)
            _count(erasure, {"letters": letter_count})
            if letter_count:
                expire_bundles_about(request.subject, at=at)
        if _has_tombstone(request) and not letters_left(request):
            erase_salt(subject=request.subject)


def _erase_texts(erasure: Erasure, request: RefundRequest, *, at: datetime) -> None:
    if _has_tombstone(request):
        return
    Tombstone.objects.create(erasure=erasure, refund_request=request, erased_at=at)
    RefundRequest.objects.filter(pk=request.pk).update(note="", question="", exception_rationale="", failure_reason="")
    Operation.objects.filter(refund_request=request).update(failure_reason="")
    AlternatePayout.objects.filter(refund_request=request).update(
        rationale="", account_holder="", iban_sealed="", iban_masked=""
    )
    Attempt.objects.filter(operation__refund_request=request).update(detail="")
    Proposal.objects.filter(call__refund_request=request).update(text="")
    file_count = erase_files(subject=request.subject, at=at)
    # What finance keeps with a break may show the same person: a bank's letter, a screenshot of the processor.
    for found in Break.objects.filter(operation__refund_request=request).order_by("pk"):
        file_count += erase_files(subject=found.subject, at=at)
    expire_bundles_about(request.subject, at=at)
    ledger.record(
        subject=request.subject,
        kind=CARRIED_OUT,
        actor=ERASER,
        at=at,
        sentence=f"erased the texts and files of this request: {erasure.get_basis_display()}.",
        data={"erasure": str(erasure.pk), "basis": erasure.basis, "files": file_count},
    )
    erase_words(subject=request.subject)
    _count(erasure, {"requests": 1, "files": file_count})
    remove_erased_files_on_commit()


@transaction.atomic(durable=True)
def _finish(erasure_id: UUID, *, at: datetime) -> None:
    erasure, customers = _locked(erasure_id)
    if erasure.state != ErasureState.BLOCKED:
        return
    requests = RefundRequest.objects.filter(customer__in=customers)
    is_left = any(one.erased_at is None for one in customers) or any(
        not _has_tombstone(request) or letters_left(request) for request in requests.select_related("tombstone")
    )
    if is_left:
        erasure.due_on = due_on(customers)
        erasure.save(update_fields=["due_on"])
        return
    erasure.state, erasure.done_at, erasure.due_on = ErasureState.DONE, at, None
    erasure.save(update_fields=["state", "done_at", "due_on"])
    _record(erasure, "erasure.done", "finished forgetting the customer.", erasure.outcome, at=at)


def _locked(erasure_id: UUID) -> tuple[Erasure, Sequence[Customer]]:
    """Lock the customers an erasure covers, then the erasure; whoever has one of them in hand is not waited for.

    Filing takes a customer's key before the payments, an order that is sent again takes the payments before the
    customer: whoever held one and waited for the other could stop them both.

    :raises OperationalError: while somebody has a customer in hand
    """
    covered = Q(covered_by__erasure=erasure_id)
    ids = list(Customer.objects.filter(covered).values_list("pk", flat=True))
    customers = list(Customer.objects.select_for_update(nowait=True).filter(pk__in=ids).order_by("pk"))
    return Erasure.objects.select_for_update().get(pk=erasure_id), customers


def _has_tombstone(request: RefundRequest) -> bool:
    return Tombstone.objects.filter(refund_request=request).exists()


def _count(erasure: Erasure, counts: dict[str, int]) -> None:
    erasure.outcome = {name: erasure.outcome.get(name, 0) + counts.get(name, 0) for name in [*erasure.outcome, *counts]}
    erasure.save(update_fields=["outcome"])


def _record(erasure: Erasure, kind: str, sentence: str, data: dict[str, int], *, at: datetime) -> None:
    ledger.record(
        subject=erasure.subject,
        kind=kind,
        actor=ERASER,
        at=at,
        sentence=sentence,
        data={"basis": erasure.basis, **data},
    )
