"""The page of leakage, the rows behind its numbers, and both as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from analytics import selectors
from analytics.models import Basis, RollupMark
from analytics.rollups import rebuilding
from config.kernel.csv_out import proven_lines
from config.kernel.refusals import OutOfDate
from config.kernel.web import PersonRequest, day_in, page, render_page
from config.kernel.wording import said

from . import before, behind, control, definitions, drawing, figures, heat, rows, shares, steps, tiles
from .asking import Ask
from .definitions import GOODWILL, LEAKAGE, LEAKS, REFUNDED
from .rows import Narrowing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config.kernel.csv_out import Cell
    from config.kernel.money import Money
    from config.kernel.people import User
    from policies.models import PolicyVersion

    from .definitions import Kind
    from .figures import Line

SEES: Final = "analytics.view_insight"
PAGE: Final = 50
TABLES: Final = ("reason", "band", "approver", "team", "product", "channel", "version")
SHOWN: Final = (LEAKAGE, *LEAKS, GOODWILL, REFUNDED)
ALWAYS: Final = (LEAKAGE, REFUNDED)
"""Measures that have a column even where they are nothing."""

FILES: Final = {
    "rates": behind.rates_file,
    "captured": behind.captured_file,
    "late": behind.late_file,
    "week": behind.week_file,
}
"""The files that are no sums of leakage."""


@page(SEES)
@require_safe
def leakage(request: PersonRequest) -> HttpResponse:
    """Show what left that should not have, where it leaked, and what control costs."""
    viewer, now = request.user, timezone.now()
    ask = Ask.of(request.GET.dict(), today=now.date())
    classes = steps.classes_of(viewer, ask)
    totals, months = figures.totals(viewer, ask), figures.by_month(viewer, ask)
    codes, versions = figures.by_dimension(viewer, ask, "code"), figures.versions_published(viewer, ask)
    teams = selectors.teams_of(viewer)
    currencies = [line.currency for line in totals]
    context = {
        "ask": ask,
        "bases": [(Basis.REFUND.value, Basis.REFUND.label), (Basis.SALE.value, Basis.SALE.label)],
        "teams": teams,
        "currencies": sorted({team.currency for team in teams} | {*currencies}),
        "tiles": tiles.money_tiles(viewer, ask, totals),
        "heats": heat.heat_maps(viewer, ask),
        "heat_legend": heat.LEGEND,
        "before": before.span_before(ask),
        "charts": [_charts(ask, currency, months, codes, versions) for currency in currencies],
        "kinds": SHOWN,
        "tables": [_table(viewer, ask, dimension) for dimension in TABLES],
        "steps": steps.steps_in(classes),
        "lengths": [drawing.lengths(classes, slug) for slug in ("decide", "decide_working") if slug in classes],
        "touch": tiles.touch_tiles(viewer, ask),
        "shares": shares.shares(viewer, ask, at=now),
        "suggestions": control.suggestions(viewer, ask),
        "versions": versions,
        "csv": {by: _csv(ask, by) for by in ("month", "code", "week")},
        "definitions": definitions,
        "counted_at": RollupMark.objects.values_list("counted_at", flat=True).first(),
        "recount": rebuilding.latest_recount() if request.user.has_perm(rebuilding.RECOUNTS) else None,
        "may_recount": request.user.has_perm(rebuilding.RECOUNTS),
        "now": now,
    }
    return render_page(request, "analytics/leakage.html", context, fragment="leakage")


@page(SEES)
@require_safe
def leakage_rows(request: PersonRequest) -> HttpResponse:
    """List the rows that a number was counted from."""
    ask, narrowing = _asked(request)
    before, before_id = day_in(request.GET.get("before", "")), request.GET.get("before_id", "")
    facts = rows.rows_of(request.user, ask, narrowing)
    if before is not None and (last := figures.number_in(before_id)):
        facts = facts.filter(rows.after(ask, narrowing, before, last))
    found = rows.shown(facts[: PAGE + 1], narrowing.measure)
    words = {**ask.words(), **narrowing.words}
    label = ""
    if narrowing.by:
        label = figures.labels_of(narrowing.by, {narrowing.value}, request.user)[narrowing.value]
    context = {
        "ask": ask,
        "narrowing": narrowing,
        "measure": narrowing.measure,
        "dimension": figures.DIMENSIONS.get(narrowing.by, ""),
        "label": label,
        "rows": found[:PAGE],
        "next": f"?{urlencode({**words, **_last_of(found[PAGE - 1], ask, narrowing)})}" if len(found) > PAGE else "",
        "is_first": before is None,
        "first": f"?{urlencode(words)}",
        "csv": f"{reverse('analytics:leakage_rows_csv')}?{urlencode(words)}",
        "back": f"{reverse('analytics:leakage')}?{urlencode(ask.words())}",
    }
    return render_page(request, "analytics/leakage_rows.html", context, fragment="rows")


@page(SEES)
@require_safe
def leakage_rows_csv(request: PersonRequest) -> HttpResponse:
    """Hand out the rows behind a number, with the question, their count, their sums and a hash."""
    ask, narrowing = _asked(request)
    header = ["Reference", "Team", "Sold on", "Refunded on", "Decided on", "Reason", "Code", "Currency", "Refunded"]
    header.append(narrowing.measure.name)

    def told() -> Iterator[tuple[Sequence[Cell], Money | None]]:
        facts = rows.rows_of(request.user, ask, narrowing).select_related("team")
        for row in rows.all_rows(facts, narrowing.measure):
            fact = row.fact
            days = [day.isoformat() if day else "" for day in (fact.sale_on, fact.refunded_on, fact.decided_on)]
            words = [fact.reason, fact.code, fact.currency]
            yield [row.reference, fact.team.slug, *days, *words, row.refunded.major, row.money.major], row.money

    query = urlencode({**ask.words(), **narrowing.words})
    return _file(proven_lines(header, told(), query=query, at=timezone.now()), "leakage-rows", ask)


@page(SEES)
@require_safe
def leakage_csv(request: PersonRequest, by: str) -> HttpResponse:
    """Hand out the figures by month or by one dimension as a file, or the shares and what they are of.

    The sums below are of the leakage, or of what is listed.
    """
    if by not in {"month", *FILES, *figures.DIMENSIONS}:
        raise Http404("There is no such table.")
    ask = Ask.of(request.GET.dict(), today=timezone.now().date())
    if by in FILES:
        return FILES[by](request.user, ask)
    lines = figures.by_month(request.user, ask) if by == "month" else figures.by_dimension(request.user, ask, by)
    header = [figures.DIMENSIONS.get(by, "Month"), "Code", "Currency", "Requests", "Leaked", *[k.name for k in SHOWN]]

    def told() -> Iterator[tuple[Sequence[Cell], Money | None]]:
        for line in lines:
            words: list[Cell] = [line.label, line.value, line.currency, line.count, line.leaking_count]
            yield [*words, *(line.money(kind).major for kind in SHOWN)], line.money(LEAKAGE)

    query = urlencode({"by": by, **ask.words()})
    return _file(proven_lines(header, told(), query=query, at=timezone.now()), f"leakage-by-{by}", ask)


@page(rebuilding.RECOUNTS)
@require_POST
def recount(request: PersonRequest) -> HttpResponse:
    """Have everything counted anew."""
    rebuilding.ask_recount(actor=request.user, at=timezone.now())
    messages.info(request, said("Everything is counted anew; the figures stay as they are meanwhile."))
    return redirect(f"{reverse('analytics:leakage')}#recount")


@page(rebuilding.RECOUNTS)
@require_POST
def stop_recount(request: PersonRequest) -> HttpResponse:
    """Stop counting anew."""
    job = rebuilding.latest_recount()
    if job is None:
        raise OutOfDate("over", said("Nothing is being counted anew."))
    rebuilding.cancel_recount(job=job, actor=request.user)
    messages.info(request, said("The recount stops after the orders it is at."))
    return redirect(f"{reverse('analytics:leakage')}#recount")


def _last_of(row: rows.Row, ask: Ask, narrowing: Narrowing) -> dict[str, str]:
    day = getattr(row.fact, rows.day_of(ask, narrowing))
    return {"before": day.isoformat(), "before_id": str(row.fact.pk)}


def _asked(request: PersonRequest) -> tuple[Ask, Narrowing]:
    query = request.GET.dict()
    return Ask.of(query, today=timezone.now().date()), Narrowing.of(query)


def _charts(
    ask: Ask, currency: str, months: Sequence[Line], codes: Sequence[Line], versions: Sequence[PolicyVersion]
) -> dict[str, Any]:
    """Draw one currency, with the same numbers as tables."""
    own_months = [line for line in months if line.currency == currency]
    own_codes = [line for line in codes if line.currency == currency]
    return {
        "currency": currency,
        "trend": drawing.trend(months, ask, currency, versions),
        "months": _laid_out(own_months[::-1], ask),
        "by_money": drawing.pareto(codes, ask, currency, "code", is_by_count=False),
        "by_count": drawing.pareto(codes, ask, currency, "code", is_by_count=True),
        "codes": _laid_out(own_codes, ask, "code"),
    }


def _laid_out(lines: Sequence[Line], ask: Ask, by: str = "") -> list[dict[str, Any]]:
    """Lay lines out: each measure that any of them has, with the address of its rows."""
    kinds = [kind for kind in SHOWN if kind in ALWAYS or any(line.minor(kind) for line in lines)]
    return [_cells(line, kinds, ask, by) for line in lines]


def _cells(line: Line, kinds: Sequence[Kind], ask: Ask, by: str) -> dict[str, Any]:
    more = {"currency": line.currency}
    if by:
        more |= {"by": by, "value": line.value}
    else:
        first = figures.first_of(line.value)
        ask = ask.between(first, figures.month_end(first))
    return {
        "line": line,
        "rows": ask.rows(**more),
        "cells": [
            {"kind": kind, "money": line.money(kind), "rows": ask.rows(**more, kind=kind.slug)} for kind in kinds
        ],
    }


def _table(viewer: User, ask: Ask, dimension: str) -> dict[str, Any]:
    lines = figures.by_dimension(viewer, ask, dimension)
    return {
        "slug": dimension,
        "name": figures.TITLES[dimension],
        "of": figures.DIMENSIONS[dimension],
        "lines": _laid_out(lines, ask, dimension),
        "note": definitions.SMALL if dimension == "approver" else "",
        "csv": _csv(ask, dimension),
    }


def _csv(ask: Ask, by: str) -> str:
    return f"{reverse('analytics:leakage_csv', args=[by])}?{urlencode(ask.words())}"


def _file(lines: Iterator[str], name: str, ask: Ask) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{ask.from_on}-{ask.to_on}.csv"'}
    streamed = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    return cast("HttpResponse", streamed)
