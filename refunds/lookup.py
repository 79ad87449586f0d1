"""From whatever somebody pastes or types to the things it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from .models import Customer
from .money_trail.finding import page_of_money
from .named import orders_by_beginning, orders_by_id, requests_by_id, requests_by_words
from .permissions import orders_visible_to, visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import User

    from .models import Order, RefundRequest

FILES = "refunds.submit_refundrequest"


def straight_to(viewer: User, text: str) -> str:
    """Tell the address of the one thing whose id this is: a request, its refund, an order, its charge, or its money.

    Money is named by the id or key of an operation, a balance transaction or a payout. Empty for anything else.
    """
    if not text:
        return ""
    requests = list(visible_to(viewer).filter(pk__in=requests_by_id(text))[:2])
    if len(requests) == 1:
        return requests[0].get_absolute_url()
    orders = list(orders_visible_to(viewer).filter(pk__in=orders_by_id(text))[:2])
    if len(orders) == 1 and not requests:
        return page_of_order(viewer, orders[0])
    return "" if orders or requests else page_of_money(viewer, text)


def page_of_order(viewer: User, order: Order) -> str:
    """Tell where this viewer reads of an order: where she may ask for its money, else in the list of requests."""
    if viewer.has_perm(FILES):
        return reverse("refunds:intake_order", args=[order.channel, order.external_id])
    return reverse("refunds:requests", query={"q": order.external_id})


def page_of_customer(viewer: User, customer: Customer) -> str:
    """Tell where this viewer reads of a customer."""
    where = "refunds:intake" if viewer.has_perm(FILES) else "refunds:requests"
    return reverse(where, query={"q": customer.external_id})


def requests_named(viewer: User, text: str, *, most: int) -> list[RefundRequest]:
    """List requests by the beginning of their reference, their order or their customer, newest first."""
    found = visible_to(viewer).filter(pk__in=requests_by_words(text, is_typed=True))
    return list(found.select_related("customer").order_by("-created_at", "-id")[:most])


def requests_by_reference(viewer: User, references: Sequence[str]) -> list[RefundRequest]:
    """List these requests in the order they were named, without those she may not see."""
    if not references:
        return []
    found = {
        row.reference: row for row in visible_to(viewer).filter(reference__in=references).select_related("customer")
    }
    return [found[reference] for reference in references if reference in found]


def orders_named(viewer: User, text: str, *, most: int) -> list[Order]:
    """List orders by number or charge, newest first."""
    found = orders_visible_to(viewer).filter(pk__in=orders_by_beginning(text))
    return list(found.select_related("customer").order_by("-placed_at", "-pk")[:most])


def customers_named(viewer: User, text: str, *, most: int) -> list[Customer]:
    """List customers with an order that this viewer may see."""
    named = Q(name__icontains=text) | Q(email__iexact=text) | Q(external_id=text)
    seen = orders_visible_to(viewer).filter(customer__isnull=False).values("customer")
    return list(Customer.objects.filter(named, pk__in=seen).order_by("name", "pk")[:most])
