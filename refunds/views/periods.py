"""Closing a month: the checklist, two signatures, the control report, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.kernel.asking_again import asks_again
from config.kernel.money import Money
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, day_in, or_404, page, render_page
from config.kernel.wording import said
from evidence.ledger import timeline_of
from refunds.books import closing, periods
from refunds.books.printing import pdf_of
from refunds.books.reporting import MOST_LISTED, report_of
from refunds.models import Period
from refunds.money_trail.finding import refunds_of_period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from config.kernel.refusals import Reason

SEES = periods.SEES
SIGNS = periods.SIGNS
REOPENS = periods.REOPENS
PAGE = 60
REFUNDS_SHOWN = 20


@page(SEES)
@require_safe
def period_list(request: PersonRequest) -> HttpResponse:
    """List the months of every account, newest first."""
    before = day_in(request.GET.get("before", ""))
    found = _all().filter(first_on__lt=before) if before else _all()
    rows = list(found[: PAGE + 1])
    # A month is never split between two pages.
    cut = rows[PAGE].first_on if len(rows) > PAGE and rows[PAGE].first_on != rows[0].first_on else None
    shown = [row for row in rows[:PAGE] if cut is None or row.first_on > cut]
    context = {"periods": shown, "next": f"?before={shown[-1].first_on}" if cut else ""}
    return render_page(request, "refunds/periods.html", context)


@page(SEES)
@require_safe
def period(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Show what a month needs, who signed it, and what can be done."""
    return _page(request, _found(period_id))


@page(SEES)
@require_safe
def period_report(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Show the control report to be printed: what was signed, or how it stands now."""
    found = _found(period_id)
    report = found.report or report_of(found, at=timezone.now())
    context = {"period": found, "report": report, "is_signed": found.is_locked, **_in_money(report)}
    return render_page(request, "refunds/period_report.html", context)


@page(SEES)
@require_safe
def period_pdf(_request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Hand out the control report as a PDF; of what was signed the same bytes every time."""
    found = _found(period_id)
    report = found.report or report_of(found, at=timezone.now())
    content = pdf_of(report, title=f"Control report, {found}", sha256=found.report_sha256)
    name = f"control-report-{found.account}-{found.first_on:%Y-%m}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@page(SIGNS)
@require_POST
@asks_again()
def sign_period(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Sign a month, or say what is open."""
    found = _found(period_id)
    try:
        signed = periods.sign_period(
            period_id=found.pk,
            note=request.POST.get("note", ""),
            acknowledged=request.POST.getlist("acknowledged"),
            actor=request.user,
            at=timezone.now(),
        )
    except Refused as no:
        return _page(request, found, no.reasons, status=UNPROCESSABLE)
    messages.success(
        request,
        said("{signed} is locked.", signed=signed)
        if signed.is_locked
        else said("You signed {signed}; one more signs.", signed=signed),
    )
    return redirect(signed)


@page(SIGNS)
@require_POST
def withdraw_signature(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Take one's own signature back."""
    found = _found(period_id)
    periods.withdraw_signature(period_id=found.pk, actor=request.user, at=timezone.now())
    messages.success(request, said("Your signature is taken back."))
    return redirect(found)


@page(REOPENS)
@require_POST
def ask_to_reopen(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Ask to open a locked month again."""
    found = _found(period_id)
    try:
        periods.ask_to_reopen(
            period_id=found.pk, why=request.POST.get("why", ""), actor=request.user, at=timezone.now()
        )
    except Refused as no:
        return _page(request, found, no.reasons, status=UNPROCESSABLE)
    messages.success(request, said("Somebody else has to agree now."))
    return redirect(found)


@page(REOPENS)
@require_POST
@asks_again()
def reopen_period(request: PersonRequest, period_id: UUID) -> HttpResponse:
    """Agree to open it again."""
    found = _found(period_id)
    periods.reopen_period(period_id=found.pk, actor=request.user, at=timezone.now())
    messages.success(request, said("{found} is open again.", found=found))
    return redirect(found)


def _all() -> QuerySet[Period]:
    people = ("first_by", "second_by", "reopen_asked_by", "reopened_by")
    return Period.objects.select_related(*people).defer("report")


def _found(period_id: UUID) -> Period:
    return or_404(_all().defer(None).filter(pk=period_id).first(), "period")  # type: ignore[no-any-return]


def _page(request: PersonRequest, found: Period, reasons: Sequence[Reason] = (), *, status: int = 200) -> HttpResponse:
    at, viewer = timezone.now(), request.user
    items = closing.checklist(found)
    refunds = list(refunds_of_period(viewer, found)[: REFUNDS_SHOWN + 1])
    context = {
        "period": found,
        "items": items,
        "has_open": any(item.is_open for item in items),
        "ages": closing.ages(found, at=at),
        "reasons": reasons,
        "note": request.POST.get("note", ""),
        "acknowledged": request.POST.getlist("acknowledged"),
        "may_sign": _may_sign(found, viewer) and at >= found.until_at,
        "is_running": at < found.until_at,
        "may_withdraw": found.state == "signed" and found.first_by_id == viewer.pk,
        "may_ask": found.is_locked and not found.waits_for_reopening and viewer.has_perm(REOPENS),
        "may_agree": (found.waits_for_reopening and found.reopen_asked_by_id != viewer.pk and viewer.has_perm(REOPENS)),
        "timeline": list(timeline_of(found.subject)),
        "refunds": refunds[:REFUNDS_SHOWN],
        "more_refunds": len(refunds) > REFUNDS_SHOWN,
    }
    return render_page(request, "refunds/period.html", context, status=status)


def _may_sign(found: Period, viewer: User) -> bool:
    return viewer.has_perm(SIGNS) and not found.is_locked and found.first_by_id != viewer.pk


def _in_money(report: Mapping[str, Any]) -> dict[str, Any]:
    """Print the amounts of a report, each with its currency."""
    return {
        "lines": [
            {**row, "gross": _money(row, "gross_minor"), "fee": _money(row, "fee_minor")} for row in report["lines"]
        ],
        "journal": [
            {**row, "debit": _money(row, "debit_minor"), "credit": _money(row, "credit_minor")}
            for row in report["journal"]
        ],
        "open": [{**row, "amount": _money(row, "minor")} for row in report["open"]],
        "most_listed": MOST_LISTED,
    }


def _money(row: Mapping[str, str], name: str) -> Money:
    return Money(int(row[name]), row["currency"])
