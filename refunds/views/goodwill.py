"""Give a goodwill credit: with an order or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import inside, joined, said
from policies.vocabulary import Mode, Outcome
from refunds import workflow
from refunds.checking import check_draft
from refunds.crediting_form import GoodwillForm
from refunds.plans import plan_of_route
from refunds.vocabulary import State

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from django.http import HttpResponse

    from config.kernel.refusals import Reason
    from refunds.checking import Checked

FILES = "refunds.submit_refundrequest"
PREFILLED = ("order", "customer", "channel", "team", "currency", "ticket")


@page(FILES)
@require_http_methods(["GET", "HEAD", "POST"])
def goodwill(request: PersonRequest) -> HttpResponse:
    """Show the form; a POST says what the policy would say, or files it when that button was pressed."""
    if request.method != "POST":
        told = {name: request.GET[name] for name in PREFILLED if name in request.GET}
        return _form_page(request, GoodwillForm(initial=told, viewer=request.user))
    form = GoodwillForm(request.POST, viewer=request.user)
    if not form.is_valid():
        return _form_page(request, form, status=UNPROCESSABLE)
    at = timezone.now()
    try:
        if request.POST.get("do") == "submit":
            return _file(request, form, at)
        checked = check_draft(draft=form.draft(), actor=request.user, at=at)
    except Refused as no:
        return _form_page(request, form, reasons=form.refuse(no), status=UNPROCESSABLE)
    return _form_page(request, form, checked=checked)


def _file(request: PersonRequest, form: GoodwillForm, at: datetime) -> HttpResponse:
    filed = workflow.file_request(draft=form.draft(), actor=request.user, at=at)
    if filed.state == State.INTAKE:
        messages.warning(
            request,
            said("{reference} is kept as a draft: add what is missing, then submit it.", reference=filed.reference),
        )
    else:
        plan = plan_of_route(filed.route, at=at) if filed.route is not None else None
        done = said(
            "{reference} was submitted: {state}.", reference=filed.reference, state=inside(State(filed.state).label)
        )
        messages.success(request, joined([done, plan.sentence]) if plan is not None else done)
    return redirect("refunds:request", filed.reference)


def _form_page(
    request: PersonRequest,
    form: GoodwillForm,
    *,
    checked: Checked | None = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "reasons": reasons or []}
    if checked is not None:
        verdict = checked.judged.verdict
        context |= {
            "checked": checked,
            "verdict": verdict,
            "version": checked.judged.version,
            "outcome": Outcome(verdict.outcome),
            "is_shadow": checked.judged.mode is Mode.SHADOW,
            "findings": verdict.findings,
            "plan": checked.plan,
        }
    return render_page(request, "refunds/goodwill.html", context, status=status)
