"""What every page of the admin site stands on: records without a way to write, lists without a full count, verbs."""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.template.response import TemplateResponse
from django.utils.functional import cached_property

from .money import Money
from .people import Team, team_ids_of
from .refusals import NotPermitted, OutOfDate, Refused
from .web import status_of, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models.options import Options
    from django.http import HttpRequest, HttpResponse

    from .people import User

M = TypeVar("M", bound=Model)
A = TypeVar("A", bound="admin.ModelAdmin[Any]")
P = ParamSpec("P")

COUNT_UP_TO = 1_000
"""Rows a list counts and leafs through; search and filters reach the rest."""


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # the class takes no parameter at run time
    """Counts no further than a person would leaf, so that a list costs the same at any size."""

    @cached_property
    def count(self) -> int:
        """Count up to the cap."""
        if isinstance(self.object_list, QuerySet):
            return self.object_list.order_by()[:COUNT_UP_TO].count()
        return len(cast("list[Any]", self.object_list))


class OfHers(admin.RelatedFieldListFilter):
    """Narrows a list by what a person may see; Django's own offers the rows of every team."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Any:
        """Offer what its own list shows her; of teams, where she sees no list, those she works for."""
        related, order = field.related_model, self.field_admin_ordering(field, request, model_admin)
        of = model_admin.admin_site.get_model_admin(related)
        ids: Iterable[Any] = team_ids_of(person_of(request)) if related is Team else ()
        if of.has_view_permission(request):
            ids = of.get_queryset(request).values_list("pk", flat=True)
        return field.get_choices(include_blank=False, ordering=order, limit_choices_to={"pk__in": list(ids)})


class PortalAdmin(admin.ModelAdmin[M]):
    """A list and a page for each row, where an expected no is a page with its sentence and not a crash."""

    actions: list[str] | None = None
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002 - Django's
        """Refuse it: what was used once stays, and is switched off instead."""
        return False

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Let every filter that leads to other rows offer only what the person may see."""
        return [
            (one, OfHers) if isinstance(one, str) and self._leads_to_rows(one) else one
            for one in super().get_list_filter(request)
        ]

    def _leads_to_rows(self, name: str) -> bool:
        related = related_model(self.opts, name)
        return related is not None and self.admin_site.is_registered(related)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Show or save one row; a refusal by a command is answered as everywhere."""
        try:
            return super().changeform_view(request, object_id, form_url, dict(extra_context or {}))
        except (Refused, NotPermitted, OutOfDate) as no:
            return refused_page(self, request, no)


class ReadOnlyAdmin(PortalAdmin[M]):
    """Records: shown to people who may see them elsewhere, never written here, whoever asks."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Offer none: records come from verbs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002 - Django's
        """Refuse it: records stay as they are."""
        return False

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:  # noqa: ARG002 - Django's signature
        """Show every column, amounts as money, and what the class adds."""
        columns = [column.name for column in self.opts.fields if column.editable and not column.primary_key]
        names = [str(name) for name in self.fields or [*columns, *self.readonly_fields]]
        return [self._shown(name, request) for name in names]

    def _shown(self, name: str, request: HttpRequest) -> str | Callable[[Any], str]:
        """Print amounts as money, and by its name alone what the reader could not open: Django links to every row."""
        if name.endswith("_minor"):
            return money(name)
        related = related_model(self.opts, name)
        if related is None or not self.admin_site.is_registered(related):
            return name
        return name if self.admin_site.get_model_admin(related).has_view_permission(request) else unlinked(name)

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Close every column."""
        return self.get_fields(request, obj)


def related_model(of: Options[Any], name: str) -> Any:
    """Name the model a column leads to, None for what leads to none or is no column."""
    found = next((field for field in of.get_fields() if field.name == name), None)
    return found.related_model if found is not None else None


@cache
def unlinked(column: str) -> Callable[[Any], str]:
    """Make a column of a page that names the row `column` leads to, without a way there."""

    @admin.display(description=column.replace("_", " "))
    def named(row: Any) -> str:
        value = getattr(row, column)
        return "" if value is None else str(value)

    return named


@cache
def money(column: str) -> Callable[[Any], str]:
    """Make a column of a list or page that prints `column`, in minor units, with the row's currency."""

    @admin.display(description=column.removesuffix("_minor").replace("_", " "), ordering=column)
    def printed(row: Any) -> str:
        minor = getattr(row, column)
        return str(Money(minor, row.currency)) if minor is not None and row.currency else ""

    return printed


def person_of(request: HttpRequest) -> User:
    """Name who is logged in; the admin site lets nobody else through."""
    return cast("User", request.user)


def answers_refusals(
    view: Callable[Concatenate[A, HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[A, HttpRequest, P], HttpResponse]:
    """Let a method of an admin class answer 403, 409 and 422 with a page that carries the sentence."""

    @wraps(view)
    def answered(of: A, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(of, request, *args, **kwargs)
        except (Refused, NotPermitted, OutOfDate) as no:
            return refused_page(of, request, no)

    return answered


def refused_page(
    of: admin.ModelAdmin[Any], request: HttpRequest, no: Refused | NotPermitted | OutOfDate
) -> HttpResponse:
    """Show an expected no in the admin's look."""
    reasons = [reason.detail for reason in no.reasons] if isinstance(no, Refused) else [no.detail]
    answer = admin_page(
        of, request, "admin/refused.html", {"title": title_of(no), "reasons": reasons}, status=status_of(no)
    )
    answer.refusal_code = no.code  # type: ignore[attr-defined]  # read where refusals are kept
    return answer


def admin_page(
    of: admin.ModelAdmin[Any], request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> TemplateResponse:
    """Render a page of our own inside the admin's frame; `context` carries at least its title."""
    return TemplateResponse(
        request,
        template,
        {
            **of.admin_site.each_context(request),
            "opts": of.opts,
            "media": of.media,
            "back": request.META.get("HTTP_REFERER", ""),
            **context,
        },
        status=status,
    )
