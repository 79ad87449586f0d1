"""Uploading orders as a CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect

from config.kernel.people import Team, User, team_ids_of
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import said, told
from refunds.orders.sheet import MOST_BYTES, OPTIONAL, REQUIRED
from refunds.orders.taking_sheets import check_sheet, take_sheet

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpResponse

ADDS = "refunds.add_order"
MOST_ROWS = 1000
"""More than a page should make anybody wait for; the command takes longer files."""


class SheetForm(forms.Form):
    """Which file, of which shop, for which team."""

    file = forms.FileField(
        label=said("File"),
        help_text=said("CSV in UTF-8, up to {most} rows.", most=MOST_ROWS),
        allow_empty_file=True,
    )
    channel = forms.SlugField(label=said("Channel"), max_length=50, help_text=said("The shop, such as shop-uk."))
    team = forms.ModelChoiceField(
        Team.objects.none(), label=said("Team"), help_text=said("The team that answers for its refunds.")
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        """Offer the teams of whoever uploads."""
        super().__init__(*args, **kwargs)
        teams: Any = self.fields["team"]
        teams.queryset = Team.objects.filter(pk__in=team_ids_of(viewer)).order_by("name")

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what is too large before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                told(said("The file has more than {most} MB.", most=MOST_BYTES // 1024 // 1024))
            )
        return file


@page(ADDS)
def upload_orders(request: PersonRequest) -> HttpResponse:
    """Take a file of orders in, or show every line that cannot be taken; asked to check, say what it would do."""
    if request.method != "POST":
        return _shown(request, SheetForm(viewer=request.user))
    form = SheetForm(request.POST, request.FILES, viewer=request.user)
    if not form.is_valid():
        return _shown(request, form, status=UNPROCESSABLE)
    told = form.cleaned_data
    wish = {"channel": told["channel"], "team": told["team"], "actor": request.user, "most_rows": MOST_ROWS}
    is_check = "check" in request.POST
    try:
        report = (check_sheet if is_check else take_sheet)(content=told["file"].read(), **wish)
    except Refused as no:
        return _shown(request, form, reasons=no.reasons, status=UNPROCESSABLE)
    if is_check:
        return _shown(request, form, report=report)
    messages.success(
        request,
        said(
            "{count} orders taken in, {new_count} of them new.",
            count=report.order_count,
            new_count=report.new_count,
        ),
    )
    return redirect("refunds:upload_orders")


def _shown(request: PersonRequest, form: SheetForm, *, status: int = 200, **told: Any) -> HttpResponse:
    context = {"form": form, "required": REQUIRED, "optional": OPTIONAL, **told}
    return render_page(request, "refunds/order_upload.html", context, status=status)
