"""The list of requests, one request's page, and its panel beside the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, prefetch_related_objects
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from approvals.desks import desk_of
from approvals.freezing import sentence_of
from approvals.models import ApprovalDecision, ApprovalStep
from approvals.signing import standing_of
from approvals.views.following import FOCUS, is_claiming
from approvals.vocabulary import StepState
from config.kernel.recent import remember
from config.kernel.web import PersonRequest, asks_for_fragment, day_in, moment_in, or_404, page, render_page, uuid_in
from config.kernel.wording import said, told
from evidence.attachments import seen_by
from evidence.gallery import seen_of, tiles_of
from evidence.ledger import timeline_of
from evidence.selectors import messages_about
from policies.offered_codes import codes_covering, used_reasons
from policies.shadow import trial_of
from policies.vocabulary import Mode, Outcome
from refunds.bundles.asking import TAKES_REQUEST
from refunds.carriers.showing import delivery_of
from refunds.disputes.advice import advice_for
from refunds.evidence_map.completeness import needs_of
from refunds.evidence_map.gates import missing_before
from refunds.expected_timing import expected_for
from refunds.forms import DecisionForm
from refunds.freezes import freezes_on
from refunds.helpdesk.tickets import helpdesks_for, tickets_of
from refunds.lookup import straight_to
from refunds.models import RefundRequest
from refunds.notifications import previews
from refunds.plan_words import people
from refunds.plans import part_of, plan_of_route
from refunds.precedent import precedent_for
from refunds.preparation.preparing import preparation_for
from refunds.processing.plain_words import in_plain_words
from refunds.proposing.answering import ANSWERS, accepted_message, latest_call
from refunds.recalling import offer_for
from refunds.reuse import seen_again
from refunds.selectors import (
    PAGE,
    TABS,
    RequestFilter,
    exceptions_waiting,
    orders_found,
    refund_requests,
    request_page,
)
from refunds.vocabulary import OperationState, State

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse, QueryDict

    from config.kernel.people import User
    from evidence.attachments import Seen
    from policies.models import PolicyDecision

SEES = "refunds.view_refundrequest"
FILTERS = ("q", "state", "reason", "outcome", "currency", "team", "refunded_from", "refunded_to")
WITH_SIGNERS = Prefetch("decisions", ApprovalDecision.objects.select_related("decided_by", "acting_for"))


@page(SEES)
@require_safe
def requests(request: PersonRequest) -> HttpResponse:
    """List requests by what the address asks for."""
    wanted = filter_from(request.GET, request.user)
    waits_at = Prefetch(
        "route__steps",
        ApprovalStep.objects.filter(state=StepState.OPEN).select_related("leased_by", "asked_of").order_by("place"),
        to_attr="open_steps",
    )
    rows = list(refund_requests(request.user, wanted).prefetch_related(waits_at)[: PAGE + 1])
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        following = f"?{_query_after(request.GET, rows[-1])}"
    context = {
        "rows": rows,
        "next": following,
        "wanted": wanted,
        "tabs": TABS,
        "states": State.choices,
        "outcomes": Outcome.choices,
        "reasons": list(used_reasons()),
        "is_filtered": any(request.GET.get(name) for name in FILTERS) or request.GET.get("mine") == "1",
        "now": timezone.now(),
    }
    return render_page(request, "refunds/requests.html", context, fragment="list")


def filter_from(query: QueryDict, viewer: User) -> RequestFilter:
    """Read the address; what cannot be read is left out."""
    files = viewer.has_perm("refunds.submit_refundrequest") and "agent" in viewer.role_names
    tab = query.get("tab", "")
    return RequestFilter(
        tab=tab if tab in TABS else "all",
        is_mine=query.get("mine", "1" if files and not query else "") == "1",
        text=query.get("q", "").strip(),
        state=query.get("state", ""),
        reason=query.get("reason", ""),
        outcome=query.get("outcome", ""),
        currency=query.get("currency", ""),
        team=query.get("team", ""),
        refunded_from=day_in(query.get("refunded_from", "")),
        refunded_to=day_in(query.get("refunded_to", "")),
        before_created_at=moment_in(query.get("before", "")),
        before_id=uuid_in(query.get("before_id", "")),
    )


def _query_after(query: QueryDict, last: RefundRequest) -> str:
    kept = {name: str(value) for name, value in query.items() if name not in {"before", "before_id"}}
    return urlencode({**kept, "before": last.created_at.isoformat(), "before_id": str(last.pk)})


@page("refunds.review_refundrequest")
@require_safe
def exceptions(request: PersonRequest) -> HttpResponse:
    """List what waits for a policy reviewer, oldest first, with the panel of the first."""
    rows = list(exceptions_waiting(request.user)[: PAGE + 1])
    context = {"rows": rows[:PAGE], "has_more": len(rows) > PAGE, "now": timezone.now()}
    return render_page(request, "refunds/exceptions.html", context, fragment="list")


@page(SEES)
@require_safe
def refund_request(request: PersonRequest, reference: str) -> HttpResponse:
    """Show one request: what was judged, what proves it, what happened, what to decide."""
    found: RefundRequest = or_404(request_page(request.user, reference), "request")
    remember(request.session, found.reference)
    known = vars(found)  # What there is hardly ever, or not yet, is told along with the request.
    operations = list(found.operations.order_by("created_at", "pk")) if known["has_operations"] else []
    needs = needs_of([found.pk]).get(found.pk, []) if found.decided_at is not None else []
    tiles = tiles_of(found.subject, viewer=request.user) if known["has_files"] else []
    reuses = seen_again([tile.attachment for tile in tiles], viewer=request.user)
    draft_id = uuid_in(request.GET.get("draft", ""))
    begun = accepted_message(found, request.user, draft_id) if draft_id is not None else ""
    may_file = request.user.has_perm("refunds.submit_refundrequest")
    if found.route is not None:
        prefetch_related_objects([found.route], WITH_SIGNERS)
    context = {
        **decision_context(request.user, found, back=request.GET.get("back", ""), seen=seen_of(tiles), begun=begun),
        "asked": latest_call(found) if known["has_proposals"] else None,
        "may_answer_proposals": request.user.has_perm(ANSWERS) and request.user.pk != found.requested_by_id,
        "reuses": [reuse for tile in tiles for reuse in reuses.get(tile.attachment.pk, ())],
        "lines": list(found.lines.all()),
        "attachments": tiles,
        "timeline": list(timeline_of(found.subject)),
        "operations": operations,
        "messages_sent": messages_about(found.subject, viewer=request.user) if found.decided_at is not None else [],
        "expected": expected_for(found),
        "needs": needs,
        "needs_held_count": sum(1 for need in needs if need.is_held),
        "decisions": list(found.route.decisions.all()) if found.route is not None else [],
        "steps": _chain(found),
        "failure": in_plain_words(found.failure_reason),
        "delivery": delivery_of(request.user, found),
        "may_withdraw": request.user.has_perm("refunds.withdraw_refundrequest") and _knows(found, "withdraw"),
        "may_take_bundle": request.user.has_perm(TAKES_REQUEST),
        "may_hold": request.user.has_perm("refunds.hold_refundrequest"),
        "may_put_on_hold": request.user.has_perm("refunds.hold_refundrequest") and _knows(found, "hold"),
        "may_resolve": request.user.has_perm("refunds.retry_refundrequest")
        and any(operation.state == OperationState.NEEDS_PERSON for operation in operations),
        "may_retry": request.user.has_perm("refunds.retry_refundrequest") and found.state == State.FAILED,
        "may_propose": request.user.has_perm("refunds.propose_payout_refundrequest") and found.state == State.FAILED,
        "tickets": list(tickets_of(found)) if known["has_tickets"] else [],
        "helpdesks": list(helpdesks_for(request.user)) if may_file and known["has_helpdesks"] else [],
        "may_submit": may_file and _knows(found, "submit"),
    }
    return render_page(request, "refunds/request.html", context)


@page(SEES)
@require_safe
def panel(request: PersonRequest, reference: str) -> HttpResponse:
    """Show the short form of a request beside a list."""
    found: RefundRequest = or_404(request_page(request.user, reference), "request")
    context = decision_context(request.user, found, back=request.GET.get("back", ""))
    context["takes_focus"] = "fetched" if FOCUS in request.GET else ""
    return render_page(request, "refunds/panel.html", context, fragment="panel")


def decision_context(
    viewer: User,
    found: RefundRequest,
    *,
    back: str = "",
    form: DecisionForm | None = None,
    seen: Seen | None = None,
    begun: str = "",
) -> dict[str, Any]:
    """Gather what the decision form of a request needs: may she, may she not and why, which codes fit.

    `begun` is what the form begins with, for her to read and change.
    """
    is_review = found.state == State.EXCEPTION_REVIEW
    may_review = is_review and viewer.has_perm("refunds.review_refundrequest") and viewer.pk != found.requested_by_id
    why_not = ""
    may_decide = False
    basis = None
    if found.state == State.AWAITING_APPROVAL and found.route is not None:
        found.route.team = found.team
        standing = standing_of(viewer, found.route, at=timezone.now())
        why_not, basis = standing.why_not, standing.basis
        may_decide = not why_not
    elif is_review and not may_review:
        why_not = (
            said("You entered this request. Somebody else must decide.")
            if viewer.pk == found.requested_by_id
            else said("This waits for a policy reviewer.")
        )
    desk = None
    if not is_review:
        is_put_off = "view=snoozed" in back
        desk = desk_of(viewer, found.route, may_decide=may_decide, is_put_off=is_put_off, at=timezone.now())
    codes = codes_covering(found.decision.exception_codes) if may_review and found.decision is not None else None
    if form is None and (may_decide or may_review):
        form = DecisionForm(refund_request=found, codes=codes)
        form.initial["rationale"] = begun
    findings = sorted(found.decision.findings, key=lambda finding: finding["passed"]) if found.decision else []
    return {
        "refund_request": found,
        # Asked along with the request where there is hardly ever one.
        "disputes": advice_for(found) if vars(found).get("is_disputed", True) else [],
        "findings": findings,
        "failed": [finding for finding in findings if not finding["passed"]],
        "passed_count": sum(1 for finding in findings if finding["passed"]),
        "is_shadow": found.decision is not None and found.decision.mode == Mode.SHADOW,
        "is_judged_unread": found.decision is not None and found.decision.version.is_overdue(timezone.now()),
        "outcome": Outcome(found.decision.outcome) if found.decision is not None else None,
        "trial": _trial_for(viewer, found),
        "may_decide": may_decide,
        "basis": basis,
        "may_review": may_review,
        "may_decline_failed": found.state == State.FAILED
        and viewer.pk != found.requested_by_id
        and viewer.has_perms(["refunds.decline_refundrequest", "refunds.retry_refundrequest"]),
        "why_not": why_not,
        "freezes_here": [sentence_of(switch) for switch in freezes_on(found, viewer)],
        "form": form,
        "plan": plan_of_route(found.route, at=timezone.now()) if found.route is not None else None,
        "part": part_of(found),
        "back": back,
        "is_claiming": is_claiming(back),
        "desk": desk,
        "precedent": precedent_for(viewer, found),
        "preparation": preparation_for(viewer, found, at=timezone.now()),
        "recall": offer_for(viewer, found, at=timezone.now()),
        "now": timezone.now(),
        "evidence": seen if seen is not None else seen_by(viewer, found.subject),
        "missing": missing_before(found, codes or ()),
        "told": previews(found) if may_decide or may_review else [],
    }


def _trial_for(viewer: User, found: RefundRequest) -> PolicyDecision | None:
    """Find what a version in shadow says, for people who may read versions; nothing rests on it."""
    if found.decision is None or not viewer.has_perm("policies.view_policyversion"):
        return None
    return trial_of(found.subject)


def _knows(found: RefundRequest, verb: str) -> bool:
    return bool(getattr(RefundRequest, verb)._django_fsm.has_transition(found.state))  # noqa: SLF001 - fsm has no public door


def _chain(found: RefundRequest) -> list[dict[str, object]]:
    """Say who signs, in order, and where it stands."""
    if found.route is None:
        return []
    words = {
        StepState.APPROVED: "done",
        StepState.OPEN: "current",
        StepState.DECLINED: "failed",
        StepState.CLOSED: "todo",
    }
    return [
        {
            "label": capfirst(told(people(step.role, step.quorum, step.out_of))),
            "state": words.get(StepState(step.state), "todo"),
            "note": _by(step.due_at, found.team.time_zone) if step.due_at and step.state == StepState.OPEN else "",
        }
        for step in found.route.steps.all()
    ]


def _by(due_at: datetime, zone: str) -> str:
    """Say a promise on the clock of the team, as the plan beside it does."""
    return said("by {time} ({zone})", time=f"{due_at.astimezone(ZoneInfo(zone)):%d %b, %H:%M}", zone=zone)


@page(SEES)
@require_safe
def search(request: PersonRequest) -> HttpResponse:
    """Take any id that people paste: a request goes straight to its page, all else is listed."""
    text = request.GET.get("q", "").strip()
    straight = straight_to(request.user, text)
    if straight and not asks_for_fragment(request):
        return redirect(straight)
    found = list(refund_requests(request.user, RequestFilter(text=text))[:25]) if text else []
    files = request.user.has_perm("refunds.submit_refundrequest")
    context = {
        "text": text,
        "straight": straight,
        "requests": found,
        "orders": orders_found(request.user, text) if text else [],
        "may_file": files,
        "intake": reverse("refunds:intake"),
    }
    return render_page(request, "refunds/search.html", context, fragment="hits")
