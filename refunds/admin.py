"""Orders, requests and money in the admin site: read, never written, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.template.loader import render_to_string

from config.kernel.admin_pages import ReadOnlyAdmin, money, person_of
from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.wording import said

from .admin_books import GLAccountAdmin
from .admin_breaks import BreakAdmin, BreakLimitAdmin, BreakPromiseAdmin
from .admin_deliveries import DeliveryAdmin
from .admin_evidence import EvidenceRequirementAdmin
from .admin_helpdesks import HelpdeskAdmin
from .admin_mappings import ColumnMappingAdmin
from .admin_shops import ShopConnectionAdmin
from .admin_webhook_deliveries import WebhookDeliveryAdmin
from .admin_webhooks import WebhookEndpointAdmin
from .models import Operation, Order, Payment, RefundRequest, Statement
from .permissions import operations_visible_to, orders_visible_to, visible_to

__all__ = [
    "BreakAdmin",
    "BreakLimitAdmin",
    "BreakPromiseAdmin",
    "ColumnMappingAdmin",
    "DeliveryAdmin",
    "EvidenceRequirementAdmin",
    "GLAccountAdmin",
    "HelpdeskAdmin",
    "ShopConnectionAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin[RefundRequest]):
    """Every request with its life."""

    list_display = ["reference", "state", "team", money("requested_minor"), "reason", "requested_by", "created_at"]
    list_select_related = ["team", "reason", "requested_by"]
    list_filter = ["state", "team"]
    search_fields = ["reference__exact"]
    ordering = ["-created_at"]
    readonly_fields = ["positions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundRequest]:
        """Show what the person could open elsewhere."""
        return visible_to(person_of(request))

    @admin.display
    def positions(self, refund_request: RefundRequest) -> str:
        """Show what comes back."""
        rows = [
            [
                line.order_line,
                line.quantity,
                line.get_condition_display(),
                Money(line.amount_minor, refund_request.currency),
            ]
            for line in refund_request.lines.select_related("order_line")
        ]
        return _table(
            said("What comes back"), [said("Position"), said("Quantity"), said("Condition"), said("Amount")], rows
        )


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin[Operation]):
    """Every instruction to move money."""

    list_display = [
        "created_at",
        "refund_request",
        "state",
        money("amount_minor"),
        "gateway",
        "attempt_count",
        "external_id",
    ]
    list_select_related = ["refund_request"]
    list_filter = ["state", "gateway"]
    search_fields = ["external_id__exact", "refund_request__reference__exact"]
    ordering = ["-created_at"]
    readonly_fields = ["tries"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        """Show what the person could open elsewhere."""
        return operations_visible_to(person_of(request))

    @admin.display
    def tries(self, operation: Operation) -> str:
        """Show each try at moving the money."""
        rows = [[one.number, one.started_at, one.ended_at, one.outcome, one.detail] for one in operation.attempts.all()]
        return _table(
            said("Tries"), [said("Number"), said("Started"), said("Ended"), said("Outcome"), said("Detail")], rows
        )


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin[Payment]):
    """Captured charges with their balances; whoever may see an order may see its payments."""

    list_display = [
        "captured_at",
        "gateway",
        "external_id",
        "order",
        money("captured_minor"),
        money("refunded_minor"),
        money("reserved_minor"),
        money("elsewhere_minor"),
        "refundable",
    ]
    list_select_related = ["order"]
    list_filter = ["gateway", "currency"]
    search_fields = ["external_id__exact"]
    ordering = ["-captured_at"]

    def has_view_permission(self, request: HttpRequest, obj: Payment | None = None) -> bool:  # noqa: ARG002 - Django's
        """Ask as for its order."""
        return person_of(request).has_perm("refunds.view_order")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Ask as for its order."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        """Show those of the viewer's teams."""
        return Payment.objects.filter(order__team_id__in=team_ids_of(person_of(request)))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin[Order]):
    """Orders as the shops sent them."""

    list_display = ["external_id", "channel", "team", "customer", "placed_at", "delivered_at", "currency"]
    list_select_related = ["team", "customer"]
    list_filter = ["channel", "team"]
    search_fields = ["external_id__exact"]
    ordering = ["-placed_at"]
    readonly_fields = ["positions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Show what the person could open elsewhere."""
        return orders_visible_to(person_of(request))

    @admin.display
    def positions(self, order: Order) -> str:
        """Show what was sold, and how much of it came back or is spoken for."""
        rows = [
            [
                line.line,
                line.title or line.sku,
                line.quantity,
                line.refunded_quantity,
                line.reserved_quantity,
                Money(line.unit_price_minor, order.currency),
            ]
            for line in order.lines.order_by("pk")
        ]
        return _table(
            said("What was sold"),
            [said("Line"), said("Title"), said("Sold"), said("Came back"), said("Reserved"), said("Price of one")],
            rows,
        )


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    """Files that finance uploaded."""

    list_display = [
        "uploaded_at",
        "account",
        "filename",
        "line_count",
        money("net_minor"),
        "brought_by",
        "is_imported",
        "undone_at",
    ]
    list_select_related = ["uploaded_by"]
    list_filter = ["account"]
    search_fields = ["filename", "sha256__exact"]
    ordering = ["-uploaded_at"]


def _table(caption: str, columns: list[str], rows: list[list[Any]]) -> str:
    return render_to_string("admin/refunds/rows.html", {"caption": caption, "columns": columns, "rows": rows})
