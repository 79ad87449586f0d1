"""The dashboard and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from config.kernel.csv_out import csv_lines
from config.kernel.money import Money, known_currency
from config.kernel.web import PersonRequest, day_in, page, render_page
from config.kernel.wording import said

from . import definitions, selectors
from .charts.scale import requests_in
from .definitions import MEASURES
from .pictures import months_chart
from .selectors import percent
from .slices import Slice, default_slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from .selectors import Figure, MonthCell

SEES = "analytics.view_insight"


@page(SEES)
@require_safe
def dashboard(request: PersonRequest) -> HttpResponse:
    """Show what was given back: per month and currency, by reason, by outcome, and where requests stand."""
    viewer, wanted = request.user, slice_from(request.GET)
    cells = selectors.refunded_cells(viewer, wanted)
    currencies = sorted({cell.money.currency for cell in cells})
    teams = selectors.teams_of(viewer)
    months = selectors.by_month(cells, wanted)
    context = {
        "wanted": wanted,
        "teams": teams,
        "currencies": sorted({team.currency for team in teams} | {*currencies}),
        "tiles": [_tile(currency, cells, wanted) for currency in currencies],
        "shares": _shares(cells, wanted),
        "charts": [
            {
                "currency": currency,
                "svg": months_chart(cells, wanted, currency),
                "figures": [figure for figure in reversed(months) if figure.money.currency == currency],
            }
            for currency in currencies
        ],
        "by_month": {"measure": definitions.REFUNDED_BY_MONTH, "csv": _csv_address(wanted, "refunded-by-month")},
        "by_outcome": _table("refunded-by-outcome", wanted, selectors.by_outcome(cells, wanted)),
        "by_reason": _table("refunded-by-reason", wanted, selectors.refunded_by_reason(viewer, wanted)),
        "by_state": _table("requests-by-state", wanted, selectors.requests_by_state(viewer, wanted), is_ordered=True),
        "now": timezone.now(),
    }
    return render_page(request, "analytics/dashboard.html", context, fragment="insight")


@page(SEES)
@require_safe
def measure_csv(request: PersonRequest, measure: str) -> HttpResponse:
    """Hand out the figures of one measure as a file; numbers stay numbers, text never becomes a formula."""
    found = MEASURES.get(measure)
    if found is None:
        raise Http404("No such measure.")
    wanted = slice_from(request.GET)
    header = [found.of, "Code", "Currency", "Requests", "Amount", "Share of the currency"]
    rows = [
        (figure.label, figure.code, figure.money.currency, figure.count, figure.money.major, figure.share)
        for figure in found.count(request.user, wanted)
    ]
    name = f"{found.slug}-{wanted.from_on}-{wanted.to_on}.csv"
    return HttpResponse(
        "".join(csv_lines(header, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def slice_from(query: QueryDict) -> Slice:
    """Read the filters of the address; days that make no sense become the last twelve months."""
    usual = default_slice(timezone.now().date())
    from_on = day_in(query.get("from", "")) or usual.from_on
    to_on = day_in(query.get("to", "")) or usual.to_on
    if to_on < from_on:
        from_on, to_on = usual.from_on, usual.to_on
    currency = query.get("currency", "").upper()
    return Slice(
        from_on=from_on,
        to_on=to_on,
        team=query.get("team", ""),
        currency=currency if known_currency(currency) else "",
    )


def _tile(currency: str, cells: Sequence[MonthCell], wanted: Slice) -> dict[str, Any]:
    mine = [cell for cell in cells if cell.money.currency == currency]
    count = sum(cell.count for cell in mine)
    return {
        "label": said("Refunded, {currency}", currency=currency),
        "money": Money(sum(cell.money.minor for cell in mine), currency),
        "rows": wanted.rows(currency=currency),
        "note": requests_in(count),
    }


def _shares(cells: Sequence[MonthCell], wanted: Slice) -> list[dict[str, str]]:
    """Say shares of requests, not of money, so that they may speak of every currency at once."""
    count = sum(cell.count for cell in cells)
    automatic = sum(cell.count for cell in cells if cell.outcome == "allow")
    reconciled = sum(cell.reconciled_count for cell in cells)
    return [
        {
            "label": said("Automatic by policy"),
            "value": percent(automatic, count),
            "rows": wanted.rows(outcome="allow"),
            "note": definitions.AUTOMATIC_SHARE,
        },
        {
            "label": said("Reconciled"),
            "value": percent(reconciled, count),
            "rows": wanted.rows(state="reconciled"),
            "note": definitions.RECONCILED_SHARE,
        },
    ]


def _table(slug: str, wanted: Slice, figures: Sequence[Figure], *, is_ordered: bool = False) -> dict[str, Any]:
    """Lay figures out with a column for each currency; the row with most requests first unless they are in order."""
    currencies = sorted({figure.money.currency for figure in figures})
    by_label: dict[str, dict[str, Figure]] = {}
    for figure in figures:
        by_label.setdefault(figure.label, {})[figure.money.currency] = figure
    labels = list(by_label)
    if not is_ordered:
        labels.sort(key=lambda label: -sum(figure.count for figure in by_label[label].values()))
    rows = [
        {"label": label, "cells": [(currency, by_label[label].get(currency)) for currency in currencies]}
        for label in labels
    ]
    return {"measure": MEASURES[slug], "currencies": currencies, "rows": rows, "csv": _csv_address(wanted, slug)}


def _csv_address(wanted: Slice, slug: str) -> str:
    return f"{slug}.csv?{urlencode({name: word for name, word in wanted.query.items() if word})}"
