"""The pages of patterns: all kinds at a glance, one kind with its signals and their rows, and those rows as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from analytics.selectors import teams_of
from analytics.statistics.discovery import RATE
from config.kernel.csv_out import csv_lines
from config.kernel.web import PersonRequest, number_in, or_404, page, render_page, uuid_in
from config.kernel.wording import said
from evidence.ledger import timeline_of

from . import keeping, kept
from .forms import LookForm
from .kept import SEES, Wanted
from .kinds import KINDS
from .marking import LOOKS
from .plots import DRAWN, drawn
from .reading import MOST_REQUESTS
from .showing import HEADER, address_of, cells_of, line_of, with_rows
from .vocabulary import SignalState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.models import PatternReading, PatternSignal
    from config.kernel.people import User
    from config.kernel.spoken import SpokenForm

    from .kinds import Kind
    from .naming import Names
    from .plots import Plot

ON_FIRST_PAGE = 10
MOST_SIGNALS = 50
MOST_PLOTS = 6
ONE_IN = round(1 / RATE)
STATES = (("", said("All")), *SignalState.choices)


@page(SEES)
@require_safe
def overview(request: PersonRequest) -> HttpResponse:
    """Show every kind of signal with how many there are, and the strongest of all."""
    viewer, wanted = request.user, wanted_from(request)
    counts = kept.counts_of(viewer, wanted)
    names = kept.names_for(viewer)
    strongest = list(kept.signals_of(viewer, wanted)[:ON_FIRST_PAGE])
    marks = kept.marks_on(strongest)
    context = {
        **frame(request, wanted, names),
        "count": sum(counts.values()),
        "kinds": [
            {"kind": kind, "count": counts.get(slug, 0), "page": f"{address_of(slug)}{_query(wanted)}"}
            for slug, kind in KINDS.items()
        ],
        "strongest": [line_of(signal, names, marks.get(signal.standing_id)) for signal in strongest],
    }
    return render_page(request, "analytics/patterns.html", context, fragment="patterns")


@page(SEES)
@require_safe
def one_kind(request: PersonRequest, pattern: str) -> HttpResponse:
    """Show one kind: its drawings, its signals, and the requests each was seen in; with `signal`, all of one's."""
    found = kind_of(pattern)
    if "signal" in request.GET:
        standing_id = uuid_in(request.GET["signal"])
        return show_signal(request, or_404(kept.one_signal(request.user, standing_id, pattern=pattern), "signal"))
    viewer, wanted = request.user, wanted_from(request)
    names = kept.names_for(viewer)
    signals = list(kept.signals_of(viewer, wanted, pattern=pattern)[: MOST_SIGNALS + 1])
    marks = kept.marks_on(signals)
    told = frame(request, wanted, names)
    context = {
        **told,
        "kind": found,
        "signals": [
            with_rows(viewer, line_of(signal, names, marks.get(signal.standing_id)), None)
            for signal in signals[:MOST_SIGNALS]
        ],
        "has_more": len(signals) > MOST_SIGNALS,
        "plots": _plots(pattern, told["readings"], names) if pattern in DRAWN else [],
        "csv": f"{address_of(pattern)[:-1]}.csv{_query(wanted)}",
    }
    return render_page(request, "analytics/pattern.html", context, fragment="pattern")


@page(SEES)
@require_safe
def rows_csv(request: PersonRequest, pattern: str) -> HttpResponse:
    """Hand out the requests behind the signals of one kind, or of one signal; those one may see and no others."""
    kind_of(pattern)
    viewer, wanted = request.user, wanted_from(request)
    signals = kept.signals_of(viewer, wanted, pattern=pattern)
    if "signal" in request.GET:
        signals = signals.filter(standing_id=or_404(uuid_in(request.GET["signal"]), "signal"))
    listed = list(signals)
    lines = csv_lines(HEADER, cells_of(viewer, listed, kept.names_for(viewer), dict(kept.marks_on(listed))))
    as_of = keeping.last_read_at()
    name = f"{pattern}-{as_of:%Y-%m-%d-%H%M}" if as_of else pattern
    return HttpResponse(
        "".join(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def show_signal(
    request: PersonRequest,
    signal: PatternSignal,
    *,
    form: SpokenForm | None = None,
    reasons: Any = (),
    status: int = 200,
) -> HttpResponse:
    """Show one signal with all its requests, what became of it, and the form to say so."""
    viewer, names = request.user, kept.names_for(request.user)
    first = max(number_in(request.GET.get("first", "")) or 0, 0)
    line = line_of(signal, names, kept.marks_on([signal]).get(signal.standing_id))
    context = {
        **frame(request, Wanted(), names),
        "kind": signal.kind,
        "line": with_rows(viewer, line, first),
        "reasons": reasons,
        "form": form or LookForm(),
        "codes": kept.codes_in(signal),
        "may_look": viewer.has_perm(LOOKS) and viewer.pk not in signal.people,
        "timeline": list(timeline_of(signal.subject)),
        "csv": f"{address_of(signal.pattern)[:-1]}.csv?{urlencode({'signal': str(signal.standing_id)})}",
    }
    return render_page(request, "analytics/signal.html", context, status=status)


def frame(request: PersonRequest, wanted: Wanted, names: Names) -> dict[str, Any]:
    """What every page of patterns says of what was read."""
    readings = list(kept.readings_of(request.user, wanted))
    requests = sum(reading.request_count for reading in readings)
    return {
        "wanted": wanted,
        "teams": teams_of(request.user),
        "states": STATES,
        "readings": readings,
        "as_of": min((reading.read_at for reading in readings), default=None),
        "from_at": min((reading.from_at for reading in readings), default=None),
        "requests": f"{requests:,}" if requests else "",
        "decisions": f"{sum(reading.decision_count for reading in readings):,}",
        "cut": [reading for reading in readings if reading.is_cut],
        "most": f"{MOST_REQUESTS:,}",
        "names_are_shown": names.are_shown,
        "one_in": ONE_IN,
        "quiet": ONE_IN - 1,
        **progress(request.user),
    }


def progress(viewer: User) -> dict[str, Any]:
    """What the line about the reading says."""
    return {"under_way": keeping.reading_under_way(), "may_read": viewer.has_perm(keeping.READS)}


def kind_of(word: str) -> Kind:
    """Find a kind by its word in addresses."""
    if word not in KINDS:
        raise Http404("No such kind of pattern.")
    return KINDS[word]


def wanted_from(request: PersonRequest) -> Wanted:
    """Read the filters of the address; a team or a state that there is none of is none."""
    team, state = request.GET.get("team", ""), request.GET.get("state", "")
    known = {one.slug for one in teams_of(request.user)}
    return Wanted(team=team if team in known else "", state=state if state in SignalState.values else "")


def _plots(pattern: str, readings: Sequence[PatternReading], names: Names) -> list[Plot]:
    """Draw what there is, team by team, up to a page full."""
    several = len([reading for reading in readings if reading.plots.get(pattern)]) > 1
    figures = [(reading, one) for reading in readings for one in reading.plots.get(pattern, ())]
    return [
        drawn(pattern, one, names, of=str(reading.team) if several else "") for reading, one in figures[:MOST_PLOTS]
    ]


def _query(wanted: Wanted) -> str:
    words = {"team": wanted.team, "state": wanted.state}
    told = urlencode({name: word for name, word in words.items() if word})
    return f"?{told}" if told else ""
