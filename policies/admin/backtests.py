"""Try a version out on what was decided before: ask, watch, stop, read, take home. No customer is affected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from config.kernel.admin_pages import answers_refusals, person_of
from config.kernel.csv_out import proven_lines
from config.kernel.money import Money
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, asks_for_fragment, uuid_in
from policies.forms.window import WindowForm
from policies.simulation.backtesting import MOST_FLIPS, ask_backtest, cancel_backtest, fingerprint_of
from policies.simulation.flips import FlipCell, backtests_of, flips_of
from policies.vocabulary import Outcome

from .backtest_tables import moved_table, outcome_tables, unknown_words
from .pages import PAGES, VersionPages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.http import HttpRequest

    from config.kernel.csv_out import Cell
    from policies.models import Backtest, BacktestFlip, PolicyVersion

ROWS_A_PAGE = 50
RUNS_SHOWN = 20
HEADER = ("Reference", "Decision", "Decided at", "Category", "Currency", "Amount", "Was", "Would be")


class BacktestPages(VersionPages):
    """A version's backtests, and each with its result and its flips."""

    def get_urls(self) -> list[URLPattern]:
        """Give each page its own address."""
        guarded, one = self.admin_site.admin_view, "<uuid:version_id>/backtests/<uuid:backtest_id>/"
        own = [
            path("<uuid:version_id>/backtests/", guarded(self.backtests_page), name="policies_policyversion_backtests"),
            path(one, guarded(self.backtest_page), name="policies_policyversion_backtest"),
            path(f"{one}cancel/", guarded(self.cancel_page), name="policies_policyversion_backtest_cancel"),
            path(f"{one}flips/", guarded(self.flips_file), name="policies_policyversion_backtest_flips"),
        ]
        return [*own, *super().get_urls()]

    @answers_refusals
    def backtests_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Ask for a window, beside what was asked before."""
        version = self.asked_for(request, version_id)
        zone, at = version.policy.team.time_zone, timezone.now()
        if request.method != "POST":
            return self._asking(request, version, WindowForm(zone, at))
        form = WindowForm(zone, at, request.POST)
        if not form.is_valid():
            return self._asking(request, version, form, status=UNPROCESSABLE)
        try:
            backtest = ask_backtest(
                policy_id=version.policy_id,
                document=version.document,
                version=version,
                from_at=form.from_at,
                until_at=form.until_at,
                actor=person_of(request),
                at=at,
            )
        except Refused as refusal:
            form.add_refusal(refusal)
            return self._asking(request, version, form, status=UNPROCESSABLE)
        return HttpResponseRedirect(_address(version, backtest))

    @answers_refusals
    def backtest_page(self, request: HttpRequest, version_id: UUID, backtest_id: UUID) -> HttpResponse:
        """Show how far a backtest is; once it is through, what came of it and which decisions would flip."""
        version, backtest = self._one(request, version_id, backtest_id)
        context = {
            "title": f"Backtest of {version}",
            "backtest": backtest,
            "days": _days_of(backtest),
            "may_cancel": backtest.requested_by_id == person_of(request).pk,
            "differs": fingerprint_of(version.document) != backtest.document_sha256,
        }
        if asks_for_fragment(request):
            return _progress(request, version, context)
        if backtest.result is not None:
            context |= _result_context(request, version, backtest, backtest.result)
        return self.page(request, version, "backtest/result.html", context)

    @answers_refusals
    def cancel_page(self, request: HttpRequest, version_id: UUID, backtest_id: UUID) -> HttpResponse:
        """Stop a backtest; whoever comes by GET goes to it."""
        version, backtest = self._one(request, version_id, backtest_id)
        if request.method == "POST":
            cancel_backtest(backtest=backtest, actor=person_of(request))
        return HttpResponseRedirect(_address(version, backtest))

    @answers_refusals
    def flips_file(self, request: HttpRequest, version_id: UUID, backtest_id: UUID) -> HttpResponse:
        """Hand the flips of a cell out as a file that says what was asked and proves what it holds."""
        version, backtest = self._one(request, version_id, backtest_id)
        flips = _file_rows(backtest, _cell_in(request))
        lines = proven_lines(HEADER, flips, query=request.get_full_path(), at=timezone.now())
        name = f"{version.policy.slug}-v{version.number}-backtest-flips.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
        return cast("HttpResponse", answer)

    def _asking(
        self, request: HttpRequest, version: PolicyVersion, form: WindowForm, *, status: int = 200
    ) -> HttpResponse:
        runs = [(run, _days_of(run), _address(version, run)) for run in backtests_of(version.policy_id)[:RUNS_SHOWN]]
        context = {"title": f"Backtest of {version}", "form": form, "runs": runs}
        return self.page(request, version, "backtest/ask.html", context, status=status)

    def _one(self, request: HttpRequest, version_id: UUID, backtest_id: UUID) -> tuple[PolicyVersion, Backtest]:
        version = self.asked_for(request, version_id)
        backtest = backtests_of(version.policy_id).select_related("policy__team").filter(pk=backtest_id).first()
        if backtest is None:
            raise Http404
        return version, backtest


def _progress(request: HttpRequest, version: PolicyVersion, context: dict[str, Any]) -> HttpResponse:
    if context["backtest"].job.is_over:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return TemplateResponse(request, f"{PAGES}/backtest/progress.html", {"version": version, **context})


def _result_context(
    request: HttpRequest, version: PolicyVersion, backtest: Backtest, result: dict[str, Any]
) -> dict[str, Any]:
    cell = _cell_in(request)
    asked = {word: value for word, value in cell._asdict().items() if value}
    rows = list(flips_of(backtest, cell, after=uuid_in(request.GET.get("after", "")))[: ROWS_A_PAGE + 1])
    file = reverse("admin:policies_policyversion_backtest_flips", args=[version.pk, backtest.pk])
    last = rows[ROWS_A_PAGE - 1].decision_id if rows[ROWS_A_PAGE:] else None
    return {
        "result": result,
        "tables": outcome_tables(result),
        "moved": moved_table(result),
        "unknown": unknown_words(result),
        "flips": [_flip_row(flip) for flip in rows[:ROWS_A_PAGE]],
        "narrowed": [Outcome(value).label if value in Outcome.values else value for value in asked.values()],
        "unlisted": max(result["flips"] - MOST_FLIPS, 0),
        "next": f"?{urlencode(asked | {'after': str(last)})}#flips" if last else "",
        "file": f"{file}?{urlencode(asked)}" if asked else file,
    }


def _flip_row(flip: BacktestFlip) -> tuple[Any, Money, str, str]:
    decision = flip.decision
    amount = Money(decision.amount_minor, decision.currency)
    return decision, amount, Outcome(flip.old_outcome).label, Outcome(flip.new_outcome).label


def _file_rows(backtest: Backtest, cell: FlipCell) -> Iterator[tuple[list[Cell], Money]]:
    for flip in flips_of(backtest, cell).iterator(chunk_size=500):
        decision, amount, was, would_be = _flip_row(flip)
        told = [decision.reference, str(decision.pk), decision.decided_at.isoformat(), decision.get_category_display()]
        yield [*told, amount.currency, amount.major, was, would_be], amount


def _cell_in(request: HttpRequest) -> FlipCell:
    old, new = (_outcome_in(request.GET.get(side, "")) for side in ("old", "new"))
    currency = request.GET.get("currency", "")
    return FlipCell(old, new, currency if currency.isalpha() and currency.isascii() else "")


def _outcome_in(word: str) -> str:
    return word if word in Outcome.values else ""


def _days_of(backtest: Backtest) -> tuple[Any, Any]:
    """Name the first and the last day of a window on the team's calendar."""
    zone = ZoneInfo(backtest.policy.team.time_zone)
    last_at = backtest.until_at - timedelta(microseconds=1)
    return backtest.from_at.astimezone(zone).date(), last_at.astimezone(zone).date()


def _address(version: PolicyVersion, backtest: Backtest) -> str:
    return reverse("admin:policies_policyversion_backtest", args=[version.pk, backtest.pk])
