"""Endpoints of webhooks in the admin site, with their health and everything that can be done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import admin_page, answers_refusals, person_of
from config.kernel.asking_again import asks_again
from config.kernel.wording import said
from evidence.ledger import timeline_of

from .admin_health import HealthAdmin, typed
from .models import WebhookEndpoint
from .outgoing import endpoints, resending, rotating
from .outgoing.forms import DisableForm, EndpointForm, ResendForm, RotateForm
from .outgoing.selectors import endpoints_with_health, latest_of, secrets_in_force

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from config.kernel.people import User

TEMPLATES = "admin/refunds/webhookendpoint"
SECRET = f"{TEMPLATES}/secret.html"


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(HealthAdmin[WebhookEndpoint]):
    """Never deleted: an endpoint that is not wanted any more is disabled."""

    form = EndpointForm
    list_display = [
        "__str__",
        "shape",
        "team",
        "hears",
        "standing",
        "last_success_at",
        "failures_in_a_row",
        "waiting",
        "failed",
    ]
    list_select_related = ["team"]
    list_filter = ["shape", "team"]
    search_fields = ["url", "description"]
    verbs = ("test", "resend", "rotate", "end_secret", "disable", "enable")
    fields = ["shape", "url", "description", "team", "events"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        """Show those of her teams, with what waits."""
        return endpoints_with_health(person_of(request))

    def add_outside(self, wish: Any, person: User, at: datetime) -> tuple[UUID, str]:
        """Add an endpoint; its secret is shown once."""
        saved, secret = endpoints.add_endpoint(wish=wish, actor=person, at=at)
        return saved.pk, secret

    def change_outside(self, outside: WebhookEndpoint, wish: Any, person: User, at: datetime) -> None:
        """Change an endpoint."""
        endpoints.change_endpoint(endpoint_id=outside.pk, wish=wish, actor=person, at=at)

    def right_to(self, verb: str) -> str:
        """Let whoever may send again do that alone."""
        return "refunds.resend_webhookdelivery" if verb in {"test", "resend"} else super().right_to(verb)

    @answers_refusals
    def health(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show how an endpoint fares, what it was told lately, and what can be done."""
        endpoint = self.hers(request, pk)
        context = {
            "title": said("Health of {name}", name=endpoint.host),
            "endpoint": endpoint,
            "secrets": secrets_in_force(endpoint, at=timezone.now()),
            "deliveries": latest_of(person_of(request), endpoint),
            "timeline": list(timeline_of(endpoint.subject)),
            "forms": {"resend": ResendForm(), "rotate": RotateForm(), "disable": DisableForm()},
        }
        return admin_page(self, request, f"{TEMPLATES}/health.html", context)

    @answers_refusals
    def test(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send a test event."""
        resending.send_test(endpoint_id=pk, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("A test is on its way; load this page again in a few seconds."))

    @answers_refusals
    def resend(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send again what failed since a moment."""
        since = typed(ResendForm(request.POST))["since"]
        count = resending.send_failed_again(endpoint_id=pk, since=since, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("{count} deliveries are sent again.", count=count))

    @answers_refusals
    @asks_again()
    def rotate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make a new secret and show it once."""
        hours = typed(RotateForm(request.POST))["overlap_hours"]
        secret = rotating.rotate_secret(
            endpoint_id=pk, overlap_hours=hours, actor=person_of(request), at=timezone.now()
        )
        return self.show_once(request, self.hers(request, pk), secret)

    @answers_refusals
    @asks_again()
    def end_secret(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let only the newest secret sign."""
        rotating.end_old_secret(endpoint_id=pk, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Only the newest secret signs from now on."))

    @answers_refusals
    def disable(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send nothing there any more."""
        because = typed(DisableForm(request.POST))["because"]
        endpoints.disable_endpoint(endpoint_id=pk, because=because, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Disabled."))

    @answers_refusals
    def enable(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let it hear again."""
        endpoints.enable_endpoint(endpoint_id=pk, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Enabled. What failed meanwhile can be sent again below."))

    def show_once(self, request: HttpRequest, outside: WebhookEndpoint, secret: str) -> HttpResponse:
        """Show the secret; what people read has none."""
        if not secret:
            return self.back_to_health(request, outside.pk, said("Added. Send a test to see it arrive."))
        context = {"title": said("Secret of {name}", name=outside.host), "endpoint": outside, "secret": secret}
        return admin_page(self, request, SECRET, context)

    @admin.display(description=gettext_lazy("hears"))
    def hears(self, endpoint: WebhookEndpoint) -> str:
        """Name the events."""
        return ", ".join(endpoint.events) or (
            said("everything for people") if endpoint.is_for_people else said("everything")
        )

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, endpoint: WebhookEndpoint) -> str:
        """Say in a word how it fares."""
        tone, word = ("bad", said("Disabled")) if not endpoint.is_active else ("ok", said("Active"))
        if endpoint.is_active and endpoint.failures_in_a_row:
            tone, word = "warn", said("Failing")
        return format_html('<span class="mark {}">{}</span>', tone, word)

    @admin.display(description=gettext_lazy("waiting"))
    def waiting(self, endpoint: Any) -> int:
        """Count what is still to be sent."""
        return int(endpoint.waiting_count)

    @admin.display(description=gettext_lazy("failed"))
    def failed(self, endpoint: Any) -> int:
        """Count what was given up."""
        return int(endpoint.failed_count)
