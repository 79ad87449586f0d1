"""One message to a customer: read, approved, sent back, rewritten, sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages as toasts
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.web import PersonRequest, or_404, page, render_page, status_of, title_of
from config.kernel.wording import said
from evidence import message_delivery, message_review
from evidence.forms import MessageText, SendBack
from evidence.selectors import message_seen_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from evidence.models import CustomerMessage

SEES = "evidence.view_customermessage"


@page(SEES)
@require_safe
def message(request: PersonRequest, message_id: UUID) -> HttpResponse:
    """Show one message with what this person may do about it."""
    found: CustomerMessage = or_404(message_seen_by(request.user, message_id), "message")
    return _shown(request, found)


def _shown(
    request: PersonRequest, found: CustomerMessage, no: Refused | NotPermitted | OutOfDate | None = None
) -> HttpResponse:
    started = {"subject_line": found.subject_line, "body": found.free_text, "seen": found.body_sha256}
    is_typed = isinstance(no, Refused)
    context = {
        "letter": found,
        "may_review": message_review.may_review(request.user, found),
        "may_redraft": message_review.may_redraft(request.user, found),
        "may_retry": message_delivery.may_retry(request.user, found),
        "is_own": request.user.pk in found.decider_ids,
        "form": MessageText(request.POST if is_typed and "body" in request.POST else None, initial=started),
        "back_form": SendBack(request.POST if is_typed and "note" in request.POST else None),
        "refusal": no,
        "reasons": no.reasons if isinstance(no, Refused) else [no] if no is not None else [],
        "title": title_of(no) if no is not None else "",
    }
    return render_page(request, "evidence/message.html", context, status=status_of(no) if no is not None else 200)


def _spoken(
    verb: str, done: str, command: Callable[[PersonRequest, UUID], CustomerMessage]
) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Make the view of one verb: run the command, then go on to what else waits."""

    @page(SEES)
    @require_POST
    def view(request: PersonRequest, message_id: UUID) -> HttpResponse:
        or_404(message_seen_by(request.user, message_id), "message")
        try:
            changed = command(request, message_id)
        except (Refused, NotPermitted, OutOfDate) as no:
            return _shown(request, or_404(message_seen_by(request.user, message_id), "message"), no)
        toasts.success(request, said("{reference}: {done}", reference=changed.reference, done=done))
        return redirect("evidence:message", message_id)

    view.__name__ = verb
    return view


def _text(request: PersonRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("subject_line", "body", "seen")}


approve_message = _spoken(
    "approve_message",
    said("the message leaves now."),
    lambda request, message_id: message_review.approve_message(
        message_id=message_id, **_text(request), actor=request.user, at=timezone.now()
    ),
)

send_back_message = _spoken(
    "send_back_message",
    said("the message goes back with your note."),
    lambda request, message_id: message_review.send_back_message(
        message_id=message_id, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    ),
)

hand_in_message = _spoken(
    "hand_in_message",
    said("the message waits for review again."),
    lambda request, message_id: message_review.hand_in_message(
        message_id=message_id, **_text(request), actor=request.user, at=timezone.now()
    ),
)

retry_message = _spoken(
    "retry_message",
    said("the message is tried again."),
    lambda request, message_id: message_delivery.retry_message(
        message_id=message_id, actor=request.user, at=timezone.now()
    ),
)
