"""Orders, requests and money in the admin site: read, never written, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model

from config.kernel.admin_pages import ReadOnlyAdmin, person_of
from config.kernel.money import Money
from config.kernel.people import team_ids_of

from .models import Attempt, Operation, Order, OrderLine, Payment, RefundLine, RefundRequest, Statement
from .permissions import operations_visible_to, orders_visible_to, visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class Rows(admin.TabularInline[Model, Model]):
    """Rows under a record, as closed as the record itself."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Offer none."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Refuse it."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's
        """Show them to whoever may see the record."""
        return True


class OrderLines(Rows):
    """What was sold."""

    model = OrderLine
    fields = ["line", "sku", "title", "quantity", "refunded_quantity", "reserved_quantity", "price", "final_sale"]
    readonly_fields = ["price"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Load the currency with the lines."""
        return super().get_queryset(request).select_related("order")

    @admin.display(description="price of one")
    def price(self, line: OrderLine) -> str:
        """Print the price of one piece."""
        return str(Money(line.unit_price_minor, line.order.currency))


class RefundLines(Rows):
    """What comes back."""

    model = RefundLine
    fields = ["order_line", "quantity", "condition", "amount"]
    readonly_fields = ["amount"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Load what the rows print."""
        return super().get_queryset(request).select_related("order_line", "refund_request")

    @admin.display
    def amount(self, line: RefundLine) -> str:
        """Print what the pieces cost."""
        return str(Money(line.amount_minor, line.refund_request.currency))


class Attempts(Rows):
    """Each try at moving the money."""

    model = Attempt
    fields = ["number", "started_at", "ended_at", "outcome", "detail"]


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin[RefundRequest]):
    """Every request with its life."""

    list_display = ["reference", "state", "team", "requested", "reason", "requested_by", "created_at"]
    list_select_related = ["team", "reason", "requested_by"]
    list_filter = ["state", "team"]
    search_fields = ["reference__exact"]
    search_help_text = "A whole reference, such as RR-7F3K."
    ordering = ["-created_at"]
    inlines = [RefundLines]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefundRequest]:
        """Show what the person could open elsewhere."""
        return visible_to(person_of(request))

    @admin.display(ordering="requested_minor")
    def requested(self, refund_request: RefundRequest) -> str:
        """Print what was asked for."""
        return str(Money(refund_request.requested_minor, refund_request.currency))


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin[Operation]):
    """Every instruction to move money."""

    list_display = ["created_at", "refund_request", "state", "amount", "gateway", "attempt_count", "external_id"]
    list_select_related = ["refund_request"]
    list_filter = ["state", "gateway"]
    search_fields = ["external_id__exact", "refund_request__reference__exact"]
    ordering = ["-created_at"]
    inlines = [Attempts]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        """Show what the person could open elsewhere."""
        return operations_visible_to(person_of(request))


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin[Payment]):
    """Captured charges with their balances; whoever may see an order may see its payments."""

    list_display = ["captured_at", "gateway", "external_id", "order", "captured", "refunded", "reserved", "refundable"]
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

    @admin.display(ordering="captured_minor")
    def captured(self, payment: Payment) -> str:
        """Print what was paid."""
        return str(Money(payment.captured_minor, payment.currency))

    @admin.display(ordering="refunded_minor")
    def refunded(self, payment: Payment) -> str:
        """Print what went back."""
        return str(Money(payment.refunded_minor, payment.currency))

    @admin.display(ordering="reserved_minor")
    def reserved(self, payment: Payment) -> str:
        """Print what open requests hold."""
        return str(Money(payment.reserved_minor, payment.currency))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin[Order]):
    """Orders as the shops sent them."""

    list_display = ["external_id", "channel", "team", "customer", "placed_at", "delivered_at", "currency"]
    list_select_related = ["team", "customer"]
    list_filter = ["channel", "team"]
    search_fields = ["external_id__exact"]
    search_help_text = "A whole order number."
    ordering = ["-placed_at"]
    inlines = [OrderLines]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Show what the person could open elsewhere."""
        return orders_visible_to(person_of(request))


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin[Statement]):
    """Files that finance uploaded."""

    list_display = ["uploaded_at", "account", "filename", "line_count", "net", "uploaded_by", "is_imported"]
    list_select_related = ["uploaded_by"]
    list_filter = ["account"]
    search_fields = ["filename", "sha256__exact"]
    ordering = ["-uploaded_at"]

    @admin.display(ordering="net_minor")
    def net(self, statement: Statement) -> str:
        """Print what the file adds up to."""
        return str(Money(statement.net_minor, statement.currency)) if statement.currency else ""
