"""One item: its page, and every word that can be said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from analytics import definitions
from analytics.code_pages import KINDS
from analytics.code_pages import SEES as SEES_CODES
from analytics.selectors import percent
from config.kernel.people import User
from config.kernel.refusals import Refused
from config.kernel.spoken import speak
from config.kernel.web import PersonRequest, number_in, or_404, page, render_page
from config.kernel.wording import said
from evidence.gallery import tiles_of
from evidence.ledger import timeline_of
from policies.vocabulary import CodeKind

from . import closing, selectors, working
from .forms import CauseForm, ChangeForm, CloseForm, NoteForm, ProofForm, WhyForm
from .gaps import gaps_of
from .permissions import CONFIRMS, REOPENS, SEES, WORKS
from .saying import points
from .vocabulary import ItemState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from analytics.models import RemediationItem, RemediationReading
    from config.kernel.refusals import Reason
    from config.kernel.spoken import SpokenForm

TEMPLATE = "analytics/remediation/item.html"
WORDS = {kind: word for word, kind in KINDS.items()}
STEPS = (ItemState.OPEN, ItemState.CAUSE_FOUND, ItemState.CHANGE_MADE, ItemState.VERIFYING, ItemState.CLOSED)


@page(SEES)
@require_safe
def one_item(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Show one: why it is here, what was done, what proves it, what happened, and what can be done."""
    return _page(request, _found(request, item_id))


@page(WORKS)
@require_POST
def find_cause(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Say why it happens."""

    def command(typed: dict[str, Any]) -> str:
        working.find_cause(**typed, **_by(request, item_id))
        return said("The cause is noted. Next: the change.")

    return _spoken(request, item_id, CauseForm, command)


@page(WORKS)
@require_POST
def make_change(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Say what was changed."""

    def command(typed: dict[str, Any]) -> str:
        working.make_change(**typed, **_by(request, item_id))
        return said("The change is noted. Next: propose to close it.")

    return _spoken(request, item_id, ChangeForm, command)


@page(WORKS)
@require_POST
def propose_closing(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Ask a second person to close it."""

    def command(typed: dict[str, Any]) -> str:
        closing.propose_closing(**typed, **_by(request, item_id))
        return said("Somebody else has to agree now.")

    return _spoken(request, item_id, CloseForm, command)


@page(CONFIRMS)
@require_POST
def confirm_closing(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Agree as the second person."""

    def command(_typed: dict[str, Any]) -> str:
        done = closing.confirm_closing(**_by(request, item_id))
        return said("You agreed. The effect test is on {day}.", day=f"{done.test_due_at:%d %B %Y}")

    return _spoken(request, item_id, None, command)


@page(CONFIRMS)
@require_POST
def decline_closing(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Send a proposal back."""

    def command(typed: dict[str, Any]) -> str:
        closing.decline_closing(**typed, **_by(request, item_id))
        return said("The proposal is gone.")

    return _spoken(request, item_id, WhyForm, command)


@page(REOPENS)
@require_POST
def reopen(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Begin again."""

    def command(typed: dict[str, Any]) -> str:
        working.step_back(**typed, **_by(request, item_id))
        return said("It is open again.")

    return _spoken(request, item_id, WhyForm, command)


@page(WORKS)
@require_POST
def assign_item(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Take it, give it to somebody, or give it back."""

    def command(_typed: dict[str, Any]) -> str:
        told = request.POST.get("owner", "")
        owner = User.objects.filter(pk=number_in(told) or 0).first() if told else None
        if told and owner is None:
            raise Refused("not_an_owner", said("Choose somebody who may work on items."), "owner")
        working.assign_item(owner=owner, **_by(request, item_id))
        return said("Nobody owns it now.") if owner is None else said("{owner} owns it now.", owner=owner)

    return _spoken(request, item_id, None, command)


@page(WORKS)
@require_POST
def note_on_item(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Say something about it."""

    def command(typed: dict[str, Any]) -> str:
        working.note_on_item(**typed, **_by(request, item_id))
        return said("Said.")

    return _spoken(request, item_id, NoteForm, command)


@page(WORKS)
@require_POST
def attach_to_item(request: PersonRequest, item_id: UUID) -> HttpResponse:
    """Keep a file that proves something."""

    def command(typed: dict[str, Any]) -> str:
        working.attach_to_item(**typed, **_by(request, item_id))
        return said("The file is kept.")

    return _spoken(request, item_id, ProofForm, command)


def _by(request: PersonRequest, item_id: UUID) -> dict[str, Any]:
    return {"item_id": item_id, "actor": request.user, "at": timezone.now()}


def _found(request: PersonRequest, item_id: UUID) -> RemediationItem:
    found: RemediationItem = or_404(selectors.one_item(request.user, item_id), "remediation item")
    return found


def _spoken(
    request: PersonRequest, item_id: UUID, shape: type[SpokenForm] | None, command: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """Run a command about an item, then show it."""

    def shown(*, form: SpokenForm | None, reasons: Sequence[Reason], status: int) -> HttpResponse:
        return _page(request, _found(request, item_id), form=form, reasons=reasons, status=status)

    return speak(request, shape, command, leads_to=_found(request, item_id).get_absolute_url(), shown=shown)


def _page(
    request: PersonRequest,
    item: RemediationItem,
    *,
    form: SpokenForm | None = None,
    reasons: Any = (),
    status: int = 200,
) -> HttpResponse:
    viewer = request.user
    works, confirms = viewer.has_perm(WORKS), viewer.has_perm(CONFIRMS)
    is_proposed = item.state == ItemState.CHANGE_MADE and item.proposed_by_id is not None
    kinds = {
        "cause_form": CauseForm, "change_form": ChangeForm, "close_form": CloseForm, "why_form": WhyForm,
        "note_form": NoteForm, "proof_form": ProofForm,
    }  # fmt: skip
    context = {
        "item": item,
        "cost": selectors.cost_of(item),
        "share": percent(item.use_count, item.request_count),
        "uses_page": _uses_page(viewer, item),
        "steps": _steps(item),
        "readings": [_reading(one) for one in item.readings.order_by("-read_at", "-pk")],
        "thread": selectors.thread_of(item),
        "gaps": gaps_of(viewer, item),
        "tiles": tiles_of(item.subject, viewer=viewer),
        "timeline": timeline_of(item.subject),
        "reasons": reasons,
        "refused": form,
        "may_work": works,
        "may_find": works and item.state == ItemState.OPEN,
        "may_change": works and item.state == ItemState.CAUSE_FOUND,
        "may_propose": works and item.state == ItemState.CHANGE_MADE and not is_proposed,
        "may_confirm": confirms and is_proposed and viewer.pk not in {item.proposed_by_id, item.owner_id},
        "may_decline": confirms and is_proposed,
        "is_proposed": is_proposed,
        "may_reopen": viewer.has_perm(REOPENS) and item.state not in {ItemState.OPEN, ItemState.CLOSED},
        "owners": working.people_who_work() if works and item.is_unfinished else [],
        "definitions": definitions,
        "now": timezone.now(),
        **{name: form if isinstance(form, kind) else kind() for name, kind in kinds.items()},
    }
    return render_page(request, TEMPLATE, context, status=status)


def _uses_page(viewer: User, item: RemediationItem) -> str:
    if not viewer.has_perm(SEES_CODES):
        return ""
    return reverse("analytics:code", args=[WORDS[CodeKind(item.code_kind)], item.code], fragment="uses")


def _steps(item: RemediationItem) -> list[dict[str, str]]:
    here = STEPS.index(ItemState(item.state))
    states = [
        "done" if place < here or item.is_closed else "current" if place == here else "todo" for place in range(5)
    ]
    return [{"label": step.label, "state": state} for step, state in zip(STEPS, states, strict=True)]


def _reading(reading: RemediationReading) -> dict[str, Any]:
    return {
        "reading": reading,
        "before": percent(reading.before_count, reading.before_of),
        "after": percent(reading.after_count, reading.after_of),
        "low": points(reading.low_basis_points),
        "high": points(reading.high_basis_points),
    }
