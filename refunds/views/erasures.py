"""Who asked to forget whom, what the law still keeps, and the holds that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.kernel.asking_again import asks_again
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, check_may_open, or_404, page, render_page
from config.kernel.wording import said, told
from refunds.erasures import asking, holding
from refunds.erasures.account import account_of, preview_of
from refunds.erasures.forms import AskForm, HoldForm, LiftForm, WhoForm
from refunds.erasures.identity import find_person
from refunds.models import ErasureNight
from refunds.permissions import erasures_visible_to, holds_visible_to
from refunds.vocabulary import ErasureState

if TYPE_CHECKING:
    from uuid import UUID

    from django import forms
    from django.http import HttpResponse

    from refunds.models import Erasure

SEES = "refunds.view_erasure"
ASKS = "refunds.add_erasure"
ANSWERS = "refunds.answer_erasure"
SETS = "refunds.add_legalhold"
LIFTS = "refunds.change_legalhold"
MOST_SHOWN = 100


@page(SEES)
@require_http_methods(["GET", "HEAD", "POST"])
def erasures(request: PersonRequest) -> HttpResponse:
    """List erasures and holds, and preview whom `?customer=` names; a POST asks for an erasure."""
    if request.method != "POST":
        return _page(request)
    check_may_open(request.user, (ASKS,))
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            person = find_person(request.user, form.cleaned_data["customer"], channel=form.cleaned_data["channel"])
            erasure = asking.ask_erasure(
                customer_id=person.named.pk,
                basis=form.cleaned_data["basis"],
                actor=request.user,
                at=timezone.now(),
            )
        except Refused as no:
            _explain(form, no)
        else:
            messages.success(request, said("Asked. A second person confirms or refuses it."))
            return redirect("refunds:erasure", erasure.pk)
    return _page(request, asked=form, status=UNPROCESSABLE)


@page(SEES)
@require_safe
def erasure(request: PersonRequest, erasure_id: UUID) -> HttpResponse:
    """Show what an erasure covers, what went, and what is still there and why."""
    found = _found(request, erasure_id)
    viewer = request.user
    may_answer = viewer.has_perm(ANSWERS) and found.state == ErasureState.WAITING
    context = {
        "erasure": found,
        "covered": found.covered.select_related("customer").order_by("pk"),
        "account": account_of(found, on=timezone.now().date()),
        "may_answer": may_answer and found.asked_by_id != viewer.pk,
        "is_own": may_answer and found.asked_by_id == viewer.pk,
    }
    return render_page(request, "refunds/erasure.html", context)


@page(ANSWERS)
@require_POST
@asks_again()
def confirm(request: PersonRequest, erasure_id: UUID) -> HttpResponse:
    """Confirm what somebody else asked for."""
    _found(request, erasure_id)
    done = asking.confirm_erasure(erasure_id=erasure_id, actor=request.user, at=timezone.now())
    is_done = done.state == ErasureState.DONE
    messages.success(request, said("Erased.") if is_done else said("Confirmed. Some of it has to stay for now."))
    return redirect("refunds:erasure", erasure_id)


@page(ANSWERS)
@require_POST
def refuse(request: PersonRequest, erasure_id: UUID) -> HttpResponse:
    """Refuse what somebody else asked for."""
    _found(request, erasure_id)
    asking.refuse_erasure(erasure_id=erasure_id, actor=request.user, at=timezone.now())
    messages.success(request, said("Refused. Nothing was erased."))
    return redirect("refunds:erasure", erasure_id)


@page(SETS)
@require_POST
def set_hold(request: PersonRequest) -> HttpResponse:
    """Keep everything of a request, a customer or a team for a matter."""
    form = HoldForm(request.POST, auto_id="id_hold_%s")
    if form.is_valid():
        try:
            holding.set_legal_hold(
                over=form.held_for(request.user),
                matter=form.cleaned_data["matter"],
                actor=request.user,
                at=timezone.now(),
            )
        except Refused as no:
            _explain(form, no)
        else:
            messages.success(request, said("The hold stands until somebody lifts it."))
            return redirect("refunds:erasures")
    return _page(request, held=form, status=UNPROCESSABLE)


@page(LIFTS)
@require_POST
@asks_again()
def lift_hold(request: PersonRequest, hold_id: UUID) -> HttpResponse:
    """End a hold, and say why."""
    or_404(holds_visible_to(request.user).filter(pk=hold_id).first(), "hold")
    form = LiftForm(request.POST)
    words = form.cleaned_data["why"] if form.is_valid() else ""
    holding.lift_legal_hold(hold_id=hold_id, why=words, actor=request.user, at=timezone.now())
    messages.success(request, said("The hold is lifted. What waited for it goes tonight."))
    return redirect("refunds:erasures")


def _found(request: PersonRequest, erasure_id: UUID) -> Erasure:
    """Find an erasure as this person may know of it. :raises Http404: for a stranger"""
    listed = erasures_visible_to(request.user).select_related("customer", "asked_by", "answered_by")
    found: Erasure = or_404(listed.filter(pk=erasure_id).first(), "erasure")
    return found


def _explain(form: forms.Form, no: Refused) -> None:
    for reason in no.reasons:
        is_shown = reason.field in form.fields and not form.fields[reason.field].widget.is_hidden
        form.add_error(reason.field if is_shown else None, told(reason.detail))


def _page(
    request: PersonRequest, *, asked: AskForm | None = None, held: HoldForm | None = None, status: int = 200
) -> HttpResponse:
    viewer = request.user
    listed = erasures_visible_to(viewer).select_related("customer", "asked_by", "answered_by")
    holds = holds_visible_to(viewer).filter(lifted_at=None)
    holds = holds.select_related("customer", "refund_request", "team", "set_by")
    context: dict[str, object] = {
        "erasures": listed.order_by("-asked_at", "-pk")[:MOST_SHOWN],
        "holds": holds.order_by("set_at", "pk")[:MOST_SHOWN],
        "holding": (held or HoldForm(auto_id="id_hold_%s")) if viewer.has_perm(SETS) else None,
        "lifting": LiftForm(auto_id=False),
        "may_lift": viewer.has_perm(LIFTS),
        "night": ErasureNight.objects.order_by("-started_at", "-id").first(),
    }
    if viewer.has_perm(ASKS):
        context |= _asked(request, asked)
    return render_page(request, "refunds/erasures.html", context, status=status)


def _asked(request: PersonRequest, asked: AskForm | None) -> dict[str, object]:
    """Gather whom the query names, what would go, and the form that asks for it."""
    is_sent = "customer" in request.GET or asked is not None
    who = WhoForm(asked.data if asked is not None else request.GET if is_sent else None, auto_id="id_who_%s")
    found: dict[str, object] = {"who": who, "asking": asked}
    if not who.is_bound or not who.is_valid():
        return found
    try:
        person = find_person(request.user, who.cleaned_data["customer"], channel=who.cleaned_data["channel"])
    except Refused as no:
        if asked is None:
            _explain(who, no)
        return found
    found["preview"] = preview_of(request.user, person.named, on=timezone.now().date())
    found["asking"] = asked or AskForm(initial=who.cleaned_data)
    return found
