"""Who asked to forget whom, what the law still keeps, and the holds that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, check_may_open, page, render_page
from refunds import erasing
from refunds.permissions import customers_in_reach, erasures_visible_to, holds_visible_to
from refunds.vocabulary import ErasureBasis, ErasureState

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.people import User

SEES = "refunds.view_erasure"
ASKS = "refunds.add_erasure"
ANSWERS = "refunds.answer_erasure"
SETS = "refunds.add_legalhold"
LIFTS = "refunds.change_legalhold"
MOST_SHOWN = 100


class WhoForm(forms.Form):
    """Which customer is meant."""

    customer = forms.CharField(max_length=254, help_text="The shop's customer number, or the e-mail address.")

    def customer_for(self, viewer: User) -> int:
        """Find the one customer in this person's reach.

        :raises Refused: when there is none, or more than one
        """
        words = self.cleaned_data["customer"]
        found = customers_in_reach(viewer).filter(Q(external_id=words) | Q(email__iexact=words)).order_by("pk")
        ids = list(found.values_list("pk", flat=True)[:2])
        if not ids:
            raise Refused("unknown_customer", "No customer of your teams has this number or address.", "customer")
        if len(ids) > 1:
            raise Refused("ambiguous", "Several customers answer to this; use the shop's number.", "customer")
        return ids[0]


class ErasureForm(WhoForm):
    """Whom to forget, and on what ground."""

    basis = forms.ChoiceField(choices=ErasureBasis.choices)


class HoldForm(WhoForm):
    """Whose records to keep, and for which matter."""

    matter = forms.CharField(max_length=80, help_text="The file number of the matter; no names.")


@page(SEES)
@require_http_methods(["GET", "HEAD", "POST"])
def erasures(request: PersonRequest) -> HttpResponse:
    """List erasures and holds; a POST asks for an erasure."""
    if request.method != "POST":
        return _page(request)
    check_may_open(request.user, (ASKS,))
    form = ErasureForm(request.POST)
    if form.is_valid():
        try:
            erasing.ask_erasure(
                customer_id=form.customer_for(request.user),
                basis=form.cleaned_data["basis"],
                actor=request.user,
                at=timezone.now(),
            )
        except Refused as no:
            _explain(form, no)
        else:
            messages.success(request, "Asked. A second person confirms or refuses it.")
            return redirect("refunds:erasures")
    return _page(request, asking=form, status=UNPROCESSABLE)


@page(ANSWERS)
@require_POST
def confirm(request: PersonRequest, erasure_id: UUID) -> HttpResponse:
    """Confirm what somebody else asked for."""
    _check_seen(erasures_visible_to(request.user).filter(pk=erasure_id).exists())
    erasure = erasing.confirm_erasure(erasure_id=erasure_id, actor=request.user, at=timezone.now())
    is_done = erasure.state == ErasureState.DONE
    messages.success(request, "Erased." if is_done else "Confirmed. The law keeps some of it for now.")
    return redirect("refunds:erasures")


@page(ANSWERS)
@require_POST
def refuse(request: PersonRequest, erasure_id: UUID) -> HttpResponse:
    """Refuse what somebody else asked for."""
    _check_seen(erasures_visible_to(request.user).filter(pk=erasure_id).exists())
    erasing.refuse_erasure(erasure_id=erasure_id, actor=request.user, at=timezone.now())
    messages.success(request, "Refused. Nothing was erased.")
    return redirect("refunds:erasures")


@page(SETS)
@require_POST
def set_hold(request: PersonRequest) -> HttpResponse:
    """Keep everything of a customer for a matter."""
    form = HoldForm(request.POST, auto_id="id_hold_%s")
    if form.is_valid():
        try:
            erasing.set_legal_hold(
                customer_id=form.customer_for(request.user),
                matter=form.cleaned_data["matter"],
                actor=request.user,
                at=timezone.now(),
            )
        except Refused as no:
            _explain(form, no)
        else:
            messages.success(request, "The hold stands until somebody lifts it.")
            return redirect("refunds:erasures")
    return _page(request, holding=form, status=UNPROCESSABLE)


@page(LIFTS)
@require_POST
def lift_hold(request: PersonRequest, hold_id: UUID) -> HttpResponse:
    """End a hold."""
    _check_seen(holds_visible_to(request.user).filter(pk=hold_id).exists())
    erasing.lift_legal_hold(hold_id=hold_id, actor=request.user, at=timezone.now())
    messages.success(request, "The hold is lifted. What waited for it goes tonight.")
    return redirect("refunds:erasures")


def _check_seen(is_seen: bool) -> None:  # noqa: FBT001 - the answer of a query
    if not is_seen:
        raise Http404


def _explain(form: forms.Form, no: Refused) -> None:
    for reason in no.reasons:
        form.add_error(reason.field if reason.field in form.fields else None, reason.detail)


def _page(
    request: PersonRequest, *, asking: forms.Form | None = None, holding: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    viewer = request.user
    listed = erasures_visible_to(viewer).select_related("customer", "asked_by", "answered_by")
    holds = holds_visible_to(viewer).filter(lifted_at=None).select_related("customer", "set_by")
    context = {
        "erasures": listed.order_by("-asked_at", "-pk")[:MOST_SHOWN],
        "holds": holds.order_by("set_at", "pk")[:MOST_SHOWN],
        "asking": (asking or ErasureForm()) if viewer.has_perm(ASKS) else None,
        "holding": (holding or HoldForm(auto_id="id_hold_%s")) if viewer.has_perm(SETS) else None,
        "may_answer": viewer.has_perm(ANSWERS),
        "may_lift": viewer.has_perm(LIFTS),
    }
    return render_page(request, "refunds/erasures.html", context, status=status)
