"""The keys of what a pasted word may name, each way by an index of its own.

Asked as one condition over joined tables, every row of them would be put together and looked at; so each way answers
its keys, and only what they name is read. Who may see it is asked by whoever reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Q

from .models import Customer, Operation, Order, Payment, RefundRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Keys: TypeAlias = QuerySet[Any, Any]


def requests_by_id(text: str) -> Keys:
    """Requests by their whole reference, or by the processor's of their refund."""
    return _either(
        RefundRequest.objects.filter(reference=text.upper()).values("pk"),
        Operation.objects.filter(external_id=text).values("refund_request"),
    )


def requests_by_words(text: str, *, is_typed: bool = False) -> Keys:
    """Requests by reference, order or customer; while it is typed the beginning of a reference is enough."""
    reference = Q(reference__startswith=text.upper()) if is_typed else Q(reference=text.upper())
    customers = Q(name__icontains=text) if is_typed else Q(name__icontains=text) | Q(external_id=text)
    return _either(
        RefundRequest.objects.filter(reference).values("pk"),
        RefundRequest.objects.filter(order__in=Order.objects.filter(external_id=text)).values("pk"),
        RefundRequest.objects.filter(customer__in=Customer.objects.filter(customers)).values("pk"),
    )


def orders_by_id(text: str) -> Keys:
    """Orders by their whole number, or by the processor's of their charge."""
    return _either(Order.objects.filter(external_id__iexact=text).values("pk"), _charged(text))


def orders_by_words(text: str) -> Keys:
    """Orders by number, customer, e-mail, charge or the last four digits of a card."""
    customers = Q(email__iexact=text) | Q(external_id=text) | Q(name__icontains=text)
    ways = [
        Order.objects.filter(external_id__iexact=text).values("pk"),
        Order.objects.filter(customer__in=Customer.objects.filter(customers)).values("pk"),
        _charged(text),
    ]
    if len(text) == len("4242") and text.isdigit():
        ways.append(Payment.objects.filter(last4=text).values("order"))
    return _either(*ways)


def orders_by_beginning(text: str) -> Keys:
    """Orders by the beginning of their number, or by their charge."""
    return _either(Order.objects.filter(external_id__istartswith=text).values("pk"), _charged(text))


def _charged(text: str) -> Keys:
    return Payment.objects.filter(external_id=text).values("order")


def _either(first: Keys, *others: Keys) -> Keys:
    return first.order_by().union(*(one.order_by() for one in others))
