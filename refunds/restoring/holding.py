"""Keep all money here after a restore, under a freeze that whoever set it cannot lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from approvals.freezing import hold_freezes
from approvals.models import FreezeSwitch
from approvals.services.freezes import SETS, Target, put_freeze
from approvals.vocabulary import FreezeScope
from config.kernel.refusals import NotPermitted
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.models import LedgerEntry
from refunds import lifecycle
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.models import Operation, Restore
from refunds.vocabulary import OperationState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND = "restore"
WHY = "The database was restored from a backup. Money waits until the processors were asked what left since."
LOOK_AT_THE_BANK = "Restored from a backup: look at the bank whether this was paid before it goes into a file."


@transaction.atomic(durable=True)
def hold_after_restore(*, actor: User, at: datetime) -> Restore:
    """Freeze everything and write down until where our memory goes. Speaking it again answers the hold that is on.

    1. The freeze “Everything”, one that was in the backup too, is lifted by nobody before the processors were asked,
       and then not by whoever set it.
    2. No processor can be asked about a bank transfer: each that waits for its file goes to a person.

    :raises NotPermitted: without the right to freeze
    """
    if not actor.has_perm(SETS):
        raise NotPermitted("not_permitted", f"This needs the right “{SETS}”.")
    waiting = Operation.objects.filter(gateway=ManualBankTransfer.name, state=OperationState.READY)
    for operation_id, request_id in list(waiting.order_by("refund_request").values_list("pk", "refund_request_id")):
        _give_to_a_person(operation_id, request_id, actor, at)
    hold_freezes()
    standing = Restore.objects.filter(asked_at__isnull=True, switch__lifted_at__isnull=True).first()
    if standing is not None:
        return standing
    data_until = LedgerEntry.objects.aggregate(until=Max("recorded_at"))["until"] or at
    switch = FreezeSwitch.objects.filter(scope=FreezeScope.EVERYTHING, lifted_at__isnull=True).first()
    if switch is None:
        switch = put_freeze(target=Target(scope=FreezeScope.EVERYTHING), why=WHY, actor=actor, at=at)
    FreezeSwitch.objects.filter(pk=switch.pk).update(is_four_eyes=True, is_held=True, set_by=actor)
    restore = Restore.objects.create(switch=switch, data_until=data_until, held_at=at)
    ledger.record(
        subject=Subject(KIND, restore.pk),
        kind=f"{KIND}.held",
        actor=actor,
        at=at,
        sentence=f"held all money after a restore; what is known here ends at {data_until:%Y-%m-%d %H:%M:%S} UTC.",
        data={"switch": str(switch.pk), "data_until": data_until.isoformat()},
    )
    return restore


def _give_to_a_person(operation_id: UUID, request_id: UUID, actor: User, at: datetime) -> None:
    refund_request = lifecycle.hold_locked(request_id=request_id)
    operation = Operation.objects.select_for_update().filter(pk=operation_id, state=OperationState.READY).first()
    if operation is None or operation.failure_reason == LOOK_AT_THE_BANK:
        return
    operation.state = OperationState.NEEDS_PERSON
    operation.failure_reason = LOOK_AT_THE_BANK
    operation.save(update_fields=["state", "failure_reason"])
    ledger.record(
        subject=refund_request.subject,
        kind="operation.held_after_restore",
        actor=actor,
        at=at,
        sentence="gave the bank transfer to a person: it may have been paid in the time that a restore lost.",
        data={"operation": str(operation.pk)},
    )
