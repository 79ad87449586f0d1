"""Take a request: find the order, pick lines, see the verdict, submit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, or_404, page, render_page
from config.kernel.wording import inside, joined, said
from evidence.attachments import attach, attachments_of
from evidence.map import CODE as EVIDENCE_MISSING
from evidence.vocabulary import Artifact, EvidenceKind
from policies.vocabulary import Condition, LegalBasis, Mode, Outcome
from refunds import drafting, judgement, workflow
from refunds.evidence_map.gates import missing_before
from refunds.forms import IntakeForm, reason_choices
from refunds.permissions import orders_visible_to
from refunds.plans import plan_before_submitting, plan_of_route
from refunds.reuse import seen_again
from refunds.selectors import open_requests_of, orders_found, own_draft
from refunds.vocabulary import ConnectShare, State

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from config.kernel.refusals import Reason
    from refunds.models import Order, RefundRequest

FILES = "refunds.submit_refundrequest"

LONG_ORDER = 12
"""With more lines than these the table scrolls by itself and offers a field to find a line."""


@page(FILES)
@require_safe
def intake(request: PersonRequest) -> HttpResponse:
    """Find the order a customer means."""
    text = request.GET.get("q", "")
    context = {"text": text, "orders": orders_found(request.user, text), "ticket": request.GET.get("ticket", "")}
    return render_page(request, "refunds/intake.html", context, fragment="found")


@page(FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def intake_order(request: PersonRequest, channel: str, external_id: str) -> HttpResponse:
    """Show the form; a POST keeps it, and submits it when that button was pressed."""
    order = _order(request, channel, external_id)
    if request.method != "POST":
        draft = own_draft(request.user, order)
        form = IntakeForm.from_draft(order, draft)
        form.ticket = request.GET.get("ticket", "")
        return _form_page(request, order, draft, form)
    form = IntakeForm.from_post(order, request.POST)
    at = timezone.now()
    try:
        kept = _keep(request, form, at)
        if request.POST.get("do") != "submit":
            return redirect("refunds:intake_order", channel, external_id)
        submitted = workflow.submit(reference=kept.reference, actor=request.user, at=at)
    except Refused as no:
        form.errors = [_at_its_field(reason) for reason in no.reasons]
        return _form_page(request, order, own_draft(request.user, order), form, status=UNPROCESSABLE)
    if submitted.state == State.INTAKE:
        form.errors = []
        return _form_page(request, order, submitted, form, status=UNPROCESSABLE)
    done = said(
        "{reference} was submitted: {state}.", reference=submitted.reference, state=inside(State(submitted.state).label)
    )
    plan = plan_of_route(submitted.route, at=at) if submitted.route is not None else None
    messages.success(request, joined([done, plan.sentence]) if plan is not None else done)
    return redirect("refunds:request", submitted.reference)


@page(FILES)
@require_POST
def intake_verdict(request: PersonRequest, channel: str, external_id: str) -> HttpResponse:
    """Keep the draft and show what the policy says of it; called on every change."""
    order = _order(request, channel, external_id)
    form = IntakeForm.from_post(order, request.POST)
    try:
        draft = _keep(request, form, timezone.now())
    except Refused as no:
        form.errors = list(no.reasons)
        context = {"verdict": None, "draft": own_draft(request.user, order), "refused": form.errors, "order": order}
        return render_page(request, "refunds/intake_order.html", context, fragment="verdict")
    context = {**_verdict_of(draft), "draft": draft, "order": order}
    return render_page(request, "refunds/intake_order.html", context, fragment="verdict")


def _at_its_field(reason: Reason) -> Reason:
    """Lead from what is missing to where it is given: files to the photos, what the customer says to the note."""
    if reason.code != EVIDENCE_MISSING:
        return reason
    return replace(reason, field="note" if reason.field == Artifact.CUSTOMER_STATEMENT else "photos")


def _order(request: PersonRequest, channel: str, external_id: str) -> Order:
    orders = orders_visible_to(request.user).select_related("customer", "team").prefetch_related("payments")
    found: Order = or_404(orders.filter(channel=channel, external_id=external_id).first(), "order")
    return found


def _keep(request: PersonRequest, form: IntakeForm, at: datetime) -> RefundRequest:
    kept = drafting.keep_draft(draft=form.draft(), actor=request.user, at=at)
    for upload in request.FILES.getlist("photos"):
        attach(
            subject=kept.subject,
            team=form.order.team,
            kind=EvidenceKind.PHOTO,
            file=upload,
            actor=request.user,
            at=at,
        )
    return kept


def _verdict_of(draft: RefundRequest | None) -> dict[str, Any]:
    if draft is None or not draft.requested_minor or not draft.reason_id:
        return {"verdict": None}
    at = timezone.now()
    judged = judgement.judge_request(draft, at=at)
    return {
        "verdict": judged.verdict,
        "is_shadow": judged.mode is Mode.SHADOW,
        "version": judged.version,
        "failed": [finding for finding in judged.verdict.findings if not finding.passed],
        "passed": [finding for finding in judged.verdict.findings if finding.passed],
        "outcome": Outcome(judged.verdict.outcome),
        "plan": plan_before_submitting(draft, judged, at=at),
        "missing": missing_before(draft),
    }


def _form_page(
    request: PersonRequest, order: Order, draft: RefundRequest | None, form: IntakeForm, *, status: int = 200
) -> HttpResponse:
    files = list(attachments_of(draft.subject, viewer=request.user)) if draft is not None else []
    context = {
        "order": order,
        "draft": draft,
        "form": form,
        "is_long": len(form.lines) > LONG_ORDER,
        "reasons": reason_choices(),
        "conditions": Condition.choices,
        "legal_bases": LegalBasis.choices,
        "shares": ConnectShare.choices if order.payments.filter(is_destination_charge=True).exists() else (),
        "earlier": open_requests_of(order),
        "attachments": files,
        "reuses": [reuse for found in seen_again(files, viewer=request.user).values() for reuse in found],
        **_verdict_of(draft),
    }
    return render_page(request, "refunds/intake_order.html", context, status=status)
