"""Let approved money go that the policy keeps for one more pair of eyes: in batches, by somebody with no part in it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction

from approvals.services.routing import involve
from approvals.vocabulary import Part
from config.kernel.outbox import publish
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds import lifecycle
from refunds.entitlement import has_signed
from refunds.models import Operation, Release
from refunds.permissions import operations_visible_to

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import RefundRequest

MAY_RELEASE = "refunds.add_release"
MOST_AT_ONCE = 100


@transaction.atomic(durable=True)
def release_operations(*, operation_ids: Collection[UUID], actor: User, at: datetime) -> list[Release]:
    """Release what waits, whole or not at all; answers one batch for each currency.

    :raises NotPermitted: without the right, or `self_approval` naming a request the actor had a part in
    :raises OutOfDate: naming a request of which nothing waits any more
    :raises Refused: for nothing, or for more than `MOST_AT_ONCE`
    """
    if not actor.has_perm(MAY_RELEASE):
        raise NotPermitted("not_permitted", said("Releasing money needs the right “{right}”.", right=MAY_RELEASE))
    if not 0 < len(operation_ids) <= MOST_AT_ONCE:
        raise Refused(
            "refused",
            said("Choose between 1 and {most} payments to release.", most=MOST_AT_ONCE),
            "operation",
        )
    found = operations_visible_to(actor).filter(pk__in=operation_ids)
    request_ids = sorted(found.values_list("refund_request_id", flat=True))
    if len(request_ids) != len(set(operation_ids)):
        raise OutOfDate("out_of_date", said("Not all of these payments are there; look at the board again."))
    waiting = [_waiting(request_id, operation_ids, actor) for request_id in request_ids]
    by_currency: defaultdict[str, list[tuple[RefundRequest, Operation]]] = defaultdict(list)
    for refund_request, operation in waiting:
        by_currency[operation.currency].append((refund_request, operation))
    return [_let_go(currency, batch, actor, at) for currency, batch in sorted(by_currency.items())]


def _waiting(request_id: UUID, operation_ids: Collection[UUID], actor: User) -> tuple[RefundRequest, Operation]:
    refund_request = lifecycle.hold_locked(request_id=request_id)
    if has_signed(actor, refund_request):
        sentence = said(
            "You had a part in {reference}. Leave it out; somebody else must release it.",
            reference=refund_request.reference,
        )
        raise NotPermitted("self_approval", sentence)
    operation = Operation.objects.select_for_update().get(refund_request=refund_request, pk__in=operation_ids)
    if not operation.is_unreleased:
        raise OutOfDate(
            "out_of_date",
            said("Nothing of {reference} waits to be released any more.", reference=refund_request.reference),
        )
    return refund_request, operation


def _let_go(currency: str, batch: list[tuple[RefundRequest, Operation]], actor: User, at: datetime) -> Release:
    release = Release.objects.create(
        currency=currency,
        operation_count=len(batch),
        total_minor=sum(operation.amount_minor for _, operation in batch),
        released_by=actor,
        released_at=at,
    )
    for refund_request, operation in batch:
        operation.awaits_release, operation.release = False, release
        operation.save(update_fields=["awaits_release", "release"])
        involve(subject=refund_request.subject, person=actor, part=Part.PAYER, at=at)
        ledger.record(
            subject=refund_request.subject,
            kind="operation.released",
            actor=actor,
            at=at,
            sentence=f"released {operation.amount}, in a batch of {len(batch)} over {release.total}.",
            data={"operation": str(operation.pk), "release": str(release.pk), "total_minor": release.total_minor},
        )
        publish("operation.queued", due_at=operation.recall_until, operation_id=operation.pk)
    return release
