"""The pages of patterns: all kinds at a glance, one kind with its signals and their rows, and those rows as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from analytics.selectors import teams_of
from analytics.statistics.discovery import RATE
from analytics.views import SEES, slice_from
from config.kernel.csv_out import csv_lines
from config.kernel.web import PersonRequest, number_in, page, render_page
from refunds.permissions import visible_to

from .kinds import KINDS
from .looking import look_at, odds
from .plots import PLOTS
from .reading import MOST_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from analytics.slices import Slice
    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .kinds import Kind
    from .looking import Look
    from .signals import Signal

SHOWN_AT_ONCE = 10
ROWS_OF_ONE = 50
ON_FIRST_PAGE = 6
ONE_IN = round(1 / RATE)


@page(SEES)
@require_safe
def overview(request: PersonRequest) -> HttpResponse:
    """Show every kind of signal with how many there are, and the strongest of all."""
    wanted = slice_from(request.GET)
    look = look_at(request.user, wanted)
    context = {
        **_frame(request, wanted, look),
        "kinds": [
            {"kind": kind, "count": len(look.of(kind)), "page": _address(kind, wanted)} for kind in KINDS.values()
        ],
        "strongest": [_line(signal, look, wanted) for signal in look.signals[:ON_FIRST_PAGE]],
    }
    return render_page(request, "analytics/patterns.html", context, fragment="patterns")


@page(SEES)
@require_safe
def one_kind(request: PersonRequest, pattern: str) -> HttpResponse:
    """Show one kind: its drawings, its signals, and the requests each was seen in; with `signal`, all of one's."""
    found = _kind_of(pattern)
    wanted = slice_from(request.GET)
    look = look_at(request.user, wanted)
    signals = look.of(found)
    key = request.GET.get("signal", "")
    if key:
        signals = [signal for signal in signals if signal.key == key]
        if not signals:
            raise Http404("No such signal.")
    first = max(number_in(request.GET.get("first", "")) or 0, 0)
    shown = [_with_rows(request.user, signal, look, wanted, first if key else None) for signal in signals]
    context = {
        **_frame(request, wanted, look),
        "kind": found,
        "signals": shown,
        "only": key,
        "all": _address(found, wanted),
        "plots": [] if key else PLOTS[pattern](look) if pattern in PLOTS else [],
        "csv": f"{reverse('analytics:pattern_csv', args=[pattern])}?{_query(wanted, signal=key)}",
    }
    return render_page(request, "analytics/pattern.html", context, fragment="pattern")


@page(SEES)
@require_safe
def rows_csv(request: PersonRequest, pattern: str) -> HttpResponse:
    """Hand out the requests behind the signals of one kind, or of one signal; those one may see and no others."""
    found = _kind_of(pattern)
    wanted = slice_from(request.GET)
    look = look_at(request.user, wanted)
    key = request.GET.get("signal", "")
    signals = [signal for signal in look.of(found) if not key or signal.key == key]
    open_to_viewer = [signal for signal in signals if not look.names.hide(signal)]
    known = _requests(request.user, {pk for signal in open_to_viewer for pk in signal.rows})
    lines = csv_lines(
        ["Signal", "Request", "Team", "State", "Amount", "Currency", "Reason", "Exception code", "Submitted"],
        [
            [
                look.names.sentence(signal),
                one.reference,
                one.team.name,
                one.get_state_display(),
                one.amount.major,
                one.currency,
                one.reason_id or "",
                one.exception_code,
                "" if one.submitted_at is None else one.submitted_at.isoformat(),
            ]
            for signal in open_to_viewer
            for one in _in_order(signal.rows, known)
        ],
    )
    return HttpResponse(
        "".join(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{pattern}-{wanted.from_on}-{wanted.to_on}.csv"'},
    )


def _frame(request: PersonRequest, wanted: Slice, look: Look) -> dict[str, Any]:
    teams = teams_of(request.user)
    observed = look.observed
    return {
        "wanted": wanted,
        "teams": teams,
        "currencies": sorted({team.currency for team in teams}),
        "count": len(look.signals),
        "requests": f"{len(observed.requests):,}" if observed.requests else "",
        "decisions": f"{len(observed.decisions):,}",
        "names_are_shown": look.names.are_shown,
        "since": observed.from_at if observed.from_at.date() > wanted.from_on else None,
        "most": f"{MOST_REQUESTS:,}",
        "one_in": ONE_IN,
        "quiet": ONE_IN - 1,
        "now": timezone.now(),
    }


def _line(signal: Signal, look: Look, wanted: Slice) -> dict[str, Any]:
    return {
        "kind": signal.kind,
        "sentence": look.names.sentence(signal),
        "numbers": signal.numbers,
        "odds": odds(signal.p_value),
        "is_fact": signal.p_value is None,
        "count": len(signal.rows),
        "page": f"{reverse('analytics:pattern', args=[signal.kind.slug])}?{_query(wanted, signal=signal.key)}",
        "is_hidden": look.names.hide(signal),
    }


def _with_rows(viewer: User, signal: Signal, look: Look, wanted: Slice, first: int | None) -> dict[str, Any]:
    line = _line(signal, look, wanted)
    if line["is_hidden"]:
        return line
    begin, size = (0, SHOWN_AT_ONCE) if first is None else (first, ROWS_OF_ONE)
    some = signal.rows[begin : begin + size]
    more = len(signal.rows) > begin + size
    following = _query(wanted, signal=signal.key, first=str(begin + size)) if more and first is not None else ""
    return line | {
        "rows": _in_order(some, _requests(viewer, some)),
        "has_more": more and first is None,
        "next": f"?{following}" if following else "",
    }


def _requests(viewer: User, ids: Iterable[UUID]) -> dict[UUID, RefundRequest]:
    return {one.pk: one for one in visible_to(viewer).filter(pk__in=set(ids)).select_related("team")}


def _in_order(ids: Iterable[UUID], known: dict[UUID, RefundRequest]) -> list[RefundRequest]:
    return [known[pk] for pk in ids if pk in known]


def _kind_of(word: str) -> Kind:
    if word not in KINDS:
        raise Http404("No such kind of pattern.")
    return KINDS[word]


def _address(kind: Kind, wanted: Slice) -> str:
    return f"{reverse('analytics:pattern', args=[kind.slug])}?{_query(wanted)}"


def _query(wanted: Slice, **more: str) -> str:
    words = {**wanted.query, **more}
    return urlencode({name: word for name, word in words.items() if word})
