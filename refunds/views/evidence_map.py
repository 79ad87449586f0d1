"""The evidence map: by decision point what it creates and demands, how complete both are; and that as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from config.kernel.csv_out import proven_lines
from config.kernel.people import team_ids_of, teams_of
from config.kernel.web import PersonRequest, page, render_page
from policies.models import ExceptionCode
from policies.offered_codes import used_reasons, why_not_offered
from policies.vocabulary import CodeKind, CodeState
from refunds.evidence_map.completeness import Slice, by_team_and_month
from refunds.evidence_map.page import evidence_map as drawn

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from config.kernel.csv_out import Cell
    from refunds.evidence_map.completeness import Counted

SEES = "evidence.view_evidencerequirement"
MONTHS = 6
HEADER = ["Month", "Team", "Decided requests", "Complete requests", "Artifacts needed", "Artifacts there", "Share"]


@page(SEES)
@require_safe
def evidence_map(request: PersonRequest) -> HttpResponse:
    """Show the map of the viewer's teams, or hand out its completeness as a file."""
    now = timezone.now()
    reason, exception_code = request.GET.get("reason", ""), request.GET.get("exception_code", "")
    this_month = first_of(now)
    wanted = Slice(
        team_ids=team_ids_of(request.user),
        since=this_month,
        until=now,
        reason=reason,
        exception_code=exception_code,
    )
    lately = Slice(
        team_ids=wanted.team_ids,
        since=first_of(now, back=MONTHS - 1),
        until=now,
        reason=reason,
        exception_code=exception_code,
    )
    names = {team.pk: team.name for team in teams_of(request.user)}
    months = [(month, names[team_id], counted) for team_id, month, counted in by_team_and_month(lately)]
    if request.GET.get("format") == "csv":
        return _file(request, months, now)
    asked_for = {"reason": reason, "exception_code": exception_code}
    context = {
        **asked_for,
        "rows": drawn(request.user, wanted),
        "months": months,
        "reasons": list(used_reasons()),
        "codes": list(ExceptionCode.objects.exclude(state=CodeState.DRAFT).order_by("pk")),
        "faults": [
            sentence
            for kind, code in ((CodeKind.REASON, reason), (CodeKind.EXCEPTION, exception_code))
            if code and (sentence := why_not_offered(kind, code))
        ],
        "csv": urlencode({**{name: word for name, word in asked_for.items() if word}, "format": "csv"}),
        "this_month": this_month,
        "may_change": request.user.is_staff and request.user.has_perm("evidence.change_evidencerequirement"),
        "now": now,
    }
    return render_page(request, "refunds/evidence_map.html", context)


def first_of(moment: datetime, *, back: int = 0) -> datetime:
    """Find the first moment of a month in UTC: the one of `moment`, or so many before it."""
    here = moment.astimezone(UTC)
    months = here.year * 12 + here.month - 1 - back
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _file(request: PersonRequest, months: list[tuple[date, str, Counted]], at: datetime) -> HttpResponse:
    rows: list[tuple[list[Cell], None]] = [(_cells(month, team, counted), None) for month, team, counted in months]
    lines = proven_lines(HEADER, rows, query=request.get_full_path(), at=at)
    headers = {"Content-Disposition": f'attachment; filename="evidence-completeness-{at:%Y-%m-%d}.csv"'}
    streamed = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    return cast("HttpResponse", streamed)


def _cells(month: date, team: str, counted: Counted) -> list[Cell]:
    return [
        f"{month:%Y-%m}",
        team,
        counted.request_count,
        counted.complete_count,
        counted.needed_count,
        counted.held_count,
        counted.percent,
    ]
