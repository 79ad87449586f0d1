"""Verbs people speak on a request: each a POST, one command, an answer in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from approvals.vocabulary import Verdict
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.web import PersonRequest, asks_for_fragment, or_404, page, render_page, status_of, title_of
from evidence.attachments import attach
from evidence.models import AttachmentView
from refunds import workflow
from refunds.forms import DecisionForm
from refunds.models import RefundRequest
from refunds.selectors import request_page
from refunds.vocabulary import State

from .requests import SEES, decision_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def _spoken(
    verb: str, done: str, command: Callable[[PersonRequest, RefundRequest], RefundRequest]
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
            return _refused(request, found, no)
        return _done(request, changed, done)

    view.__name__ = verb
    return view


def _done(request: PersonRequest, changed: RefundRequest, done: str) -> HttpResponse:
    label = State(changed.state).label.lower()
    words = f"{changed.reference} {done} ({label})."
    back = request.POST.get("back", "")
    if asks_for_fragment(request):
        context = {"reference": changed.reference, "words": words, "refund_request": changed, "back": back}
        return render_page(request, "refunds/panel.html", context, fragment="done")
    messages.success(request, words)
    if back and url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return redirect(back)
    return redirect(changed)


def _refused(request: PersonRequest, found: RefundRequest, no: Refused | NotPermitted | OutOfDate) -> HttpResponse:
    fresh: RefundRequest = or_404(request_page(request.user, found.reference), "request")
    codes = list(fresh.decision.exception_codes) if fresh.state == State.EXCEPTION_REVIEW and fresh.decision else None
    form = DecisionForm(request.POST, refund_request=fresh, codes=codes)
    form.is_valid()
    back = request.POST.get("back", "")
    context = {
        **decision_context(request.user, fresh, back=back, form=form),
        "refusal": no,
        "reasons": getattr(no, "reasons", [no]),
        "title": title_of(no),
    }
    if asks_for_fragment(request):
        return render_page(request, "refunds/panel.html", context, fragment="panel", status=422)
    return render_page(request, "refunds/refused.html", context, status=status_of(no))


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
        return workflow.decide(
            reference=found.reference,
            verdict=verdict,
            rationale=form.cleaned_data["rationale"],
            amount_minor=form.cleaned_data["amount"] if verdict is Verdict.APPROVE else None,
            code=found.exception_code,
            evidence_opened=_opened(request, found),
            actor=request.user,
            at=timezone.now(),
        )

    return command


def _grant(request: PersonRequest, found: RefundRequest) -> RefundRequest:
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
        raise Refused("invalid", "Choose a file first.", "file")
    if not request.user.has_perm("evidence.add_attachment"):
        raise NotPermitted("not_permitted", "Adding evidence needs the role of a service agent.")
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


approve = _spoken("approve", "was approved", _decide(Verdict.APPROVE))
decline = _spoken("decline", "was declined", _decide(Verdict.DECLINE))
grant_exception = _spoken("grant_exception", "was sent to approval", _grant)
add_evidence = _spoken("add_evidence", "has new evidence", _attach)
submit = _spoken(
    "submit",
    "was submitted",
    lambda request, found: workflow.submit(
        reference=found.reference, actor=request.user, at=timezone.now(), answer=request.POST.get("answer", "")
    ),
)
withdraw = _spoken(
    "withdraw",
    "was withdrawn",
    lambda request, found: workflow.withdraw(
        reference=found.reference, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    ),
)
ask = _spoken(
    "ask",
    "was sent back with a question",
    lambda request, found: workflow.ask(
        reference=found.reference,
        question=request.POST.get("question", "") or request.POST.get("rationale", ""),
        actor=request.user,
        at=timezone.now(),
    ),
)
hold = _spoken(
    "hold",
    "is on hold",
    lambda request, found: workflow.hold(
        reference=found.reference, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    ),
)
release = _spoken(
    "release",
    "was released",
    lambda request, found: workflow.release(reference=found.reference, actor=request.user, at=timezone.now()),
)
retry = _spoken(
    "retry",
    "was sent to the gateway again",
    lambda request, found: workflow.retry(reference=found.reference, actor=request.user, at=timezone.now()),
)
