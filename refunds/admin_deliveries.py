"""What processors and shops told us, and what became of it, in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from config.kernel.admin_pages import ReadOnlyAdmin, answers_refusals, person_of
from config.kernel.wording import said

from .models import Delivery
from .permissions import deliveries_visible_to
from .webhooks import retaking

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Incoming webhooks; what waits for a person says why, and is taken up again by a button."""

    list_display = ["received_at", "source", "connection", "event_type", "object_id", "state", "tries", "note"]
    list_select_related = ["connection"]
    list_filter = ["state", "source", "connection"]
    search_fields = ["event_id__exact", "object_id__exact"]
    ordering = ["-received_at", "-id"]
    fields = [
        "source", "connection", "event_id", "event_type", "object_id", "state", "note", "tries", "received_at",
        "handled_at",
    ]  # fmt: skip
    change_form_template = "admin/refunds/delivery/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Show those of processors, and of the shops of her teams."""
        return deliveries_visible_to(person_of(request))

    def get_urls(self) -> list[URLPattern]:
        """Give taking up again an address."""
        again = self.admin_site.admin_view(require_POST(self.again))
        return [path("<uuid:pk>/again/", again, name="refunds_delivery_again"), *super().get_urls()]

    @answers_refusals
    def again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take one message up again."""
        delivery = retaking.take_up_again(delivery_id=pk, actor=person_of(request))
        self.message_user(request, said("It is being read again."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:refunds_delivery_change", args=[delivery.pk]))
