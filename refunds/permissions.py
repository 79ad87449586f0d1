"""May this person see this request, and which ones may she see: one answer for list, page and API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from config.kernel.people import team_ids_of

from .models import (
    Customer,
    Delivery,
    Erasure,
    LegalHold,
    Operation,
    Order,
    RefundRequest,
    ShopConnection,
    WebhookDelivery,
    WebhookEndpoint,
)

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


def customers_in_reach(user: User) -> QuerySet[Customer]:
    """Narrow customers to those who bought from the teams this person works for."""
    return Customer.objects.filter(pk__in=orders_visible_to(user).values("customer"))


def erasures_visible_to(user: User) -> QuerySet[Erasure]:
    """Narrow erasures to customers of the teams this person works for; a service account sees what it asked for."""
    if not user.has_perm("refunds.view_erasure"):
        return Erasure.objects.none()
    if user.is_service_account:
        return Erasure.objects.filter(asked_by=user)
    return Erasure.objects.filter(customer__in=customers_in_reach(user))


def holds_visible_to(user: User) -> QuerySet[LegalHold]:
    """Narrow legal holds to those over the teams this person works for, their requests and their customers."""
    if not user.has_perm("refunds.view_legalhold"):
        return LegalHold.objects.none()
    teams = team_ids_of(user)
    return LegalHold.objects.filter(
        Q(customer__in=customers_in_reach(user)) | Q(refund_request__team__in=teams) | Q(team__in=teams)
    )


def endpoints_visible_to(user: User) -> QuerySet[WebhookEndpoint]:
    """Narrow webhook endpoints to those of the teams this person works for, and of all teams."""
    if not user.has_perm("refunds.view_webhookendpoint"):
        return WebhookEndpoint.objects.none()
    return WebhookEndpoint.objects.filter(Q(team__isnull=True) | Q(team_id__in=team_ids_of(user)))


def webhook_deliveries_visible_to(user: User) -> QuerySet[WebhookDelivery]:
    """Narrow deliveries to endpoints this person may see, and there to what is told of her teams or of none."""
    if not user.has_perm("refunds.view_webhookdelivery"):
        return WebhookDelivery.objects.none()
    of_hers = Q(announcement__team__isnull=True) | Q(announcement__team_id__in=team_ids_of(user))
    return WebhookDelivery.objects.filter(of_hers, endpoint__in=endpoints_visible_to(user))


def shops_visible_to(user: User) -> QuerySet[ShopConnection]:
    """Narrow connected shops to those of the teams this person works for."""
    if not user.has_perm("refunds.view_shopconnection"):
        return ShopConnection.objects.none()
    return ShopConnection.objects.filter(team_id__in=team_ids_of(user))


def deliveries_visible_to(user: User) -> QuerySet[Delivery]:
    """Narrow incoming webhooks to those of processors, which are of no team, and of the shops of her teams."""
    if not user.has_perm("refunds.view_delivery"):
        return Delivery.objects.none()
    return Delivery.objects.filter(Q(connection__isnull=True) | Q(connection__team_id__in=team_ids_of(user)))
