"""Connected shops in the admin site: their health, and everything that can be done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import admin_page, answers_refusals, person_of
from config.kernel.asking_again import ask_before_secrets, asks_again
from config.kernel.refusals import OutOfDate
from config.kernel.web import uuid_in
from config.kernel.wording import said
from evidence.ledger import timeline_of

from .admin_health import HealthAdmin, typed
from .connectors import checking, connecting, telling
from .connectors.forms import ConnectionForm, ResyncForm, RotateForm
from .models import ShopConnection, ShopNote
from .permissions import shops_visible_to
from .vocabulary import NoteState
from .webhooks import resyncing

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from config.kernel.people import User

TEMPLATES = "admin/refunds/shopconnection"


@admin.register(ShopConnection)
class ShopConnectionAdmin(HealthAdmin[ShopConnection]):
    """Never deleted: a shop that is not wanted any more is switched off."""

    form = ConnectionForm
    list_display = ["__str__", "team", "channel", "standing", "last_delivery_at", "last_read_at", "failures_in_a_row"]
    list_select_related = ["team"]
    list_filter = ["kind", "team"]
    search_fields = ["domain", "channel"]
    verbs = (
        "rotate", "renew_address", "switch_on", "switch_off", "resync", "stop_resync", "tell_again", "leave_untold",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShopConnection]:
        """Show those of her teams."""
        return shops_visible_to(person_of(request))

    def get_fields(self, request: HttpRequest, obj: ShopConnection | None = None) -> Any:  # noqa: ARG002 - Django's
        """Ask for the secret once; later it is changed by its own button."""
        names = list(ConnectionForm.Meta.fields)
        return names if obj is None else [name for name in names if name != "secret"]

    def add_outside(self, wish: Any, person: User, at: datetime) -> tuple[UUID, str]:
        """Connect a shop; the address it sends to is shown once."""
        saved, token = connecting.connect_shop(wish=wish, actor=person, at=at)
        return saved.pk, token

    def change_outside(self, outside: ShopConnection, wish: Any, person: User, at: datetime) -> None:
        """Change a connection."""
        connecting.change_connection(connection_id=outside.pk, wish=wish, actor=person, at=at)

    @answers_refusals
    def health(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show how a shop fares, what it told lately, and what can be done."""
        connection = self.hers(request, pk)
        context = {
            "title": said("Health of {name}", name=connection.domain),
            "connection": connection,
            "fault": checking.why_unusable(connection),
            "is_overlap": connection.old_secret_ends_at is not None and connection.old_secret_ends_at > timezone.now(),
            "deliveries": list(connection.deliveries.order_by("-received_at", "-pk")[:30]),
            "timeline": list(timeline_of(connection.subject)),
            "rotate": RotateForm(),
            "resync": ResyncForm(),
            "untold": _untold(connection),
            "told_count": connection.notes.filter(state=NoteState.TOLD).count(),
            "job": resyncing.latest_resync(connection),
        }
        return admin_page(self, request, f"{TEMPLATES}/health.html", context)

    @answers_refusals
    def rotate(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Believe a new secret."""
        asked = ask_before_secrets(request, goal=self.address_of_health(pk))
        if asked is not None:
            return asked
        words = typed(RotateForm(request.POST))
        connecting.rotate_secret(
            connection_id=pk,
            secret=words["secret"],
            overlap_hours=words["overlap_hours"],
            actor=person_of(request),
            at=timezone.now(),
        )
        return self.back_to_health(request, pk, said("The new secret is believed from now on."))

    @answers_refusals
    @asks_again()
    def renew_address(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Make a new address and show it once."""
        token = connecting.renew_address(connection_id=pk, actor=person_of(request), at=timezone.now())
        return self.show_once(request, self.hers(request, pk), token)

    @answers_refusals
    def switch_on(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Listen to it."""
        connecting.switch(connection_id=pk, is_on=True, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Switched on."))

    @answers_refusals
    def switch_off(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Listen no more."""
        connecting.switch(connection_id=pk, is_on=False, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Switched off."))

    @answers_refusals
    def resync(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Read its orders again."""
        words = typed(ResyncForm(request.POST))
        resyncing.ask_to_resync(connection_id=pk, since=words["since"], actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Its orders are being read again."))

    @answers_refusals
    def stop_resync(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Read no further."""
        resyncing.stop_resync(connection_id=pk, actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("Stopped. What was read stays."))

    @answers_refusals
    def tell_again(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Tell it of a refund again."""
        telling.tell_again(note_id=_note_id(request), actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("It is told again."))

    @answers_refusals
    def leave_untold(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Leave it untold of a refund."""
        telling.leave_untold(note_id=_note_id(request), actor=person_of(request), at=timezone.now())
        return self.back_to_health(request, pk, said("It is left untold."))

    def show_once(self, request: HttpRequest, outside: ShopConnection, secret: str) -> HttpResponse:
        """Show the address, whose last part is secret."""
        address = request.build_absolute_uri(reverse(f"refunds:{outside.kind}_webhook", args=[secret]))
        context = {"title": said("Address of {name}", name=outside.domain), "connection": outside, "address": address}
        return admin_page(self, request, f"{TEMPLATES}/address.html", context)

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, connection: ShopConnection) -> str:
        """Say in a word how it fares."""
        tone, word = ("ok", said("On")) if connection.is_active else ("bad", said("Off"))
        if connection.is_active and connection.failures_in_a_row:
            tone, word = "warn", said("Does not answer")
        return format_html('<span class="mark {}">{}</span>', tone, word)


def _untold(connection: ShopConnection) -> list[ShopNote]:
    """List what it does not know yet, what waits for a person first."""
    open_notes = connection.notes.filter(state__in=[NoteState.WAITING, NoteState.NEEDS_PERSON])
    return list(open_notes.select_related("operation__refund_request").order_by("state", "created_at", "pk")[:30])


def _note_id(request: HttpRequest) -> UUID:
    """Read which note a button is about.

    :raises OutOfDate: for what is no id
    """
    found = uuid_in(request.POST.get("note", ""))
    if found is None:
        raise OutOfDate("out_of_date", said("This note does not wait for a person."))
    return found
