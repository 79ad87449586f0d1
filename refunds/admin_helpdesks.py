"""Helpdesks in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone

from config.kernel.admin_pages import PortalAdmin, person_of
from config.kernel.wording import told
from evidence.ledger import timeline_of

from .helpdesk.saving import faults_of, save_helpdesk
from .models import Helpdesk

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class HelpdeskForm(forms.ModelForm[Helpdesk]):
    """One helpdesk, with what is wrong with it at its field."""

    class Meta:
        model = Helpdesk
        fields = ("title", "slug", "address", "team", "is_active")

    def _post_clean(self) -> None:
        """Ask what the command will ask, of the helpdesk as it would be."""
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, which its stubs leave out
        if not self.errors:
            for fault in faults_of(self.instance):
                self.add_error(fault.field, told(fault.detail))


@admin.register(Helpdesk)
class HelpdeskAdmin(PortalAdmin[Helpdesk]):
    """Never deleted: requests keep the tickets they answered."""

    form = HelpdeskForm
    list_display = ["title", "slug", "team", "is_active"]
    list_select_related = ["team"]
    list_filter = ["is_active"]
    search_fields = ["title", "slug"]

    def save_model(
        self,
        request: HttpRequest,
        obj: Helpdesk,
        form: forms.ModelForm[Helpdesk],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - Django's signature
    ) -> None:
        """Save through the command, which checks and records it."""
        save_helpdesk(helpdesk=obj, actor=person_of(request), at=timezone.now())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(shown.subject))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)
