"""May this person see this request, and which ones may she see: one answer for list, page and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.people import team_ids_of

from .models import Operation, Order, RefundRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User


def visible_to(user: User) -> QuerySet[RefundRequest]:
    """Narrow requests to the teams this person works for; a service account sees only what it filed itself."""
    if not user.has_perm("refunds.view_refundrequest"):
        return RefundRequest.objects.none()
    requests = RefundRequest.objects.filter(team_id__in=team_ids_of(user))
    return requests.filter(requested_by=user) if user.is_service_account else requests


def orders_visible_to(user: User) -> QuerySet[Order]:
    """Narrow orders to the teams this person works for."""
    if not user.has_perm("refunds.view_order"):
        return Order.objects.none()
    return Order.objects.filter(team_id__in=team_ids_of(user))


def operations_visible_to(user: User) -> QuerySet[Operation]:
    """Narrow operations to the teams this person works for."""
    if not user.has_perm("refunds.view_operation"):
        return Operation.objects.none()
    return Operation.objects.filter(refund_request__team_id__in=team_ids_of(user))
