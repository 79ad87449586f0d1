"""What was told to systems outside, with every try, in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from config.kernel.admin_pages import ReadOnlyAdmin, answers_refusals, person_of
from config.kernel.wording import said

from .models import WebhookDelivery
from .outgoing import resending
from .outgoing.selectors import deliveries_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin[WebhookDelivery]):
    """What was told to whom, with every try."""

    list_display = ["created_at", "event", "endpoint", "state", "attempt_count", "last_status", "next_try_at"]
    list_filter = ["state", "announcement__event", "endpoint"]
    search_fields = ["announcement__id__exact"]
    ordering = ["-created_at", "-id"]
    change_form_template = "admin/refunds/webhookdelivery/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """Show what this person could see over the API."""
        return deliveries_of(person_of(request))

    def get_urls(self) -> list[URLPattern]:
        """Give sending again an address."""
        again = self.admin_site.admin_view(require_POST(self.again))
        return [path("<uuid:pk>/again/", again, name="refunds_webhookdelivery_again"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put the message and its tries on the page."""
        delivery = kwargs.get("obj")
        told = {} if delivery is None else {"delivery": delivery, "attempts": list(delivery.attempts.all())}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)

    @answers_refusals
    def again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send one message again."""
        delivery = resending.send_again(delivery_id=pk, actor=person_of(request), at=timezone.now())
        self.message_user(request, said("It is on its way again, under the id it had."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:refunds_webhookdelivery_change", args=[delivery.pk]))

    @admin.display(description=gettext_lazy("event"), ordering="announcement__event")
    def event(self, delivery: WebhookDelivery) -> str:
        """Name what is told."""
        return delivery.announcement.event
