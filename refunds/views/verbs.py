"""Verbs people speak on a request: each a POST, one command, an answer in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from approvals.services.leasing import check_not_held
from approvals.views.following import panel_of, without_claiming
from approvals.vocabulary import Verdict
from config.kernel.asking_again import STEP_UP_REQUIRED
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.sign_in import signed_in_at, step_up_page
from config.kernel.web import (
    UNPROCESSABLE,
    PersonRequest,
    asks_for_fragment,
    is_ours,
    number_in,
    or_404,
    page,
    render_page,
    status_of,
    title_of,
)
from config.kernel.wording import said, told
from evidence.attachments import attach
from evidence.map import CODE as EVIDENCE_MISSING
from evidence.models import AttachmentView
from policies.offered_codes import codes_covering
from refunds import recalling, workflow
from refunds.carriers import noting
from refunds.forms import DecisionForm
from refunds.helpdesk import linking
from refunds.helpdesk.tickets import TicketName
from refunds.models import RefundRequest
from refunds.processing import resolving
from refunds.selectors import request_page
from refunds.vocabulary import State

from . import spoken
from .following import list_behind
from .gap import name_gap
from .requests import SEES, decision_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest, HttpResponse

    from config.kernel.refusals import Reason

FIELD_OF = {"amount_minor": "amount", "question": "rationale"}
"""Where the decision form shows what a command says of a value of its own."""


def _spoken(
    verb: str,
    done: Callable[[RefundRequest], str],
    command: Callable[[PersonRequest, RefundRequest], RefundRequest],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Make the view of one verb: run the command, then go back where the person came from."""

    @page(SEES)
    @require_POST
    def view(request: PersonRequest, reference: str) -> HttpResponse:
        found: RefundRequest = or_404(request_page(request.user, reference), "request")
        try:
            changed = command(request, found)
        except RefundRequest.DoesNotExist:
            return or_404(None, "request")  # type: ignore[no-any-return]
        except (Refused, NotPermitted, OutOfDate) as no:
            return _refused(request, found, no, verb)
        return _done(request, found, changed, done(changed))

    view.__name__ = verb
    return view


def _done(request: PersonRequest, before: RefundRequest, changed: RefundRequest, words: str) -> HttpResponse:
    back = request.POST.get("back", "")
    if asks_for_fragment(request):
        return _next_panel(request, before, words, back)
    messages.success(request, words)
    if is_ours(request, back):
        return redirect(back)
    return redirect(changed)


def _next_panel(request: PersonRequest, before: RefundRequest, words: str, back: str) -> HttpResponse:
    """Answer with the next request of the same view; the row of this one goes and the counters follow."""
    if "stop_claiming" in request.POST:
        back = without_claiming(back)
    waiting = list_behind(back, viewer=request.user, at=timezone.now())
    shown, other = request_page(request.user, before.reference), None
    if waiting is not None:
        shown, other = waiting.after(before)
    context: dict[str, Any] = {"takes_focus": True, "back": back}
    if other is not None:
        context |= {"other": other, "panel": panel_of(other, back=back)}
    if shown is not None:
        context |= decision_context(request.user, shown, back=back)
    if waiting is not None:
        context |= {"list": waiting, "gone": before.reference if waiting.has_lost(before) else "", **waiting.counters()}
    response = render_page(request, "refunds/panel.html", context, fragment="following")
    return trigger_client_event(response, "rd:toast", {"message": told(words)})


def _refused(
    request: PersonRequest, found: RefundRequest, no: Refused | NotPermitted | OutOfDate, verb: str
) -> HttpResponse:
    fresh: RefundRequest = or_404(request_page(request.user, found.reference), "request")
    codes = (
        codes_covering(fresh.decision.exception_codes)
        if fresh.state == State.EXCEPTION_REVIEW and fresh.decision
        else None
    )
    if isinstance(no, NotPermitted) and no.code == STEP_UP_REQUIRED:
        cancel = request.POST.get("back") or fresh.get_absolute_url()
        return step_up_page(request, goal=request.path, sentence=no.detail, kept=request.POST, cancel=cancel)
    form = DecisionForm(request.POST, refund_request=fresh, codes=codes)
    back = request.POST.get("back", "")
    context = {
        **decision_context(request.user, fresh, back=back, form=form),
        "refusal": no,
        "reasons": _beside_fields(form, no.reasons) if isinstance(no, Refused) else [no],
        "title": title_of(no),
        "takes_focus": True,
        "spoken": verb,
    }
    if asks_for_fragment(request):
        waiting = list_behind(back, viewer=request.user, at=timezone.now())
        if waiting is not None and waiting.has_lost(fresh):
            context |= {"gone": fresh.reference, **waiting.counters()}
        return render_page(request, "refunds/panel.html", context, fragment="refused", status=UNPROCESSABLE)
    return render_page(request, "refunds/refused.html", context, status=status_of(no))


def _beside_fields(form: DecisionForm, reasons: Sequence[Reason]) -> list[Reason]:
    """Show each reason at the field it hangs on; answer those that hang on none."""
    form.is_valid()
    left = []
    for reason in reasons:
        name = FIELD_OF.get(reason.field, reason.field)
        if name not in form.fields:
            # A missing file hangs on no field of this form, and its sentence says where it belongs.
            left.append(replace(reason, field="") if reason.code == EVIDENCE_MISSING else reason)
        elif name not in form.errors:
            form.add_error(name, told(reason.detail))
    return left


def _opened(request: PersonRequest, found: RefundRequest) -> list[str]:
    """List the evidence this person opened before deciding."""
    seen = AttachmentView.objects.filter(
        viewer=request.user, attachment__subject_kind=found.subject.kind, attachment__subject_id=found.subject.id
    )
    return sorted({str(pk) for pk in seen.values_list("attachment_id", flat=True)})


def _decide(verdict: Verdict) -> Callable[[PersonRequest, RefundRequest], RefundRequest]:
    def command(request: PersonRequest, found: RefundRequest) -> RefundRequest:
        form = DecisionForm(request.POST, refund_request=found)
        if not form.is_valid():
            raise Refused("invalid", " ".join(" ".join(map(str, errors)) for errors in form.errors.values()), "amount")
        check_not_held(route=found.route, actor=request.user, at=timezone.now())
        return workflow.decide(
            reference=found.reference,
            verdict=verdict,
            rationale=form.cleaned_data["rationale"],
            amount_minor=form.cleaned_data.get("amount") if verdict is Verdict.APPROVE else None,
            code=found.exception_code,
            evidence_opened=_opened(request, found),
            signed_in_at=signed_in_at(request),
            actor=request.user,
            at=timezone.now(),
        )

    return command


def _grant(request: PersonRequest, found: RefundRequest) -> RefundRequest:
    if not request.POST.get("exception_code"):
        raise Refused("refused", said("Choose the code that says why this may depart from policy."), "exception_code")
    return workflow.grant_exception(
        reference=found.reference,
        code=request.POST.get("exception_code", ""),
        rationale=request.POST.get("rationale", ""),
        actor=request.user,
        at=timezone.now(),
    )


def _attach(request: PersonRequest, found: RefundRequest) -> RefundRequest:
    files = request.FILES.getlist("file")
    if not files:
        raise Refused("invalid", said("Choose a file first."), "file")
    if not request.user.has_perm("evidence.add_attachment"):
        raise NotPermitted("not_permitted", said("Adding evidence needs the role of a service agent."))
    for upload in files:
        attach(
            subject=found.subject,
            team=found.team,
            kind=request.POST.get("kind", "photo"),
            file=upload,
            actor=request.user,
            at=timezone.now(),
        )
    return found


def _day(text: str) -> date:
    """Read a day as browsers send it.

    :raises Refused:
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("invalid", said("Name the day as year-month-day, such as 2026-11-14."), "arrived_on") from None


approve = _spoken("approve", spoken.approved, _decide(Verdict.APPROVE))
decline = _spoken("decline", spoken.done(gettext_noop("{reference} was declined.")), _decide(Verdict.DECLINE))
grant_exception = _spoken(
    "grant_exception",
    spoken.done(gettext_noop("{reference} got an exception and waits for a signature.")),
    _grant,
)
name_policy_gap = _spoken(
    "name_policy_gap",
    spoken.done(gettext_noop("{reference} shows a gap of the policy, now on record.")),
    name_gap,
)
add_evidence = _spoken("add_evidence", spoken.done(gettext_noop("{reference} has new evidence.")), _attach)
submit = _spoken(
    "submit",
    spoken.submitted,
    lambda request, found: workflow.submit(
        reference=found.reference, actor=request.user, at=timezone.now(), answer=request.POST.get("answer", "")
    ),
)
link_ticket = _spoken(
    "link_ticket",
    spoken.done(gettext_noop("{reference} answers this ticket.")),
    lambda request, found: linking.link_ticket(
        reference=found.reference,
        name=TicketName(request.POST.get("helpdesk", ""), request.POST.get("ticket", "").strip()),
        actor=request.user,
        at=timezone.now(),
    ),
)
unlink_ticket = _spoken(
    "unlink_ticket",
    spoken.done(gettext_noop("{reference} is not linked to this ticket any more.")),
    lambda request, found: linking.unlink_ticket(
        reference=found.reference,
        link_id=number_in(request.POST.get("link", "")) or 0,
        actor=request.user,
        at=timezone.now(),
    ),
)
withdraw = _spoken(
    "withdraw",
    spoken.done(gettext_noop("{reference} was withdrawn.")),
    lambda request, found: workflow.withdraw(
        reference=found.reference, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    ),
)
note_delivery = _spoken(
    "note_delivery",
    spoken.done(
        gettext_noop("{reference} has a new day of delivery; the policy reads it when the request is submitted next.")
    ),
    lambda request, found: noting.note_delivery(
        reference=found.reference,
        arrived_on=_day(request.POST.get("arrived_on", "")),
        why=request.POST.get("why", ""),
        actor=request.user,
        at=timezone.now(),
    ),
)
ask = _spoken(
    "ask",
    spoken.done(gettext_noop("{reference} was sent back with a question.")),
    lambda request, found: workflow.ask(
        reference=found.reference,
        question=request.POST.get("question", "") or request.POST.get("rationale", ""),
        actor=request.user,
        at=timezone.now(),
    ),
)
recall = _spoken(
    "recall",
    spoken.done(gettext_noop("{reference} was recalled and waits for a signature again.")),
    lambda request, found: recalling.recall(
        reference=found.reference, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    ),
)
hold = _spoken(
    "hold",
    spoken.done(gettext_noop("{reference} is on hold.")),
    lambda request, found: workflow.hold(
        reference=found.reference, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    ),
)
release = _spoken(
    "release",
    spoken.released,
    lambda request, found: workflow.release(reference=found.reference, actor=request.user, at=timezone.now()),
)
take_up_again = _spoken(
    "take_up_again",
    spoken.done(gettext_noop("{reference} is looked at again.")),
    lambda request, found: resolving.take_up_again(reference=found.reference, actor=request.user, at=timezone.now()),
)
confirm_nothing_moved = _spoken(
    "confirm_nothing_moved",
    spoken.done(gettext_noop("{reference} has no refund at the processor.")),
    lambda request, found: resolving.confirm_nothing_moved(
        reference=found.reference, actor=request.user, at=timezone.now()
    ),
)
retry = _spoken(
    "retry",
    spoken.done(gettext_noop("{reference} was sent to the gateway again.")),
    lambda request, found: workflow.retry(reference=found.reference, actor=request.user, at=timezone.now()),
)
