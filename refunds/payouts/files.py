"""Payment files: bank transfers collected by one person and released by another, who did not decide on any of them.

Releasing is the sending: every transfer goes to pending in the same transaction, because no network is called and a
file that somebody can take must never hold money that something else still stops or sends.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import connection, transaction

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import inside, said
from evidence import ledger
from refunds import balances, lifecycle
from refunds.disputes.standing import stopping_disputes
from refunds.entitlement import has_signed
from refunds.freezes import keep_from_gateway, not_held_back
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.gateways.registry import gateway_named
from refunds.models import Operation, PaymentFile, Transfer
from refunds.processing.leaving import end_transfers_not_left
from refunds.processing.performing import take_up
from refunds.processing.recording import apply_outcome
from refunds.vocabulary import FileState, OperationState

from .accounts import open_sealed, seal
from .credit_transfer import Payment, end_to_end_id_of, written
from .debtor import debtor_account

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.gateways.base import RefundInstruction
    from refunds.models import RefundRequest

PREPARES = "refunds.add_paymentfile"
RELEASES = "refunds.release_paymentfile"
MOST_TRANSFERS = 500


def waiting_transfers(viewer: User, *, at: datetime) -> QuerySet[Operation]:
    """Select the bank transfers that no file holds and nothing keeps back, oldest first."""
    return (
        Operation.objects.filter(
            gateway=ManualBankTransfer.name,
            state=OperationState.READY,
            next_try_at__lte=at,
            refund_request__team_id__in=team_ids_of(viewer),
        )
        .filter(not_held_back())
        .exclude(transfers__is_dropped=False)
        .order_by("pk")
    )


def prepare_file(*, currency: str, actor: User, at: datetime) -> PaymentFile:
    """Collect the waiting bank transfers of one currency into a file; nothing leaves before somebody else released it.

    What the actor asked for or decided on is left to others; what went back elsewhere since then fails first.

    :raises NotPermitted: without the right to prepare
    :raises Refused: `nothing_to_pay`, or `no_account`
    """
    _want(actor, PREPARES)
    end_transfers_not_left(currency=currency, at=at)
    return _prepare(currency, actor, at)


@transaction.atomic(durable=True)
def _prepare(currency: str, actor: User, at: datetime) -> PaymentFile:
    account = debtor_account(currency)
    _one_at_a_time(currency)
    candidates = waiting_transfers(actor, at=at).filter(currency=currency)[:MOST_TRANSFERS]
    ids = list(candidates.values_list("pk", "refund_request_id"))
    ready = [one for pk, request_id in ids if (one := _ready(pk, request_id, actor, at)) is not None]
    if not ready:
        raise Refused(
            "nothing_to_pay",
            said("No bank transfer in {currency} waits that you may put into a file.", currency=currency),
        )
    file_id = new_id()
    content = written(
        message_id=PaymentFile(pk=file_id).message_id,
        account=account,
        payments=[_payment(operation) for operation in ready],
        at=at,
    )
    file = PaymentFile.objects.create(
        id=file_id,
        currency=currency,
        debtor_iban=account.iban,
        transfer_count=len(ready),
        total_minor=sum(operation.amount_minor for operation in ready),
        sealed=seal(content.decode()),
        sha256=hashlib.sha256(content).hexdigest(),
        prepared_by=actor,
        prepared_at=at,
    )
    Transfer.objects.bulk_create(
        Transfer(file=file, operation=operation, end_to_end_id=end_to_end_id_of(operation.pk)) for operation in ready
    )
    _record(file, "payment_file.prepared", actor, at, f"prepared a payment file: {_sum(file)}.")
    return file


@transaction.atomic(durable=True)
def release_file(*, file_id: UUID, actor: User, at: datetime) -> PaymentFile:
    """Let a file go: from now on it can be taken, and every transfer in it is pending until the bank's statement.

    :raises NotPermitted: without the right, or `self_approval` to its preparer and to whoever had a part in a refund
    :raises OutOfDate: when it was released or discarded meanwhile
    :raises Refused: `held_back` when a transfer was recalled, frozen or disputed since; such a file can be discarded
    """
    _want(actor, RELEASES)
    file = _prepared(file_id, actor)
    if file.prepared_by_id == actor.pk:
        raise NotPermitted("self_approval", said("You prepared this file. Somebody else must release it."))
    transfers = list(file.transfers.select_related("operation").order_by("operation_id"))
    taken_up = [_taken_up(transfer, actor, at) for transfer in transfers]
    file.state, file.released_by, file.released_at = FileState.RELEASED, actor, at
    file.save(update_fields=["state", "released_by", "released_at"])
    _record(file, "payment_file.released", actor, at, f"released a payment file: {_sum(file)}.")
    gateway = gateway_named(ManualBankTransfer.name)
    for refund_request, operation, instruction in taken_up:
        outcome = gateway.refund(instruction)
        apply_outcome(refund_request, operation, number=operation.attempt_count, outcome=outcome, at=at)
    return file


@transaction.atomic(durable=True)
def discard_file(*, file_id: UUID, actor: User, at: datetime) -> PaymentFile:
    """Drop a file that was not released; its transfers wait for another one.

    :raises NotPermitted: without the right to prepare
    :raises OutOfDate: when it was released or discarded meanwhile
    """
    _want(actor, PREPARES)
    file = _prepared(file_id, actor)
    file.transfers.update(is_dropped=True)
    file.state, file.discarded_by = FileState.DISCARDED, actor
    file.save(update_fields=["state", "discarded_by"])
    _record(file, "payment_file.discarded", actor, at, f"discarded a payment file: {_sum(file)}.")
    return file


@transaction.atomic(durable=True)
def take_file(*, file: PaymentFile, actor: User, at: datetime) -> bytes:
    """Open the bytes of a released file; who took it is put on record.

    :raises OutOfDate: before it was released
    :raises UnreadableAccount: when no key opens it, or its years are over
    """
    if file.state != FileState.RELEASED:
        raise OutOfDate("out_of_date", said("This file was not released; nobody takes it to the bank."))
    content = open_sealed(file.sealed).encode()
    _record(file, "payment_file.taken", actor, at, "took a payment file.")
    return content


def files_visible_to(viewer: User) -> QuerySet[PaymentFile]:
    """Narrow files to those that pay for the teams this person works for alone."""
    if not viewer.has_perm("refunds.view_paymentfile"):
        return PaymentFile.objects.none()
    others = Transfer.objects.exclude(operation__refund_request__team_id__in=team_ids_of(viewer))
    return PaymentFile.objects.exclude(pk__in=others.values("file")).defer("sealed")


def _ready(operation_id: UUID, request_id: UUID, actor: User, at: datetime) -> Operation | None:
    """Lock one waiting operation; None when something stops it, or the actor has a part in it."""
    refund_request = lifecycle.hold_locked(request_id=request_id)
    operation = (
        Operation.objects.select_for_update(of=("self",))
        .select_related("payout")
        .filter(pk=operation_id, state=OperationState.READY)
        .first()
    )
    if operation is None or has_signed(actor, refund_request):
        return None
    operation.refund_request = refund_request
    is_stopped = (
        stopping_disputes(refund_request)
        or keep_from_gateway(operation, refund_request, at=at)
        or not balances.is_left(refund_request, operation.amount_minor)
    )
    return None if is_stopped else operation


def _taken_up(transfer: Transfer, actor: User, at: datetime) -> tuple[RefundRequest, Operation, RefundInstruction]:
    refund_request = lifecycle.hold_locked(request_id=transfer.operation.refund_request_id)
    if has_signed(actor, refund_request):
        raise NotPermitted(
            "self_approval",
            said("You had a part in {request}. Somebody else must release it.", request=refund_request),
        )
    operation = (
        Operation.objects.select_for_update(of=("self",)).select_related("payment").get(pk=transfer.operation_id)
    )
    is_stopped = stopping_disputes(refund_request) or keep_from_gateway(operation, refund_request, at=at)
    instruction = None
    if operation.state == OperationState.READY and not is_stopped:
        instruction = take_up(operation, refund_request, at=at)
    if instruction is None:
        raise Refused(
            "held_back",
            said(
                "{request} was held back since; discard this file and prepare another.",
                request=refund_request,
            ),
        )
    return refund_request, operation, instruction


def _payment(operation: Operation) -> Payment:
    payout = operation.payout
    if payout is None:
        message = f"{operation} names no account."
        raise ValueError(message)
    return Payment(
        end_to_end_id=end_to_end_id_of(operation.pk),
        account_holder=payout.account_holder,
        iban=open_sealed(payout.iban_sealed),
        amount=operation.amount,
        text=f"Refund {operation.refund_request.reference}",
    )


def _prepared(file_id: UUID, actor: User) -> PaymentFile:
    """Lock a file that still waits; the lock on its currency keeps whoever collects meanwhile from its transfers.

    :raises PaymentFile.DoesNotExist: to a stranger too
    """
    file = files_visible_to(actor).get(pk=file_id)
    _one_at_a_time(file.currency)
    file = PaymentFile.objects.get(pk=file_id)
    if file.state != FileState.PREPARED:
        raise OutOfDate("out_of_date", said("This file is {state} by now.", state=inside(file.get_state_display())))
    return file


def _one_at_a_time(currency: str) -> None:
    """Let one person work on the files of a currency at a time; taken before any row, so nobody waits in a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"payment files:{currency}"])


def _want(actor: User, right: str) -> None:
    if not actor.has_perm(right):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=right))


def _sum(file: PaymentFile) -> str:
    return f"{file.transfer_count} transfers, {Money(file.total_minor, file.currency)}"


def _record(file: PaymentFile, kind: str, actor: User, at: datetime, sentence: str) -> None:
    ledger.record(
        subject=file.subject,
        kind=kind,
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "sha256": file.sha256,
            "transfers": file.transfer_count,
            "total_minor": file.total_minor,
            "currency": file.currency,
        },
    )
