"""Tell a shop of the refunds we made of its orders: written with the refund, sent once, asked for before each try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from approvals.vocabulary import Category
from config.kernel.outbox import publish
from config.kernel.people import Machine
from config.kernel.refusals import OutOfDate
from config.kernel.wording import said
from evidence import ledger
from refunds.models import Operation, RefundLine, ShopConnection, ShopNote
from refunds.outgoing.entitlement import check_may
from refunds.outgoing.signing import UnreadableSecret
from refunds.permissions import shops_visible_to
from refunds.vocabulary import NoteState, OperationState

from .amounts import id_of
from .base import Notice, OddAnswer, ShopUnreachable
from .health import note_failure, note_success
from .keeping import shop_behind

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User

logger = structlog.get_logger(__name__)

TELLER: Final = Machine("shop writer")
LEASE: Final = timedelta(minutes=5)
"""Longer than all the calls of one try, so that two workers never try at once."""

AT_MOST: Final = 100
RIGHT: Final = "refunds.change_shopconnection"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a try."""

    state: NoteState
    external_id: str = ""
    outcome: str = ""


def write_note(*, news: str, at: datetime, subject_id: str, **_later: str) -> None:  # noqa: ARG001 - as every witness
    """Write down, with the refund, that its shop is to hear of it; where no shop is to, one query."""
    shops = ShopConnection.objects.filter(writes_back=True, is_active=True)
    if not shops.exists():
        return
    # A goodwill credit is no refund of the order it may name: the shop would write one down.
    paid = Operation.objects.filter(
        refund_request=UUID(subject_id), refund_request__category=Category.REFUND, state=OperationState.SUCCEEDED
    )
    connection = shops.filter(
        channel__in=paid.values("refund_request__order__channel"), team__in=paid.values("refund_request__order__team")
    ).first()
    if connection is None:
        return
    for operation in paid.filter(shop_note__isnull=True):
        note = ShopNote.objects.create(connection=connection, operation=operation, created_at=at)
        publish("shop_note.written", note_id=note.pk)


def tell_shops(*, at: datetime) -> int:
    """Tell what waits, the oldest first; answers how much was told. Shops that rest after a failure are passed by."""
    count = 0
    for pk in list(_due(at).values_list("pk", flat=True)[:AT_MOST]):
        try:
            count += _tell(pk)
        except Exception:
            # One broken row must not keep all others waiting; its lease keeps it from being tried at once.
            logger.exception("shop_note.cannot_be_told", note=str(pk))
    return count


def _due(at: datetime) -> QuerySet[ShopNote]:
    rested = Q(connection__next_read_at__isnull=True) | Q(connection__next_read_at__lte=at)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
    waiting = ShopNote.objects.filter(rested, free, connection__is_active=True, state=NoteState.WAITING)
    return waiting.order_by("created_at", "pk")


def _tell(note_id: UUID) -> bool:
    """Try once.

    1. Lease the note and commit, so that nobody else tries.
    2. Ask the shop whether it knows the refund, and tell it only if not. Outside any transaction.
    3. Write down what came of it. A shop that gave no answer is asked again when it has rested.
    """
    note = _claimed(note_id)
    if note is None:
        return False
    at = timezone.now()
    if note.operation.state != OperationState.SUCCEEDED:
        _end(note, Told(NoteState.DROPPED, outcome="The refund came back before the shop heard of it."), at)
        return False
    try:
        told = Told(NoteState.TOLD, _told_once(note))
        note_success(note.connection, at=at)
    except (ShopUnreachable, UnreadableSecret) as silence:
        note_failure(note.connection, why=str(silence), at=at)
        ShopNote.objects.filter(pk=note.pk).update(lease_until=None)
        return False
    except OddAnswer as odd:
        told = Told(NoteState.NEEDS_PERSON, outcome=str(odd)[:200])
    _end(note, told, at)
    return told.state == NoteState.TOLD


@transaction.atomic(durable=True)
def _claimed(note_id: UUID) -> ShopNote | None:
    at = timezone.now()
    note = _due(at).select_for_update(of=("self",), skip_locked=True).filter(pk=note_id).first()
    if note is None:
        return None
    note.tries += 1
    note.lease_until = at + LEASE
    note.save(update_fields=["tries", "lease_until"])
    related = ("connection", "operation__refund_request__order")
    return ShopNote.objects.select_related(*related).get(pk=note_id)


def _told_once(note: ShopNote) -> str:
    operation = note.operation
    refund_request = operation.refund_request
    order = refund_request.order
    if order is None or id_of(order.external_id) != order.external_id:
        raise OddAnswer("The order does not carry the shop's own id.")
    lines = RefundLine.objects.filter(refund_request=refund_request).values_list("order_line__line", "quantity")
    notice = Notice(
        order=order.external_id,
        operation=str(operation.pk),
        reference=refund_request.reference,
        amount=operation.amount,
        lines=dict(lines),
    )
    shop = shop_behind(note.connection)
    return shop.knows_of(notice) or shop.tell(notice)


@transaction.atomic(durable=True)
def _end(note: ShopNote, told: Told, at: datetime) -> None:
    ShopNote.objects.filter(pk=note.pk).update(
        state=told.state, external_id=told.external_id, outcome=told.outcome, lease_until=None, ended_at=at
    )
    words = {
        NoteState.TOLD: f"told the shop {note.connection.domain} of the refund.",
        NoteState.NEEDS_PERSON: f"could not tell the shop {note.connection.domain} of the refund: {told.outcome}",
        NoteState.DROPPED: f"did not tell the shop {note.connection.domain} of the refund: {told.outcome}",
    }
    ledger.record(
        subject=note.operation.refund_request.subject,
        kind=f"shop_note.{told.state}",
        actor=TELLER,
        at=at,
        sentence=words[told.state],
        data={"operation": str(note.operation_id), "external_id": told.external_id},
    )


def tell_again(*, note_id: UUID, actor: User, at: datetime) -> ShopNote:
    """Try a note again that waits for a person, once she has looked.

    :raises NotPermitted: without the right
    :raises OutOfDate: when it does not wait for a person
    """
    return _settle(note_id, NoteState.WAITING, "asked for the shop to be told again.", actor=actor, at=at)


def leave_untold(*, note_id: UUID, actor: User, at: datetime) -> ShopNote:
    """Leave it: somebody wrote the refund down in the shop by hand, or it need not know.

    :raises NotPermitted: without the right
    :raises OutOfDate: when it does not wait for a person
    """
    return _settle(note_id, NoteState.DROPPED, "left the shop untold of the refund.", actor=actor, at=at)


@transaction.atomic(durable=True)
def _settle(note_id: UUID, state: NoteState, sentence: str, *, actor: User, at: datetime) -> ShopNote:
    check_may(actor, RIGHT)
    waiting = ShopNote.objects.filter(connection__in=shops_visible_to(actor), state=NoteState.NEEDS_PERSON)
    note = (
        waiting.select_for_update(of=("self",)).select_related("operation__refund_request").filter(pk=note_id).first()
    )
    if note is None:
        raise OutOfDate("out_of_date", said("This note does not wait for a person."))
    is_over = state == NoteState.DROPPED
    note.state, note.outcome, note.ended_at = state, "", at if is_over else None
    note.save(update_fields=["state", "outcome", "ended_at"])
    ledger.record(
        subject=note.operation.refund_request.subject,
        kind=f"shop_note.{'left' if is_over else 'again'}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"operation": str(note.operation_id)},
    )
    if not is_over:
        publish("shop_note.written", note_id=note.pk)
    return note
