"""Finance's breaks: the list with its sums, and one with both sides, its thread, its proof and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from config.kernel.asking_again import asks_again
from config.kernel.people import User
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.spoken import speak
from config.kernel.web import (
    PersonRequest,
    moment_in,
    number_in,
    or_404,
    page,
    render_page,
    uuid_in,
)
from config.kernel.wording import joined, said
from evidence.gallery import tiles_of
from evidence.ledger import timeline_of
from refunds.breaks import owning, resolving, selectors
from refunds.breaks.forms import BreakFilter, CommentForm, ProofForm, ResolveForm, WhyForm
from refunds.breaks.permissions import RESOLVES, SEES
from refunds.breaks.promises import limit_of
from refunds.breaks.vocabulary import BreakState, Resolution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.refusals import Reason
    from config.kernel.spoken import SpokenForm
    from refunds.models import Break

PAGE = 50
MOST_AT_ONCE = PAGE
AT_ONCE = (Resolution.TIMING, Resolution.ACCEPT)
"""What several breaks may be called together; whatever is a loss is looked at one by one."""


@page(SEES)
@require_safe
def breaks(request: PersonRequest) -> HttpResponse:
    """List what disagrees, the first promise first, and what is unexplained in each currency."""
    at, viewer, query = timezone.now(), request.user, request.GET
    accounts, currencies = selectors.places(viewer)
    form = BreakFilter(query, accounts=accounts, currencies=currencies)
    wanted = form.wanted
    place = moment_in(query.get("after", "")), uuid_in(query.get("after_id", ""))
    after = None if place[0] is None or place[1] is None else (place[0], place[1])
    found = selectors.breaks_listed(viewer, wanted, at=at)
    rows = selectors.a_page(found, after=after, count=PAGE + 1)
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        following = "?" + urlencode({**wanted, "after": rows[-1].due_at.isoformat(), "after_id": str(rows[-1].pk)})
    context = {
        "rows": rows,
        "form": form,
        "is_filtered": bool(wanted),
        "next": following,
        "sums": selectors.unexplained(found, at=at),
        "now": at,
        "at_once": [(one.value, one.label) for one in AT_ONCE],
        "may_resolve": viewer.has_perm(RESOLVES) and any(row.state == BreakState.OPEN for row in rows),
    }
    return render_page(request, "refunds/breaks.html", context, fragment="list")


@page(RESOLVES)
@require_POST
def resolve_breaks(request: PersonRequest) -> HttpResponse:
    """Say of several breaks at once what they were, each by itself; what takes two people waits for the second."""
    ids = [found for text in request.POST.getlist("breaks")[:MOST_AT_ONCE] if (found := uuid_in(text)) is not None]
    if not ids:
        raise Refused("nothing_chosen", said("Tick the breaks that are alike."))
    resolution = request.POST.get("resolution", Resolution.TIMING)
    if resolution not in AT_ONCE:
        raise Refused("unknown_resolution", said("Several at once are timing, or accepted as they are."), "resolution")
    words: dict[str, Any] = {
        "resolution": resolution,
        "note": request.POST.get("note", ""),
        "actor": request.user,
    }
    states, refused = [], 0
    for break_id in ids:
        try:
            states.append(resolving.resolve_break(break_id=break_id, at=timezone.now(), **words).state)
        except (OutOfDate, NotPermitted):
            refused += 1
        except Refused as no:
            if no.code != "unknown_break":
                raise
            refused += 1
    waiting = states.count(BreakState.PROPOSED)
    sentences = [
        said(
            "{resolved} resolved, {waiting} wait for a second person.", resolved=len(states) - waiting, waiting=waiting
        )
    ]
    if refused:
        sentences.append(said("{count} could not be.", count=refused))
    messages.success(request, joined(sentences))
    return redirect("refunds:breaks")


@page(SEES)
@require_safe
def one_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Show one: both sides, what was said, what proves it, what happened, and what can be done."""
    return _page(request, _found(request, break_id))


@page(RESOLVES)
@require_POST
def resolve_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Say what it was."""

    def command(typed: dict[str, Any]) -> str:
        done = resolving.resolve_break(**typed, **_by(request, break_id))
        return said("It is resolved.") if done.is_resolved else said("Somebody else has to agree now.")

    return _spoken(request, break_id, ResolveForm, command)


@page(RESOLVES)
@require_POST
@asks_again()
def confirm_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Agree as the second person."""

    def command(_typed: dict[str, Any]) -> str:
        resolving.confirm_resolution(**_by(request, break_id))
        return said("You agreed; it is resolved.")

    return _spoken(request, break_id, None, command)


@page(RESOLVES)
@require_POST
def decline_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Send a proposal back."""

    def command(typed: dict[str, Any]) -> str:
        resolving.decline_resolution(**typed, **_by(request, break_id))
        return said("The proposal is gone; the break is open.")

    return _spoken(request, break_id, WhyForm, command)


@page(RESOLVES)
@require_POST
def reopen_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Open it again."""

    def command(typed: dict[str, Any]) -> str:
        resolving.reopen_break(**typed, **_by(request, break_id))
        return said("It is open again.")

    return _spoken(request, break_id, WhyForm, command)


@page(RESOLVES)
@require_POST
def assign_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Take it, give it to somebody, or give it back."""

    def command(_typed: dict[str, Any]) -> str:
        owner_id = request.POST.get("owner", "")
        owner = User.objects.filter(pk=number_in(owner_id) or 0).first() if owner_id else None
        if owner_id and owner is None:
            raise Refused("not_an_owner", said("Choose somebody who may resolve breaks."), "owner")
        owning.assign_break(owner=owner, **_by(request, break_id))
        if owner is None:
            return said("Nobody looks after it now.")
        return said("{owner} looks after it now.", owner=owner)

    return _spoken(request, break_id, None, command)


@page(RESOLVES)
@require_POST
def comment_on_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Say something about it."""

    def command(typed: dict[str, Any]) -> str:
        owning.comment_on_break(**typed, **_by(request, break_id))
        return said("Said.")

    return _spoken(request, break_id, CommentForm, command)


@page(RESOLVES)
@require_POST
def attach_to_break(request: PersonRequest, break_id: UUID) -> HttpResponse:
    """Keep a file that proves what it was."""

    def command(typed: dict[str, Any]) -> str:
        owning.attach_to_break(**typed, **_by(request, break_id))
        return said("The file is kept.")

    return _spoken(request, break_id, ProofForm, command)


def _by(request: PersonRequest, break_id: UUID) -> dict[str, Any]:
    return {"break_id": break_id, "actor": request.user, "at": timezone.now()}


def _found(request: PersonRequest, break_id: UUID) -> Break:
    found: Break = or_404(selectors.one_break(request.user, break_id), "break")
    return found


def _spoken(
    request: PersonRequest, break_id: UUID, shape: type[SpokenForm] | None, command: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """Run a command about a break, then show it."""

    def shown(*, form: SpokenForm | None, reasons: Sequence[Reason], status: int) -> HttpResponse:
        return _page(request, _found(request, break_id), form=form, reasons=reasons, status=status)

    return speak(request, shape, command, leads_to=_found(request, break_id).get_absolute_url(), shown=shown)


def _page(
    request: PersonRequest, found: Break, *, form: SpokenForm | None = None, reasons: Any = (), status: int = 200
) -> HttpResponse:
    viewer = request.user
    may_speak = viewer.has_perm(RESOLVES)
    limit_minor = limit_of(found.currency)
    context = {
        "found": found,
        "now": timezone.now(),
        "thread": selectors.thread_of(found),
        "tiles": tiles_of(found.subject, viewer=viewer),
        "timeline": timeline_of(found.subject),
        "reasons": reasons,
        "refused": form if form is not None else None,
        "may_speak": may_speak,
        "may_resolve": may_speak and found.state == BreakState.OPEN,
        "may_confirm": may_speak and found.state == BreakState.PROPOSED and found.proposed_by_id != viewer.pk,
        "may_decline": may_speak and found.state == BreakState.PROPOSED,
        "may_reopen": may_speak and found.is_resolved and not found.is_by_machine,
        "owners": owning.owners_of(found) if may_speak and not found.is_resolved else [],
        "limit_minor": limit_minor,
        "needs_second": abs(found.amount_minor) > limit_minor,
        "resolve_form": form if isinstance(form, ResolveForm) else ResolveForm(),
        "why_form": form if isinstance(form, WhyForm) else WhyForm(),
        "comment_form": form if isinstance(form, CommentForm) else CommentForm(),
        "proof_form": form if isinstance(form, ProofForm) else ProofForm(),
    }
    return render_page(request, "refunds/break.html", context, status=status)
