"""The scorecards that were published, one of them, and the running month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.models import Scorecard
from config.kernel.people import team_ids_of, teams_of
from config.kernel.web import PersonRequest, number_in, or_404, page, render_page
from evidence.ledger import timeline_of

from .counting import lines_of, read, sha256_of
from .thresholds import CHANGES

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from config.kernel.people import User

SEES: Final = "analytics.view_insight"
PAGE: Final = 50


@page(SEES)
@require_safe
def scorecards(request: PersonRequest) -> HttpResponse:
    """List what was published, the newest month first, beside the running month of a team."""
    now = timezone.now()
    first = now.date().replace(day=1)
    kept = Paginator(scorecards_visible_to(request.user), PAGE).get_page(number_in(request.GET.get("page", "")) or 1)
    teams = teams_of(request.user)
    team = next((one for one in teams if one.slug == request.GET.get("team")), teams[0] if teams else None)
    context = {
        "kept": kept,
        "teams": teams,
        "team": team,
        "running": lines_of(team.pk, first) if team is not None else [],
        "first": first,
        "thresholds": _thresholds_page(request.user),
        "now": now,
    }
    return render_page(request, "analytics/scorecards.html", context)


@page(SEES)
@require_safe
def scorecard(request: PersonRequest, scorecard_id: UUID) -> HttpResponse:
    """Show one as it was published, and whether it still is what was published."""
    found: Scorecard = or_404(scorecards_visible_to(request.user).filter(pk=scorecard_id).first(), "scorecard")
    lines = read(found.lines)
    context = {
        "scorecard": found,
        "lines": lines,
        "is_same": sha256_of(found.team.slug, found.month, lines) == found.sha256,
        "timeline": timeline_of(found.subject),
    }
    return render_page(request, "analytics/scorecard.html", context)


def _thresholds_page(viewer: User) -> str:
    """Name the page on which the entitled set thresholds."""
    return reverse("admin:analytics_scorecardthreshold_changelist") if viewer.has_perm(CHANGES) else ""


def scorecards_visible_to(user: User) -> QuerySet[Scorecard]:
    """Narrow scorecards to the teams this person works for."""
    return Scorecard.objects.filter(team__in=team_ids_of(user)).select_related("team").order_by("-month", "team__name")
