"""Keep what somebody is about to ask for; nothing is reserved and nobody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import NotPermitted
from config.kernel.wording import said

from . import intake, lifecycle
from .entitlement import locked_for
from .models import Payment
from .permissions import orders_visible_to
from .selectors import own_draft

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .models import RefundRequest


@transaction.atomic(durable=True)
def save_draft(*, draft: intake.Draft, reference: str, actor: User, at: datetime) -> RefundRequest:
    """Keep a draft: a new one when `reference` is empty, else the one of that name.

    :raises Refused: with every reason at once; the kept draft stays as it was
    """
    if not reference:
        return intake.open_draft(draft=draft, actor=actor, at=at)
    refund_request = locked_for(reference, actor)
    if refund_request.requested_by_id != actor.pk:
        raise NotPermitted("not_permitted", said("Only the person who opened a draft changes it."))
    intake.change_draft(refund_request=refund_request, draft=draft, actor=actor, at=at)
    return lifecycle.hold_locked(request_id=refund_request.pk)


@transaction.atomic(durable=True)
def keep_draft(*, draft: intake.Draft, actor: User, at: datetime) -> RefundRequest:
    """Keep the one draft this person has on an order, as the intake form does at every change.

    The order stays locked, so that two changes in the same instant are one draft; its payments are locked first, as
    whoever brings news of the order does, or the two would wait for each other.

    :raises Refused: with every reason at once; the kept draft stays as it was
    """
    orders = orders_visible_to(actor).filter(channel=draft.channel, external_id=draft.order)
    list(Payment.objects.filter(order__in=orders).select_for_update(of=("self",)).order_by("pk"))
    order = orders.select_for_update(no_key=True, of=("self",)).first()
    kept = own_draft(actor, order) if order is not None else None
    if kept is None:
        return intake.open_draft(draft=draft, actor=actor, at=at)
    refund_request = lifecycle.hold_locked(request_id=kept.pk)
    intake.change_draft(refund_request=refund_request, draft=draft, actor=actor, at=at)
    return lifecycle.hold_locked(request_id=refund_request.pk)
