"""Take an incoming message up again that waits for a person, once she has looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.outbox import publish
from config.kernel.refusals import OutOfDate
from config.kernel.wording import said
from refunds.models import Delivery
from refunds.outgoing.entitlement import check_may
from refunds.permissions import deliveries_visible_to
from refunds.vocabulary import DeliveryState

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User


@transaction.atomic
def take_up_again(*, delivery_id: UUID, actor: User) -> Delivery:
    """Read again what a message hints at; what has not changed since comes back to whoever looked.

    :raises NotPermitted: without the right
    :raises OutOfDate: when it does not wait for a person
    """
    check_may(actor, "refunds.retry_delivery")
    of_shops = deliveries_visible_to(actor).filter(connection__isnull=False)
    waiting = of_shops.filter(pk=delivery_id, state=DeliveryState.NEEDS_PERSON)
    delivery = waiting.select_for_update(of=("self",)).first()
    if delivery is None:
        raise OutOfDate("out_of_date", said("This message does not wait for a person."))
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.RECEIVED, note="", handled_at=None)
    publish("shop_delivery.received", delivery_id=delivery.pk)
    return delivery
