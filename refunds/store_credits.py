"""What customers may spend in the shop: the sum of their store credits, for each currency by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from config.kernel.money import Money

from .models import StoreCredit

if TYPE_CHECKING:
    from .models import Customer


def balance_of(customer: Customer, currency: str) -> Money:
    """Add up what this customer was given in one currency."""
    given = StoreCredit.objects.filter(customer=customer, currency=currency)
    return Money(int(given.aggregate(minor=Sum("amount_minor", default=0))["minor"]), currency)
