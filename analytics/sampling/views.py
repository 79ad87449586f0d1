"""Samples: the list with the draw, one sample, one second look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.remediation.permissions import OPENS
from analytics.selectors import teams_of
from approvals.guards import check_right
from config.kernel.refusals import Reason, Refused
from config.kernel.spoken import speak
from config.kernel.web import UNPROCESSABLE, PersonRequest, number_in, or_404, page, render_page
from config.kernel.wording import said
from evidence.gallery import tiles_of
from evidence.ledger import timeline_of
from policies.engine.facts import RefundFacts
from policies.fact_words import in_words

from . import drawing, reviewing, selectors
from .forms import DrawForm, FindingForm, LookForm
from .permissions import DRAWS, REVIEWS, SEES
from .populations import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from analytics.models import Sample, SampledDecision
    from config.kernel.spoken import SpokenForm

PAGE = 50
NOT_BLIND = frozenset({"Granted exception"})
"""Facts that would tell what was decided."""


@page(SEES)
@require_http_methods(["GET", "HEAD", "POST"])
def samples(request: PersonRequest) -> HttpResponse:
    """List samples and draw another."""
    viewer, today = request.user, timezone.now().date()
    teams = [(team.slug, team.name) for team in teams_of(viewer)]
    initial = {"from_on": today - timedelta(days=30), "to_on": today}
    is_typed = request.method == "POST"
    if is_typed:
        check_right(viewer, DRAWS)
    form = DrawForm(request.POST if is_typed else None, teams=teams, initial=initial)
    left: Any = ()
    if is_typed and form.is_valid():
        try:
            sample = drawing.draw_sample(wanted=drawing.Wanted(**form.cleaned_data), actor=viewer, at=timezone.now())
        except Refused as no:
            left = form.refuse(no)
        else:
            messages.success(request, said("The sample is drawn."))
            return redirect(sample)
    shown = Paginator(selectors.samples_listed(viewer), PAGE).get_page(number_in(request.GET.get("page", "")) or 1)
    rows = [
        {"one": one, "agreement": selectors.agreement(one.same_count, one.looked_count)}
        for one in selectors.counted(shown)
    ]
    context = {"rows": rows, "shown": shown, "form": form, "reasons": left, "may_draw": viewer.has_perm(DRAWS)}
    return render_page(request, "analytics/sampling/samples.html", context, status=UNPROCESSABLE if is_typed else 200)


@page(SEES)
@require_safe
def one_sample(request: PersonRequest, sample_id: UUID) -> HttpResponse:
    """Show what was drawn, how much was looked at, and how often both answers agree."""
    sample: Sample = or_404(selectors.one_sample(request.user, sample_id), "sample")
    decisions = selectors.decisions_of(sample)
    reviews = request.user.has_perm(REVIEWS)
    context = {
        "sample": sample,
        "decisions": decisions,
        "coverage": selectors.coverage_of(sample, decisions),
        "agreement": selectors.agreement_of(decisions),
        "is_representative": selectors.is_representative(sample),
        "may_look": reviews,
        "next": selectors.next_place(request.user, sample) if reviews else None,
        "is_same": drawing.is_drawn_the_same(sample) if "again" in request.GET else None,
        "timeline": timeline_of(sample.subject),
        "weights": WEIGHTS,
    }
    return render_page(request, "analytics/sampling/sample.html", context)


@page(REVIEWS)
@require_safe
def second_look(request: PersonRequest, sample_id: UUID, place: int) -> HttpResponse:
    """Show one decision: before the look without its outcome, after it with both answers side by side."""
    return _page(request, _found(request, sample_id, place))


@page(REVIEWS)
@require_POST
def look_again(request: PersonRequest, sample_id: UUID, place: int) -> HttpResponse:
    """Give one's own answer."""

    def command(typed: dict[str, Any]) -> str:
        reviewing.look_again(**typed, **_by(request, sample_id, place))
        return said("Your answer is kept.")

    return _spoken(request, sample_id, place, LookForm, command)


@page(REVIEWS)
@require_POST
def note_finding(request: PersonRequest, sample_id: UUID, place: int) -> HttpResponse:
    """Say what the comparison brought."""

    def command(typed: dict[str, Any]) -> str:
        reviewing.note_finding(**typed, **_by(request, sample_id, place))
        return said("The finding is noted.")

    return _spoken(request, sample_id, place, FindingForm, command)


def _by(request: PersonRequest, sample_id: UUID, place: int) -> dict[str, Any]:
    return {"sample_id": sample_id, "place": place, "actor": request.user, "at": timezone.now()}


def _found(request: PersonRequest, sample_id: UUID, place: int) -> SampledDecision:
    found: SampledDecision = or_404(selectors.one_decision(request.user, sample_id, place), "sampled decision")
    return found


def _spoken(
    request: PersonRequest,
    sample_id: UUID,
    place: int,
    shape: type[SpokenForm],
    command: Callable[[dict[str, Any]], str],
) -> HttpResponse:
    """Run a command about a decision, then show it."""

    def shown(*, form: SpokenForm | None, reasons: Sequence[Reason], status: int) -> HttpResponse:
        return _page(request, _found(request, sample_id, place), form=form, reasons=reasons, status=status)

    leads_to = _found(request, sample_id, place).get_absolute_url()
    return speak(request, shape, command, leads_to=leads_to, shown=shown)


def _page(
    request: PersonRequest,
    found: SampledDecision,
    *,
    form: SpokenForm | None = None,
    reasons: Any = (),
    status: int = 200,
) -> HttpResponse:
    viewer, about = request.user, found.refund_request
    is_own = viewer.pk in found.involved
    is_open = found.is_looked_at or is_own
    judged = about.decision
    facts = in_words(RefundFacts.from_json(judged.facts)) if judged is not None else []
    context = {
        "found": found,
        "is_own": is_own,
        "is_open": is_open,
        "facts": [(label, words) for label, words in facts if is_open or label not in NOT_BLIND],
        "decider": (about.approved_by or about.declined_by) if found.is_looked_at else None,
        "note": about.note,
        "tiles": tiles_of(about.subject, viewer=viewer),
        "reasons": reasons,
        "refused": form,
        "look_form": form if isinstance(form, LookForm) else LookForm(),
        "finding_form": form if isinstance(form, FindingForm) else FindingForm(),
        "may_find": found.is_looked_at and not found.finding and found.reviewer_id == viewer.pk,
        "may_open": viewer.has_perm(OPENS),
        "next": selectors.next_place(viewer, found.sample) if is_open else None,
    }
    return render_page(request, "analytics/sampling/look.html", context, status=status)
