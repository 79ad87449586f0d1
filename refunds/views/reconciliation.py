"""Finance's pages: both sides beside each other, a statement and its lines, the upload and its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from config.kernel.jobs import cancel_job
from config.kernel.money import known_currency
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import Refused
from config.kernel.web import (
    UNPROCESSABLE,
    PersonRequest,
    asks_for_fragment,
    number_in,
    or_404,
    page,
    render_page,
    uuid_in,
)
from config.kernel.wording import said, told
from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import gateway_named
from refunds.gateways.sandbox_client import SandboxGateway
from refunds.reconciliation import importing, selectors, undoing
from refunds.reconciliation.by_hand import MATCHES
from refunds.reconciliation.forms import StatementForm
from refunds.reconciliation.selectors import PAGE, Period
from refunds.reconciliation.suggestions import exact_pairs, suggestions_for
from refunds.reconciliation.two_sides import OPEN, RESULTS, lines_with, two_sides
from refunds.vocabulary import ACCOUNTS, LineResult

from .lines import View

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import Statement

SEES = "refunds.view_statement"
ADDS = "refunds.add_statement"
UNDOES = "refunds.undo_statement"

TABS = {"lines": said("Lines"), "missing": said("Missing at the processor"), "statements": said("Statements")}
FORMER_TABS = {"unmatched": "lines"}


@page(SEES)
@require_safe
def reconciliation(request: PersonRequest) -> HttpResponse:
    """Show the processor's figures beside ours for a period, and what is open on either side."""
    viewer, query = request.user, request.GET
    view = View.of(query)
    period = view.period
    tab = FORMER_TABS.get(query.get("tab", ""), query.get("tab", ""))
    tab = tab if tab in TABS else "lines"
    counts = {
        "lines": selectors.count_up_to(lines_with(viewer, period, OPEN)),
        "missing": selectors.count_up_to(selectors.operations_without_line(viewer, period)),
    }
    kept = {name: query.get(name, "") for name in ("from", "to", "account", "currency")}
    totals = selectors.totals(viewer, period)
    of_teams = _team_currencies(viewer)
    result = {"result": view.result} if tab == "lines" else {}
    context = {
        "view": view,
        "period": period,
        "tab": tab,
        "widened": _address({}, tab=tab, **result) if period != Period() else "",
        "tabs": [
            {"label": label, "count": counts.get(name, 0), "current": name == tab, "url": _address(kept, tab=name)}
            for name, label in TABS.items()
        ],
        "accounts": ACCOUNTS,
        # What may be chosen: the currencies of her teams, those of the figures, and what is chosen.
        "currencies": sorted({*of_teams, *(total.processor.currency for total in totals), period.currency} - {""}),
        "totals": totals,
        "now": timezone.now(),
        **_rows(viewer, tab, view, query.get("after", "")),
    }
    if tab == "lines":
        context["chips"] = [
            {"label": label, "current": name == view.result, "url": _address(kept, tab="lines", result=name)}
            for name, label in RESULTS.items()
        ]
    if context["last"]:
        context["next"] = _address(kept, tab=tab, **result, after=str(context["last"]))
    if not asks_for_fragment(request):
        context |= _upload_context(viewer, StatementForm(), of_teams)
    return render_page(request, "refunds/reconciliation.html", context, fragment="books")


@page(ADDS)
def upload_statement(request: PersonRequest) -> HttpResponse:
    """Take a statement in, or show every reason why not beside the form; asked to check, say what it would do."""
    if request.method != "POST":
        return render_page(request, "refunds/statement_upload.html", _upload_context(request.user, StatementForm()))
    form = StatementForm(request.POST, request.FILES)
    is_check = "check" in request.POST
    if not form.is_valid():
        return _refused(request, form, is_check=is_check)
    told = form.cleaned_data
    upload = {"account": told["account"], "name": told["format"], "payout_total": told["payout_total"]}
    try:
        if is_check:
            preview = importing.preview_statement(file=told["file"], actor=request.user, at=timezone.now(), **upload)
            context = {**_upload_context(request.user, form), "preview": preview}
            return render_page(request, "refunds/statement_upload.html", context, fragment="preview")
        statement, job = importing.upload_statement(file=told["file"], actor=request.user, at=timezone.now(), **upload)
    except Refused as no:
        return _refused(request, form, no, is_check=is_check)
    if job is None:
        messages.info(request, said("This file was uploaded before. Nothing was added; this is the first upload."))
    address = reverse("refunds:statement", args=[statement.pk])
    return HttpResponseClientRedirect(address) if asks_for_fragment(request) else redirect(address)


@page(SEES)
@require_safe
def statement(request: PersonRequest, statement_id: UUID) -> HttpResponse:
    """Show one statement: what it is, how far its import is, and its lines."""
    found = _found(request, statement_id)
    after = request.GET.get("after", "")
    result = request.GET.get("result", "")
    lines = list(selectors.lines_of(request.user, found, result=result, after=number_in(after) or 0)[: PAGE + 1])
    counts = selectors.results_of([found.pk])[found.pk]
    known = max(found.line_count - sum(counts.values()), 0) if found.is_imported else 0
    context = {
        **_progress_context(request, found),
        "rows": selectors.line_rows(request.user, lines[:PAGE]),
        "next": _address({"result": result}, after=str(lines[PAGE - 1].number)) if len(lines) > PAGE else "",
        "chips": [
            {
                "label": label,
                "count": counts[value] if value else sum(counts.values()),
                "current": value == result,
                "url": _address({}, result=value),
            }
            for value, label in (("", said("All")), *LineResult.choices)
        ],
        "known": known,
    }
    return render_page(request, "refunds/statement.html", context, fragment="lines")


@page(SEES)
@require_safe
def import_progress(request: PersonRequest, statement_id: UUID) -> HttpResponse:
    """Say how far an import is; asked every second while it runs."""
    found = _found(request, statement_id)
    if not asks_for_fragment(request):
        return redirect("refunds:statement", statement_id)
    return render_page(request, "refunds/statement.html", _progress_context(request, found), fragment="progress")


@page(ADDS)
@require_POST
def cancel_import(request: PersonRequest, statement_id: UUID) -> HttpResponse:
    """Ask an import to stop."""
    job = selectors.latest_job_of(_found(request, statement_id))
    if job is not None and not job.is_over:
        cancel_job(job_id=job.pk)
        messages.info(request, said("The import stops at its next step. What was matched stays matched."))
    return redirect("refunds:statement", statement_id)


@page(UNDOES)
@require_POST
def undo_import(request: PersonRequest, statement_id: UUID) -> HttpResponse:
    """Take an import back, with a reason."""
    found = _found(request, statement_id)
    count = undoing.undo_import(
        statement_id=found.pk, why=request.POST.get("why", ""), actor=request.user, at=timezone.now()
    )
    messages.success(
        request,
        said("The import was undone: {count} lines went. The file and the reason are kept.", count=f"{count:,}"),
    )
    return redirect("refunds:statement", statement_id)


@page(ADDS)
@require_POST
def match_again(request: PersonRequest, statement_id: UUID) -> HttpResponse:
    """Look at the open lines of the account once more."""
    found = _found(request, statement_id)
    job = selectors.latest_job_of(found)
    if found.undone_at is None and (job is None or job.is_over):
        importing.queue_matching(statement=found, actor=request.user, at=timezone.now())
    return redirect("refunds:statement", statement_id)


@page(ADDS)
@require_safe
def payout_report(request: PersonRequest) -> HttpResponse:
    """Hand out the sandbox's own payout report, so that a demo can be reconciled without leaving the browser."""
    gateway = gateway_named("stripe")
    if not isinstance(gateway, SandboxGateway):
        raise Http404("Only the sandbox makes reports for itself.")
    currency = request.GET.get("currency", "GBP").upper()
    if not known_currency(currency):
        raise Refused("unknown_currency", said("“{currency}” is not a currency.", currency=currency[:12]))
    try:
        content = gateway.payout_report(currency)
    except GatewayUnreachable as silence:
        raise Refused("gateway_unreachable", said("The sandbox does not answer. Is it running?")) from silence
    name = f"payout-{currency.lower()}-{timezone.now():%Y-%m-%d-%H%M}.csv"
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _found(request: PersonRequest, statement_id: UUID) -> Statement:
    statements = selectors.statements(request.user)
    return or_404(statements.filter(pk=statement_id).first(), "statement")  # type: ignore[no-any-return]


def _team_currencies(viewer: User) -> set[str]:
    return set(Team.objects.filter(pk__in=team_ids_of(viewer)).values_list("currency", flat=True))


def _rows(viewer: User, tab: str, view: View, after: str) -> dict[str, Any]:
    """Read one page of a tab; `last` is where the next page begins."""
    period = view.period
    if tab == "lines":
        lines = list(lines_with(viewer, period, view.result, before=number_in(after))[: PAGE + 1])
        may_match = viewer.has_perm(MATCHES)
        exact = exact_pairs(suggestions_for(viewer, lines[:PAGE]).values()) if may_match else []
        return {"lines": two_sides(viewer, lines[:PAGE]), "exact": exact, "last": _last(lines)}
    if tab == "missing":
        operations = list(selectors.operations_without_line(viewer, period, after=uuid_in(after))[: PAGE + 1])
        reach = selectors.covered_until()
        waiting = [{"operation": one, "is_late": selectors.is_late(one, reach)} for one in operations[:PAGE]]
        return {"waiting": waiting, "last": _last(operations)}
    statements = list(selectors.statements(viewer, before=uuid_in(after))[: PAGE + 1])
    counts = selectors.results_of(one.pk for one in statements[:PAGE])
    return {
        "statements": [{"statement": one, "counts": dict(counts[one.pk])} for one in statements[:PAGE]],
        "last": _last(statements),
    }


def _last(rows: list[Any]) -> object:
    return rows[PAGE - 1].pk if len(rows) > PAGE else ""


def _progress_context(request: PersonRequest, found: Statement) -> dict[str, Any]:
    job = selectors.latest_job_of(found)
    may_undo = found.undone_at is None and request.user.has_perm(UNDOES)
    return {
        "statement": found,
        "job": job,
        "may_add": found.undone_at is None and request.user.has_perm(ADDS),
        "may_undo": may_undo,
        "why_closed": undoing.why_closed(found) if may_undo and (job is None or job.is_over) else "",
    }


def _upload_context(viewer: User, form: StatementForm, of_teams: set[str] | None = None) -> dict[str, Any]:
    currencies: list[str] = []
    if settings.SANDBOX and viewer.has_perm(ADDS):
        currencies = sorted(of_teams if of_teams is not None else _team_currencies(viewer))
    return {"form": form, "may_add": viewer.has_perm(ADDS), "sandbox_currencies": currencies}


def _refused(
    request: PersonRequest, form: StatementForm, no: Refused | None = None, *, is_check: bool = False
) -> HttpResponse:
    for field in {reason.field for reason in no.reasons if reason.field in form.fields} if no else ():
        form.add_error(field, told(said("This was refused; the reasons are listed above.")))
    context = {**_upload_context(request.user, form), "reasons": no.reasons if no else ()}
    fragment = "preview" if is_check else "upload"
    return render_page(request, "refunds/statement_upload.html", context, fragment=fragment, status=UNPROCESSABLE)


def _address(kept: dict[str, str], **more: str) -> str:
    return f"?{urlencode({name: value for name, value in {**kept, **more}.items() if value})}"
