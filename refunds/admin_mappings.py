"""The mappings of CSV columns in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import PortalAdmin, person_of
from config.kernel.wording import told
from evidence.ledger import timeline_of

from .models import ColumnMapping
from .models.column_mapping import COLUMNS, READ_BY, WRITTEN
from .reconciliation.mapping import faults_of, save_mapping

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class ColumnMappingForm(forms.ModelForm[ColumnMapping]):
    """One mapping, with what is wrong with it at its field."""

    class Meta:
        model = ColumnMapping
        fields = ("title", *READ_BY)

    def clean_currency(self) -> str:
        """Write it as currencies are written."""
        return str(self.cleaned_data["currency"]).upper()

    def _post_clean(self) -> None:
        """Ask what the command will ask, of the mapping as it would be."""
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, which its stubs leave out
        if not self.errors:
            for fault in faults_of(self.instance):
                self.add_error(fault.field, told(fault.detail))


@admin.register(ColumnMapping)
class ColumnMappingAdmin(PortalAdmin[ColumnMapping]):
    """Never deleted: a file that was imported by it may be read again."""

    form = ColumnMappingForm
    list_display = ["title", "slug", "account", "currency"]
    list_filter = ["account"]
    search_fields = ["title", "slug"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "account", "own_account", "currency", "categories"]}),
        (gettext_lazy("How it is written"), {"fields": WRITTEN}),
        (gettext_lazy("Which column says what"), {"fields": COLUMNS}),
    ]

    def save_model(
        self,
        request: HttpRequest,
        obj: ColumnMapping,
        form: forms.ModelForm[ColumnMapping],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - Django's signature
    ) -> None:
        """Save through the command, which checks and records it."""
        save_mapping(mapping=obj, actor=person_of(request), at=timezone.now())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(shown.subject))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)
