"""Approve many alike requests: look at all, drop some, say why once, read what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.kernel.asking_again import STEP_UP_REQUIRED
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.sign_in import signed_in_at, step_up_page
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page, uuid_in
from refunds import bulk as bulks
from refunds.forms import BulkForm

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

MOST_READ = 1_000
"""How many ids are read at all; far more than may be approved together."""


@page("approvals.decide_approvalstep")
@require_POST
def bulk(request: PersonRequest) -> HttpResponse:
    """Show what was selected; once confirmed, approve each by itself and list what became of it."""
    route_ids, unread_count = _read(request.POST.getlist("route"))
    at = timezone.now()
    is_confirmed = "confirm" in request.POST
    form = BulkForm(request.POST if is_confirmed else None, initial=request.POST.dict())
    refusal = None
    if is_confirmed and form.is_valid():
        try:
            results = bulks.approve_all(
                route_ids=route_ids,
                reason=form.chosen_reason,
                note=form.cleaned_data["note"],
                signed_in_at=signed_in_at(request),
                actor=request.user,
                at=at,
            )
        except Refused as no:
            refusal = no
        except NotPermitted as no:
            if no.code != STEP_UP_REQUIRED:
                raise
            queue = reverse("approvals:queue")
            return step_up_page(request, goal=request.path, sentence=no.detail, kept=request.POST, cancel=queue)
        else:
            context = {
                "results": results,
                "done_count": sum(result.is_done for result in results),
                "sums": bulks.sums_of(result.route.amount for result in results if result.is_done),
            }
            return render_page(request, "refunds/bulk_done.html", context)
    selection = bulks.select(request.user, route_ids, at=at)
    context = {
        "selection": selection,
        "strange_count": selection.strange_count + unread_count,
        "form": form,
        "reasons": refusal.reasons if refusal is not None else [],
        "most": bulks.MOST,
    }
    return render_page(request, "refunds/bulk.html", context, status=UNPROCESSABLE if is_confirmed else 200)


def _read(words: list[str]) -> tuple[list[UUID], int]:
    """Read ids; count what is none."""
    read = [uuid_in(word) for word in words[:MOST_READ]]
    return [pk for pk in read if pk is not None], len(words) - sum(pk is not None for pk in read)
