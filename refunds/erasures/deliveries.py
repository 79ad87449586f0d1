"""What a processor tells again about somebody who was erased: that it came is kept, its words are not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Q

from refunds.models import Delivery, Payment

if TYPE_CHECKING:
    from uuid import UUID

_IDS = re.compile(rb'"((?:pi|ch|py|re|pyr)_[A-Za-z0-9_-]{3,110})"')


def forget_body_of_the_erased(delivery_id: UUID) -> bool:
    """Empty the raw body of a delivery that names a payment or refund of an erased customer; answers whether it did.

    The body is not needed to apply a delivery: the refund is read again at the processor.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    ids = {found.decode() for found in _IDS.findall(bytes(delivery.raw))} | {delivery.object_id}
    theirs = Payment.objects.filter(
        Q(external_id__in=ids) | Q(operations__external_id__in=ids), order__customer__erased_at__isnull=False
    )
    if not theirs.exists():
        return False
    return bool(Delivery.objects.filter(pk=delivery_id).exclude(raw=b"").update(raw=b""))
