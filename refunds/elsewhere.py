"""What left on an order's payments without an operation of ours, taken off what may still be asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, Sum

from approvals.vocabulary import Category
from policies.models import GovernedAction
from policies.vocabulary import ActionState, Explanation

from .models import Payment, ShopRefund

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

LEFT = Q(state=ActionState.DONE) | Q(state__in=[ActionState.OBSERVED, ActionState.EXPLAINED], failure="")
"""Refunds made elsewhere that are still gone: asked about or not, explained or not, and not come back."""


def hold_payments(order_id: int) -> list[Payment]:
    """Lock the payments of an order; nothing else may be locked before them."""
    return list(Payment.objects.select_for_update(of=("self",)).filter(order=order_id).order_by("pk"))


def count_elsewhere(payments: Sequence[Payment]) -> None:
    """Write on the locked payments of one order what left of them elsewhere, counted anew from what is on record.

    1. What the processor showed counts on the payment it names.
    2. A shop names an order, and may speak of the very refunds the processor showed: only what it shows beyond them
       counts, on the first payments that have as much.
    """
    told = _by_processor(payments)
    beyond = _by_shop(payments) - sum(told.values())
    for payment in payments:
        room = payment.captured_minor - told[payment.pk]
        taken = max(min(beyond, room), 0)
        beyond -= taken
        elsewhere_minor = told[payment.pk] + taken
        if payment.elsewhere_minor != elsewhere_minor:
            payment.elsewhere_minor = elsewhere_minor
            payment.save(update_fields=["elsewhere_minor"])


@transaction.atomic(durable=True)
def count_again(*, action_id: UUID) -> None:
    """Count anew what left of an order once finance explained what a shop had shown of it."""
    shown = ShopRefund.objects.filter(action=action_id).first()
    if shown is not None:
        count_elsewhere(hold_payments(shown.order_id))


def _by_processor(payments: Sequence[Payment]) -> Counter[int]:
    by_name = {(payment.gateway, payment.external_id, payment.currency): payment.pk for payment in payments}
    rows = (
        GovernedAction.objects.filter(LEFT, category=Category.REFUND, about__in=[one.external_id for one in payments])
        .exclude(external_id="")
        .values_list("gateway", "about", "currency", "amount_minor")
    )
    told: Counter[int] = Counter()
    for gateway, about, currency, amount_minor in rows:
        pk = by_name.get((gateway, about, currency))
        if pk is not None:
            told[pk] += amount_minor
    return told


def _by_shop(payments: Sequence[Payment]) -> int:
    if not payments:
        return 0
    first = payments[0]
    shown = ShopRefund.objects.filter(order=first.order_id, currency=first.currency, action__isnull=False)
    # What finance found to be our own money, written down there a second time, left once.
    shown = shown.exclude(action__explanation=Explanation.MIRROR)
    return int(shown.aggregate(minor=Sum("amount_minor", default=0))["minor"])
