"""The freezes that are on, what each stopped, and the ways to set and to lift one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from approvals.freeze_forms import FreezeForm, ReasonForm
from approvals.freezing import target_of
from approvals.models import FreezeSwitch
from approvals.services.freezes import LIFTS, SETS, lift_freeze, set_freeze
from approvals.standing_freezes import SEES, stopped_by, stops_everything, visible_to
from config.kernel.asking_again import asks_again
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, check_may_open, page, render_page
from config.kernel.wording import said, told

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.people import User

MOST_SHOWN = 50


@page(SEES, SETS)
@require_http_methods(["GET", "HEAD", "POST"])
def freezes(request: PersonRequest) -> HttpResponse:
    """Show what is frozen and what was; a POST sets a freeze."""
    if request.method != "POST":
        return _page(request, FreezeForm(viewer=request.user))
    check_may_open(request.user, (SETS,))
    form = FreezeForm(request.POST, viewer=request.user)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        switch = set_freeze(target=form.target, why=form.cleaned_data["why"], actor=request.user, at=timezone.now())
    except (Refused, OutOfDate) as no:
        _explain(form, no)
        return _page(request, form, status=UNPROCESSABLE)
    messages.success(request, said("{target} is frozen.", target=target_of(switch)))
    return redirect("approvals:freezes")


@page(LIFTS)
@require_POST
@asks_again(only_if=stops_everything)
def lift(request: PersonRequest, switch_id: UUID) -> HttpResponse:
    """Lift a freeze."""
    form = ReasonForm(request.POST)
    words = form.cleaned_data["why"] if form.is_valid() else request.POST.get("why", "")
    try:
        switch = lift_freeze(switch_id=switch_id, why=words, actor=request.user, at=timezone.now())
    except FreezeSwitch.DoesNotExist:
        raise Http404 from None
    except Refused as no:
        _explain(form, no)
        return _page(request, FreezeForm(viewer=request.user), lifting={switch_id: form}, status=UNPROCESSABLE)
    messages.success(request, said("{target} goes on.", target=target_of(switch)))
    return redirect("approvals:freezes")


def _page(
    request: PersonRequest,
    form: FreezeForm,
    *,
    lifting: dict[UUID, ReasonForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = visible_to(request.user)
    standing = list(seen.filter(lifted_at__isnull=True).order_by("set_at", "pk"))
    past = list(seen.filter(lifted_at__isnull=False).order_by("-lifted_at", "-pk")[:MOST_SHOWN])
    stopped = stopped_by([*standing, *past], request.user)
    context = {
        "form": form,
        "standing": [_row(switch, stopped, request.user, lifting or {}) for switch in standing],
        "past": [{"switch": switch, "target": target_of(switch), "stopped": stopped[switch.pk]} for switch in past],
        "may_set": request.user.has_perm(SETS),
        "now": timezone.now(),
    }
    return render_page(request, "approvals/freezes.html", context, status=status)


def _row(
    switch: FreezeSwitch, stopped: dict[UUID, Any], viewer: User, lifting: dict[UUID, ReasonForm]
) -> dict[str, Any]:
    is_own = viewer.pk == switch.agent_id or (switch.is_four_eyes and viewer.pk == switch.set_by_id)
    form = lifting.get(switch.pk, ReasonForm(auto_id=f"id_lift_{switch.pk}_%s"))
    form.auto_id = f"id_lift_{switch.pk}_%s"
    return {
        "switch": switch,
        "target": target_of(switch),
        "stopped": stopped[switch.pk],
        "may_lift": viewer.has_perm(LIFTS) and not is_own,
        "is_own": is_own,
        "form": form,
        "is_refused": switch.pk in lifting,
    }


def _explain(form: ReasonForm, no: Refused | OutOfDate) -> None:
    """Show each reason at its field; what the form has said itself is not said twice."""
    reasons = no.reasons if isinstance(no, Refused) else ()
    for reason in reasons:
        name = reason.field if reason.field in form.fields else None
        if name is None or name not in form.errors:
            form.add_error(name, told(reason.detail))
    if not reasons:
        form.add_error(None, told(no.detail))
