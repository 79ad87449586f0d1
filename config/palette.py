"""The palette: a few letters, and Enter goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.urls import reverse
from django.views.decorators.http import require_safe

from config.kernel.recent import recent_references
from config.kernel.web import PersonRequest, page, render_page
from config.kernel.wording import said, told
from config.navigation import ways_open_to
from refunds.lookup import (
    customers_named,
    orders_named,
    page_of_customer,
    page_of_order,
    requests_by_reference,
    requests_named,
    straight_to,
)

if TYPE_CHECKING:
    from django.http import HttpResponse

    from config.kernel.people import User
    from refunds.models import RefundRequest

MOST = 8
"""Of each group."""

SHORTEST = 2
"""Of one letter everything is named."""

LONGEST = 120


class Choice(NamedTuple):
    """One line of the palette and where it leads."""

    label: str
    note: str
    url: str


@page()
@require_safe
def palette(request: PersonRequest) -> HttpResponse:
    """List what the typed text names, of what this viewer may see; without text, what she opened last."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    groups = _named(request.user, text) if len(text) >= SHORTEST else []
    if not text:
        opened = requests_by_reference(request.user, recent_references(request.session))
        groups = [(said("Opened last"), [_of_request(row) for row in opened])]
    groups.append((said("Screens"), _screens(request.user, text)))
    context = {"text": text, "groups": [(label, choices) for label, choices in groups if choices]}
    return render_page(request, "palette.html", context, fragment="choices")


def _named(viewer: User, text: str) -> list[tuple[str, list[Choice]]]:
    straight = straight_to(viewer, text)
    return [
        (said("Exactly this"), [Choice(text, "", straight)] if straight else []),
        (said("Requests"), [_of_request(row) for row in requests_named(viewer, text, most=MOST)]),
        (
            said("Orders"),
            [
                Choice(order.external_id, str(order.customer or ""), page_of_order(viewer, order))
                for order in orders_named(viewer, text, most=MOST)
            ],
        ),
        (
            said("Customers"),
            [
                Choice(str(customer), customer.email, page_of_customer(viewer, customer))
                for customer in customers_named(viewer, text, most=MOST)
            ],
        ),
    ]


def _of_request(row: RefundRequest) -> Choice:
    return Choice(
        row.reference,
        said(
            "{customer} {amount} · {state}",
            customer=row.customer or "",
            amount=row.amount,
            state=row.get_state_display(),
        ),
        row.get_absolute_url(),
    )


def _screens(viewer: User, text: str) -> list[Choice]:
    words = text.lower()
    ways = [entry for entries in ways_open_to(viewer).values() for entry in entries]
    found = [Choice(entry.label, "", reverse(entry.address)) for entry in ways if words in told(entry.label).lower()]
    return found[:MOST] if text else found
