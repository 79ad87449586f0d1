"""Exports of the journal: what was taken when, and a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, or_404, page, render_page
from config.kernel.wording import said, told
from refunds.books import exporting
from refunds.books.exporting import ExportWish
from refunds.books.selectors import month_in
from refunds.books.vocabulary import ExportFormat
from refunds.models import GLExport

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from config.kernel.people import User

SEES = exporting.SEES
EXPORTS = exporting.EXPORTS
PAGE = 50


class ExportForm(forms.Form):
    """Which entries, for which general ledger."""

    format = forms.ChoiceField(label=said("Format"), choices=ExportFormat.choices)
    from_on = forms.DateField(label=said("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    to_on = forms.DateField(label=said("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    currency = forms.CharField(
        label=said("Currency"),
        max_length=3,
        required=False,
        help_text=said("Such as GBP; empty for every one. Xero takes one at a time."),
    )
    subsidiary = forms.CharField(
        label=said("Subsidiary"),
        max_length=20,
        required=False,
        help_text=said("For NetSuite: its number there, such as 1."),
    )
    is_only_new = forms.BooleanField(label=said("Only what no export had before"), required=False)

    @property
    def wish(self) -> ExportWish:
        """What was typed."""
        typed = {**self.cleaned_data, "currency": self.cleaned_data["currency"].upper()}
        return ExportWish(**typed)


@page(SEES)
def exports(request: PersonRequest) -> HttpResponse:
    """List the newest exports, and take a wish for another."""
    if request.method != "POST":
        month = month_in("", at=timezone.now()).previous
        form = ExportForm(
            initial={"from_on": month.first, "to_on": month.last, "format": ExportFormat.CSV, "is_only_new": True}
        )
        return _page(request, form)
    if not request.user.has_perm(EXPORTS):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=EXPORTS))
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        export = exporting.ask_for_export(wish=form.wish, actor=request.user, at=timezone.now())
    except Refused as no:
        for reason in no.reasons:
            form.add_error(reason.field or None, told(reason.detail))
        return _page(request, form, status=UNPROCESSABLE)
    return redirect("refunds:gl_export", export.pk)


@page(SEES)
@require_safe
def gl_export(request: PersonRequest, export_id: UUID) -> HttpResponse:
    """Show one export: how far it is, what is in it, its file."""
    export = _found(request.user, export_id)
    context = {
        "export": export,
        "sums": [Money(int(minor), currency) for currency, minor in export.sums.items()],
    }
    return render_page(request, "refunds/gl_export.html", context, fragment="export")


@page(SEES)
@require_safe
def gl_export_file(request: PersonRequest, export_id: UUID) -> HttpResponse:
    """Hand out the file, the same bytes every time."""
    export = _found(request.user, export_id)
    if not export.sha256:
        raise Http404("It is not made yet.")
    if request.method == "GET":
        exporting.take_export(export=export, actor=request.user, at=timezone.now())
    answer = FileResponse(
        default_storage.open(export.file, "rb"),
        as_attachment=True,
        filename=export.filename,
        content_type="text/csv; charset=utf-8",
    )
    return cast("HttpResponse", answer)


@page(EXPORTS)
@require_POST
def cancel_export(request: PersonRequest, export_id: UUID) -> HttpResponse:
    """Ask an export to stop."""
    export = _found(request.user, export_id)
    exporting.stop_export(export=export, actor=request.user)
    messages.info(request, said("The export stops at its next piece. The next one takes its entries."))
    return redirect("refunds:gl_export", export.pk)


def _visible_to(viewer: User) -> QuerySet[GLExport]:
    """Select exports that hold no entry of a team the viewer does not work for."""
    teams = sorted(team_ids_of(viewer))
    return GLExport.objects.filter(team_ids__contained_by=teams).select_related("asked_by", "job")


def _found(viewer: User, export_id: UUID) -> GLExport:
    return or_404(_visible_to(viewer).filter(pk=export_id).first(), "export")  # type: ignore[no-any-return]


def _page(request: PersonRequest, form: ExportForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "exports": list(_visible_to(request.user)[:PAGE]),
        "form": form,
        "may_add": request.user.has_perm(EXPORTS),
    }
    return render_page(request, "refunds/gl_exports.html", context, fragment="ask", status=status)
