"""What nobody could approve: open routes found by the last look, and what the policies in force let come to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from approvals.looking import ask_for_look, known_dead_ends, last_look, look_under_way
from config.kernel.jobs import cancel_job
from config.kernel.people import Team, team_ids_of
from config.kernel.web import PersonRequest, asks_for_fragment, page, render_page
from config.kernel.wording import said
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
    """Show what nobody could approve in the teams of the viewer; a POST asks for a look now, or stops one's own."""
    at = timezone.now()
    if request.method == "POST":
        _start_or_stop(request, at)
        return redirect("policies:dead_ends")
    progress = {"under_way": look_under_way(), "last": last_look()}
    if asks_for_fragment(request):
        return render_page(request, "policies/dead_ends.html", {**progress, "is_news": True}, fragment="looking")
    found = list(known_dead_ends(request.user)[: SHOWN + 1])
    context = {
        **progress,
        "found": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "teams": _plausible(request.user, at),
        "now": at,
    }
    return render_page(request, "policies/dead_ends.html", context)


def _start_or_stop(request: PersonRequest, at: datetime) -> None:
    if "stop" not in request.POST:
        ask_for_look(actor=request.user, at=at)
        return
    job = look_under_way()
    if job is not None and job.requested_by == request.user:
        cancel_job(job_id=job.pk)
        messages.info(request, said("The look stops at its next step. What it found until then is kept."))


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
