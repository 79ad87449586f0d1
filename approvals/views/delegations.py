"""What is lent to whom and who is away: one page, with plain forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from approvals.delegation_forms import AbsenceForm, OfferForm
from approvals.delegation_lists import (
    ENDS_ANY,
    MOST_NAMED,
    SEES,
    barred_references,
    own_delegations,
    sees_everybodys,
    standing_of,
    visible_absences,
    visible_delegations,
)
from approvals.delegation_rules import may_be_party
from approvals.lending import offers_to
from approvals.services.absences import enter_absence, remove_absence
from approvals.services.delegating import accept_delegation, decline_delegation, end_delegation, offer_delegation
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, page, render_page
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpResponse

    from approvals.models import Delegation
    from config.kernel.people import User

LATEST = 50
MAY_BE_AWAY = ("approvals.add_delegation", "approvals.add_absence")


@page(SEES)
@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: PersonRequest) -> HttpResponse:
    """Show what the viewer lent and holds, and take an offer."""
    at = timezone.now()
    if request.method != "POST":
        return _shown(request, at)
    if not request.user.has_perm("approvals.add_delegation"):
        raise NotPermitted("not_permitted", said("Lending authority needs the role of an approver."))
    form = OfferForm(request.POST, lender=request.user, at=at)
    if form.is_valid():
        try:
            offered = offer_delegation(offer=form.offer, actor=request.user, at=at)
        except Refused as refused:
            form.take(refused)
        else:
            messages.success(request, said("Offered to {who}. It binds once it is accepted.", who=offered.lent_to))
            return redirect("approvals:delegations")
    return _shown(request, at, offer_form=form)


@page(SEES)
@require_POST
def accept(request: PersonRequest, delegation_id: UUID) -> HttpResponse:
    """Accept an offer."""
    _check_is_there(request.user, delegation_id)
    taken = accept_delegation(delegation_id=delegation_id, actor=request.user, at=timezone.now())
    messages.success(request, said("You sign for {who} in that time.", who=taken.lent_by))
    return redirect("approvals:delegations")


@page(SEES)
@require_POST
def decline(request: PersonRequest, delegation_id: UUID) -> HttpResponse:
    """Decline an offer."""
    _check_is_there(request.user, delegation_id)
    declined = decline_delegation(delegation_id=delegation_id, actor=request.user, at=timezone.now())
    messages.success(request, said("Declined; {who} sees it.", who=declined.lent_by))
    return redirect("approvals:delegations")


@page(SEES)
@require_POST
def end(request: PersonRequest, delegation_id: UUID) -> HttpResponse:
    """End a delegation at once, or take an offer back."""
    _check_is_there(request.user, delegation_id)
    end_delegation(delegation_id=delegation_id, actor=request.user, at=timezone.now())
    messages.success(request, said("Ended. Nothing more is signed under it."))
    return redirect("approvals:delegations")


@page(*MAY_BE_AWAY)
@require_POST
def enter(request: PersonRequest) -> HttpResponse:
    """Enter a time away."""
    at = timezone.now()
    form = AbsenceForm(request.POST, viewer=request.user, at=at)
    if form.is_valid():
        answers = form.cleaned_data
        try:
            enter_absence(
                user=answers.get("user", request.user),
                from_at=answers["from_at"],
                until_at=answers["until_at"],
                note=answers["note"],
                actor=request.user,
                at=at,
            )
        except Refused as refused:
            form.take(refused)
        else:
            messages.success(request, said("Noted. Nothing new is routed there in that time."))
            return redirect("approvals:delegations")
    return _shown(request, at, absence_form=form)


@page(*MAY_BE_AWAY)
@require_POST
def remove(request: PersonRequest, absence_id: UUID) -> HttpResponse:
    """Take an absence off the calendar."""
    at = timezone.now()
    if not visible_absences(request.user, at=at).filter(pk=absence_id).exists():
        raise Http404
    remove_absence(absence_id=absence_id, actor=request.user, at=at)
    messages.success(request, said("Taken off the calendar."))
    return redirect("approvals:delegations")


def _check_is_there(viewer: User, delegation_id: UUID) -> None:
    """Answer 404 to whoever has nothing to do with it.

    :raises Http404: for strangers
    """
    if not visible_delegations(viewer).filter(pk=delegation_id).exists():
        raise Http404


def _shown(
    request: PersonRequest,
    at: datetime,
    *,
    offer_form: OfferForm | None = None,
    absence_form: AbsenceForm | None = None,
) -> HttpResponse:
    viewer = request.user
    own = _rows(own_delegations(viewer)[:LATEST], viewer, at)
    everybodys = visible_delegations(viewer).filter(until_at__gt=at) if sees_everybodys(viewer) else None
    may_lend = viewer.has_perm("approvals.add_delegation") and may_be_party(viewer)
    may_be_away = any(viewer.has_perm(permission) for permission in MAY_BE_AWAY)
    context = {
        "offers": [_offer(offer) for offer in offers_to(viewer, at=at)],
        "lent": [row for row in own if row["is_lent"] and row["standing"].is_current],
        "held": [row for row in own if not row["is_lent"] and row["standing"].is_current],
        "past": [row for row in own if not row["standing"].is_current],
        "everybodys": None if everybodys is None else _rows(everybodys[:LATEST], viewer, at),
        "absences": list(visible_absences(viewer, at=at)[:LATEST]),
        "offer_form": (offer_form or OfferForm(lender=viewer, at=at)) if may_lend else None,
        "absence_form": (absence_form or AbsenceForm(viewer=viewer, at=at)) if may_be_away else None,
        "removes_any": viewer.has_perm("approvals.delete_absence"),
        "now": at,
    }
    is_refused = bool((offer_form and offer_form.errors) or (absence_form and absence_form.errors))
    status = UNPROCESSABLE if is_refused else 200
    return render_page(request, "approvals/delegations.html", context, status=status)


def _rows(delegations: Iterable[Delegation], viewer: User, at: datetime) -> list[dict[str, Any]]:
    ends_any = viewer.has_perm(ENDS_ANY)
    return [
        {
            "delegation": each,
            "standing": (standing := standing_of(each, at=at)),
            "is_lent": each.lent_by_id == viewer.pk,
            "may_end": standing.is_current and (ends_any or viewer.pk in {each.lent_by_id, each.lent_to_id}),
        }
        for each in delegations
    ]


def _offer(delegation: Delegation) -> dict[str, Any]:
    barred = barred_references(delegation)
    return {"delegation": delegation, "barred": barred[:MOST_NAMED], "has_more": len(barred) > MOST_NAMED}
