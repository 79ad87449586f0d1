"""Governed actions: the list, one of them, and what people say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from approvals.desks import desk_of
from approvals.services.leasing import check_not_held
from approvals.views.following import (
    FOCUS,
    QUEUE,
    Following,
    is_claiming,
    name_behind,
    panel_of,
    without_claiming,
)
from approvals.vocabulary import Verdict
from config.kernel.asking_again import STEP_UP_REQUIRED
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.sign_in import signed_in_at, step_up_page
from config.kernel.web import (
    UNPROCESSABLE,
    PersonRequest,
    asks_for_fragment,
    is_ours,
    moment_in,
    or_404,
    page,
    render_page,
    status_of,
    title_of,
    uuid_in,
)
from config.kernel.wording import inside, said, told
from evidence.ledger import timeline_of
from policies.actions import lifecycle
from policies.actions.deciding import decide
from policies.actions.explaining import explain
from policies.actions.selectors import action_page, actions_listed, chain_of, standing_with
from policies.forms.action import ActionFilter, ExplainForm, SignForm
from policies.models import GovernedAction

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

SEES = "policies.view_governedaction"
PAGE = 50


@page(SEES)
@require_safe
def actions(request: PersonRequest) -> HttpResponse:
    """List money that was asked about outside a refund request, and money that left without us."""
    form = ActionFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    after = moment_in(request.GET.get("before", "")), uuid_in(request.GET.get("before_id", ""))
    before = None if after[0] is None or after[1] is None else (after[0], after[1])
    rows = list(actions_listed(request.user, wanted, before=before)[: PAGE + 1])
    kept = {name: value for name, value in wanted.items() if value}
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        last = {"before": rows[-1].created_at.isoformat(), "before_id": str(rows[-1].pk)}
        following = f"?{urlencode({**kept, **last})}"
    context = {"rows": rows, "form": form, "is_filtered": bool(kept), "next": following}
    return render_page(request, "policies/actions.html", context, fragment="list")


@page(SEES)
@require_safe
def action(request: PersonRequest, reference: str) -> HttpResponse:
    """Show one action: what was asked or seen, what the policy said, who signs, what happened."""
    found: GovernedAction = or_404(action_page(request.user, reference), "action")
    return render_page(request, "policies/action.html", _context(request, found))


@page(SEES)
@require_safe
def panel(request: PersonRequest, reference: str) -> HttpResponse:
    """Show the short form of an action beside the queue."""
    found: GovernedAction = or_404(action_page(request.user, reference), "action")
    context = _context(request, found)
    context["takes_focus"] = "fetched" if FOCUS in request.GET else ""
    return render_page(request, "policies/action_panel.html", context, fragment="panel")


@page(SEES)
@require_POST
def approve(request: PersonRequest, reference: str) -> HttpResponse:
    """Sign for it."""
    return _said(request, reference, SignForm, lambda: _decide(request, reference, Verdict.APPROVE), "approve")


@page(SEES)
@require_POST
def decline(request: PersonRequest, reference: str) -> HttpResponse:
    """Say no."""
    return _said(request, reference, SignForm, lambda: _decide(request, reference, Verdict.DECLINE), "decline")


@page(SEES)
@require_POST
def explain_action(request: PersonRequest, reference: str) -> HttpResponse:
    """Say why money left without a decision."""

    def command() -> GovernedAction:
        return explain(
            reference=reference,
            code=request.POST.get("code", ""),
            note=request.POST.get("note", ""),
            actor=request.user,
            at=timezone.now(),
        )

    return _said(request, reference, ExplainForm, command, "explain")


def _decide(request: PersonRequest, reference: str, verdict: Verdict) -> GovernedAction:
    found: GovernedAction = or_404(action_page(request.user, reference), "action")
    at = timezone.now()
    check_not_held(route=found.route, actor=request.user, at=at)
    return decide(
        reference=reference,
        verdict=verdict,
        rationale=request.POST.get("rationale", "").strip(),
        signed_in_at=signed_in_at(request),
        actor=request.user,
        at=at,
    )


def _said(
    request: PersonRequest,
    reference: str,
    form: type[SignForm | ExplainForm],
    command: Callable[[], GovernedAction],
    spoken: str,
) -> HttpResponse:
    """Run a command, then go back where the person came from; a refusal is shown on the page, with what was typed."""
    found: GovernedAction = or_404(action_page(request.user, reference), "action")
    back = request.POST.get("back", "")
    try:
        changed = command()
    except GovernedAction.DoesNotExist:
        return or_404(None, "action")  # type: ignore[no-any-return]
    except NotPermitted as no:
        if no.code != STEP_UP_REQUIRED:
            raise
        cancel = back or found.get_absolute_url()
        return step_up_page(request, goal=request.path, sentence=no.detail, kept=request.POST, cancel=cancel)
    except (Refused, OutOfDate) as no:
        return _refused(request, reference, form, no, spoken)
    words = said("{reference} is {state}.", reference=changed.reference, state=inside(changed.get_state_display()))
    if asks_for_fragment(request):
        return _next_panel(request, found, words, back)
    messages.success(request, words)
    if is_ours(request, back):
        return redirect(back)
    return redirect(changed)


def _refused(
    request: PersonRequest, reference: str, form: type[SignForm | ExplainForm], no: Refused | OutOfDate, spoken: str
) -> HttpResponse:
    fresh: GovernedAction = or_404(action_page(request.user, reference), "action")
    context = {**_context(request, fresh), "refusal": no, "title": title_of(no), "spoken": spoken}
    if isinstance(no, OutOfDate):
        context["reasons"] = [no]
    else:
        context["explaining" if form is ExplainForm else "form"] = _bound(form(request.POST), no)
    if asks_for_fragment(request):
        context |= {"takes_focus": "sent", **_around(request, fresh, request.POST.get("back", ""))}
        return render_page(request, "policies/action_panel.html", context, fragment="refused", status=UNPROCESSABLE)
    return render_page(request, "policies/action.html", context, status=status_of(no))


def _next_panel(request: PersonRequest, before: GovernedAction, words: str, back: str) -> HttpResponse:
    """Answer with the next row of the same view; the row of this one goes and the counters follow."""
    if "stop_claiming" in request.POST:
        back = without_claiming(back)
    queue = _queue_behind(request, back)
    other = queue.after(before.pk, before.route) if queue is not None else before.route
    context = {"other": other, "address": back, **_around(request, before, back)}
    if other is not None:
        context["panel"] = panel_of(other, back=back)
    response = render_page(request, "policies/action_panel.html", context, fragment="following")
    return trigger_client_event(response, "rd:toast", {"message": told(words)})


def _around(request: PersonRequest, action: GovernedAction, back: str) -> dict[str, Any]:
    """Count anew what stands around the panel; nothing where the decision was not made from the queue."""
    queue = _queue_behind(request, back)
    if queue is None:
        return {}
    return {"gone": action.reference if queue.has_lost(action.pk) else "", **queue.counters()}


def _queue_behind(request: PersonRequest, back: str) -> Following | None:
    if name_behind(back) != QUEUE:
        return None
    return Following(viewer=request.user, query=QueryDict(back.partition("?")[2]), at=timezone.now())


def _bound(form: SignForm | ExplainForm, no: Refused) -> SignForm | ExplainForm:
    """Show what was typed with every reason beside its field."""
    if form.is_valid():
        form.add_refusal(no)
    return form


def _context(request: PersonRequest, found: GovernedAction) -> dict[str, Any]:
    at = timezone.now()
    back = request.POST.get("back", request.GET.get("back", ""))
    standing = standing_with(request.user, found, at=at)
    may_decide = standing is not None and not standing.why_not
    is_put_off = "view=snoozed" in back
    may_explain = request.user.has_perm("policies.explain_governedaction") and lifecycle.knows(found, "explain")
    findings = found.decision.findings if found.decision is not None else []
    desk = None
    if standing is not None:
        desk = desk_of(request.user, found.route, may_decide=may_decide, is_put_off=is_put_off, at=at)
    return {
        "action": found,
        "findings": sorted(findings, key=lambda finding: finding["passed"]),
        "steps": chain_of(found),
        "decisions": list(found.route.decisions.all()) if found.route is not None else [],
        "timeline": list(timeline_of(found.subject)),
        "may_decide": may_decide,
        "why_not": standing.why_not if standing is not None else "",
        "basis": standing.basis if standing is not None else None,
        "desk": desk,
        "form": SignForm(auto_id=f"id_{found.reference}_%s") if may_decide else None,
        "explaining": ExplainForm() if may_explain else None,
        "back": back if is_ours(request, back) else "",
        "is_claiming": is_claiming(back),
        "now": at,
    }
