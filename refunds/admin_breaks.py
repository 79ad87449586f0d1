"""Breaks in the admin site: the rows to read, and by when and by how many they are resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone

from config.kernel.admin_large import LargeAdmin
from config.kernel.admin_pages import PortalAdmin, ReadOnlyAdmin, money, person_of
from config.kernel.money import Money, known_currency
from config.kernel.typed import read_amount, typed_amount
from config.kernel.wording import said, told, why_no_amount
from evidence.ledger import timeline_of

from .breaks.permissions import breaks_visible_to
from .breaks.promises import limit_subject, promise_subject, set_break_limit, set_break_promise
from .models import Break, BreakLimit, BreakPromise

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


@admin.register(Break)
class BreakAdmin(ReadOnlyAdmin[Break]):
    """What disagreed, and how it ended."""

    list_display = ["reference", "kind", "state", money("amount_minor"), "account", "due_at", "owner", "resolution"]
    list_select_related = ["owner"]
    list_filter = ["state", "kind", "account", "currency"]
    search_fields = ["reference__exact"]
    ordering = ["-opened_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Break]:
        """Show what the person could open elsewhere."""
        return breaks_visible_to(person_of(request))


class BreakLimitForm(forms.ModelForm[BreakLimit]):
    """Above which amount of a currency it takes two."""

    above = forms.CharField(
        label=said("Above"),
        max_length=30,
        help_text=said("In whole units of the currency; more is resolved by two people."),
    )

    class Meta:
        model = BreakLimit
        fields = ("currency",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the amount as people type it."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["above"] = typed_amount(Money(self.instance.above_minor, self.instance.currency))

    def clean(self) -> dict[str, Any] | None:
        """Read the amount in its currency."""
        answers = super().clean()
        currency = str(self.cleaned_data.get("currency") or self.instance.currency).upper()
        if not known_currency(currency):
            self.add_error(
                "currency" if "currency" in self.fields else None, told(said("Enter an ISO 4217 currency such as GBP."))
            )
            return answers
        self.instance.currency = currency
        if "currency" in self.fields:
            self.cleaned_data["currency"] = currency
        try:
            self.instance.above_minor = read_amount(self.cleaned_data.get("above", ""), currency)
        except ValueError as problem:
            self.add_error("above", told(why_no_amount(problem)))
        return answers


@admin.register(BreakLimit)
class BreakLimitAdmin(LargeAdmin[BreakLimit]):
    """Never deleted: a currency without a limit takes two for every amount, which a limit of nothing says too."""

    form = BreakLimitForm
    fields = ["currency", "above"]
    list_display = ["currency", money("above_minor")]
    ordering = ["currency"]

    def get_readonly_fields(self, request: HttpRequest, obj: BreakLimit | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep the currency; another one is another limit."""
        return [] if obj is None else ["currency"]

    def save_model(
        self,
        request: HttpRequest,
        obj: BreakLimit,
        form: forms.ModelForm[BreakLimit],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - as above
    ) -> None:
        """Set it through the command, which records it."""
        kept = set_break_limit(
            currency=obj.currency, above_minor=obj.above_minor, actor=person_of(request), at=timezone.now()
        )
        obj.pk = kept.pk

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(limit_subject(shown.currency)))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)


@admin.register(BreakPromise)
class BreakPromiseAdmin(PortalAdmin[BreakPromise]):
    """By when a break of each kind is resolved, where it is not as the standard says."""

    fields = ["kind", "days"]
    list_display = ["kind", "days"]
    ordering = ["kind"]

    def get_readonly_fields(self, request: HttpRequest, obj: BreakPromise | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep the kind; another one is another promise."""
        return [] if obj is None else ["kind"]

    def save_model(
        self,
        request: HttpRequest,
        obj: BreakPromise,
        form: forms.ModelForm[BreakPromise],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - as above
    ) -> None:
        """Set it through the command, which records it."""
        kept = set_break_promise(kind=obj.kind, days=obj.days, actor=person_of(request), at=timezone.now())
        obj.pk = kept.pk

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(promise_subject(shown.kind)))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)
