"""What nobody could approve: open routes found by the last look, and what the policies in force let come to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from approvals.dead_ends import known_dead_ends, look_for_dead_ends, looked_at
from config.kernel.people import Team, team_ids_of
from config.kernel.web import PersonRequest, page, render_page
from policies.dead_ends import plausible_dead_ends, sentences_of
from policies.engine.document import parse_document
from policies.models import PolicyVersion
from policies.vocabulary import VersionState

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from config.kernel.people import User

SHOWN = 200


@page("approvals.view_deadend")
@require_http_methods(["GET", "HEAD", "POST"])
def dead_ends(request: PersonRequest) -> HttpResponse:
    """Show what nobody could approve in the teams of the viewer; a POST looks again now."""
    at = timezone.now()
    if request.method == "POST":
        count = look_for_dead_ends(at=at)
        messages.success(request, f"Looked at every open route: {count} that nobody could finish.")
        return redirect("policies:dead_ends")
    found = list(known_dead_ends(request.user)[: SHOWN + 1])
    context = {
        "found": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "looked_at": looked_at(),
        "teams": _plausible(request.user, at),
        "now": at,
    }
    return render_page(request, "policies/dead_ends.html", context)


def _plausible(viewer: User, at: datetime) -> list[dict[str, Any]]:
    """List by team what its policy in force hands to people and nobody could sign."""
    versions = PolicyVersion.objects.filter(
        state=VersionState.PUBLISHED, policy__team__in=team_ids_of(viewer)
    ).select_related("policy__team")
    by_team: dict[Team, list[str]] = {}
    for version in versions.order_by("policy__team__name", "pk"):
        team = version.policy.team
        found = plausible_dead_ends(parse_document(version.document), team, at=at)
        by_team.setdefault(team, []).extend(sentences_of(found))
    return [{"team": team, "sentences": sentences} for team, sentences in by_team.items()]
