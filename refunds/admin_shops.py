"""Connected shops in the admin site: their health, and everything that can be done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from config.kernel.admin_pages import admin_page, answers_refusals, person_of
from config.kernel.refusals import Refused
from evidence.ledger import timeline_of

from .admin_health import HealthAdmin
from .connectors import checking, connecting
from .connectors.forms import ConnectionForm, RotateForm
from .models import ShopConnection
from .permissions import shops_visible_to

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse

TEMPLATES = "admin/refunds/shopconnection"


@admin.register(ShopConnection)
class ShopConnectionAdmin(HealthAdmin[ShopConnection]):
    """Never deleted: a shop that is not wanted any more is switched off."""

    form = ConnectionForm
    list_display = ["__str__", "team", "channel", "standing", "last_delivery_at", "last_read_at", "failures_in_a_row"]
    list_select_related = ["team"]
    list_filter = ["kind", "team"]
    search_fields = ["domain", "channel"]
    verbs = ("rotate", "renew_address", "switch_on", "switch_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShopConnection]:
        """Show those of her teams."""
        return shops_visible_to(person_of(request))

    def get_fields(self, request: HttpRequest, obj: ShopConnection | None = None) -> Any:  # noqa: ARG002 - Django's
        """Ask for the secret once; later it is changed by its own button."""
        names = list(ConnectionForm.Meta.fields)
        return names if obj is None else [name for name in names if name != "secret"]

    def save_model(
        self,
        request: HttpRequest,
        obj: ShopConnection,
        form: ModelForm[ShopConnection],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save through the command, which checks and records it."""
        if not isinstance(form, ConnectionForm):
            return
        person, at = person_of(request), timezone.now()
        if change:
            connecting.change_connection(connection_id=obj.pk, wish=form.wish, actor=person, at=at)
        else:
            saved, token = connecting.connect_shop(wish=form.wish, actor=person, at=at)
            obj.pk, obj.new_token = saved.pk, token  # type: ignore[attr-defined]  # for the page that shows it once

    def response_add(self, request: HttpRequest, obj: ShopConnection, post_url_continue: str | None = None) -> Any:  # noqa: ARG002 - Django's
        """Show the address in the answer itself: nothing that would carry it to a next page forgets it again."""
        return self._shown_once(request, obj, obj.new_token)  # type: ignore[attr-defined]  # set as it was saved

    @answers_refusals
    def health(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show how a shop fares, what it told lately, and what can be done."""
        connection = self._connection(request, pk)
        context = {
            "title": f"Health of {connection.domain}",
            "connection": connection,
            "fault": checking.why_unusable(connection),
            "is_overlap": connection.old_secret_ends_at is not None and connection.old_secret_ends_at > timezone.now(),
            "deliveries": list(connection.deliveries.order_by("-received_at", "-pk")[:30]),
            "timeline": list(timeline_of(connection.subject)),
            "rotate": RotateForm(),
        }
        return admin_page(self, request, f"{TEMPLATES}/health.html", context)

    @answers_refusals
    def rotate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Believe a new secret."""
        form = RotateForm(request.POST)
        if not form.is_valid():
            raise Refused(
                "refused", " ".join(f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items())
            )
        typed = form.cleaned_data
        connecting.rotate_secret(
            connection_id=pk,
            secret=typed["secret"],
            overlap_hours=typed["overlap_hours"],
            actor=person_of(request),
            at=timezone.now(),
        )
        return self._back(request, pk, "The new secret is believed from now on.")

    @answers_refusals
    def renew_address(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make a new address and show it once."""
        token = connecting.renew_address(connection_id=pk, actor=person_of(request), at=timezone.now())
        return self._shown_once(request, self._connection(request, pk), token)

    @answers_refusals
    def switch_on(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Listen to it."""
        connecting.switch(connection_id=pk, is_on=True, actor=person_of(request), at=timezone.now())
        return self._back(request, pk, "Switched on.")

    @answers_refusals
    def switch_off(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Listen no more."""
        connecting.switch(connection_id=pk, is_on=False, actor=person_of(request), at=timezone.now())
        return self._back(request, pk, "Switched off.")

    def _connection(self, request: HttpRequest, pk: UUID) -> ShopConnection:
        found = self.get_queryset(request).select_related("team", "created_by").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def _back(self, request: HttpRequest, pk: UUID, words: str) -> HttpResponseRedirect:
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:refunds_shopconnection_health", args=[pk]))

    def _shown_once(self, request: HttpRequest, connection: ShopConnection, token: str) -> HttpResponse:
        address = request.build_absolute_uri(reverse(f"refunds:{connection.kind}_webhook", args=[token]))
        context = {"title": f"Address of {connection.domain}", "connection": connection, "address": address}
        return admin_page(self, request, f"{TEMPLATES}/address.html", context)

    @admin.display(description="standing")
    def standing(self, connection: ShopConnection) -> str:
        """Say in a word how it fares."""
        tone, word = ("ok", "On") if connection.is_active else ("bad", "Off")
        if connection.is_active and connection.failures_in_a_row:
            tone, word = "warn", "Does not answer"
        return format_html('<span class="mark {}">{}</span>', tone, word)
