"""A page of buttons for the sandbox: what a processor, a bank and a network do to money, at the press of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from refunds.gateways.base import GatewayUnreachable
from refunds.models import Operation, RefundRequest
from refunds.vocabulary import OperationState, State

from .sandbox import SandboxDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SHOWN = 8

FAULTS: Final = {
    "reset_before": gettext_lazy("The line breaks before the refund is made"),
    "reset_after": gettext_lazy("The line breaks after the refund was made"),
    "hang": gettext_lazy("The refund is made, and no answer ever comes"),
    "500_done": gettext_lazy("Error 500, and the refund was made"),
    "500_not_done": gettext_lazy("Error 500, and nothing was made"),
    "429": gettext_lazy("Too many requests, come back later"),
    "pending": gettext_lazy("The refund is pending for a few seconds"),
    "fail_later": gettext_lazy("The refund succeeds, and fails a few seconds later"),
    "drop_webhook": gettext_lazy("No message tells us of the refund"),
    "late_webhook": gettext_lazy("The messages about the refund come late, perhaps after newer ones"),
    "double_webhook": gettext_lazy("Each message about the refund comes twice"),
}
"""What can befall the next refund, in words."""

COMPLAINTS: Final = {
    "dispute": gettext_lazy("Dispute"),
    "inquiry": gettext_lazy("Inquiry"),
    "warning": gettext_lazy("Fraud warning"),
}
"""What a customer or her bank can bring against a payment."""

BEFORE_THE_MONEY = (State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL, State.APPROVED)
AT_THE_PROCESSOR = (OperationState.SUCCEEDED, OperationState.PENDING)


@require_safe
@never_cache
def buttons(request: HttpRequest) -> HttpResponse:
    """Show the buttons, beside the latest refunds that they can befall."""
    waiting = RefundRequest.objects.filter(state__in=BEFORE_THE_MONEY, payment__gateway="stripe")
    sent = Operation.objects.filter(state__in=AT_THE_PROCESSOR, gateway="stripe", external_id__isnull=False)
    context = {
        "is_there": SandboxDesk().is_there(),
        "faults": FAULTS,
        "complaints": COMPLAINTS,
        "waiting": waiting.select_related("payment").order_by("-created_at")[:SHOWN],
        "sent": sent.select_related("refund_request").order_by("-id")[:SHOWN],
    }
    return render(request, "demo/sandbox.html", context)


@require_POST
@never_cache
def arm(request: HttpRequest) -> HttpResponse:
    """Let something befall the next refund."""
    fault = request.POST.get("fault", "")
    if fault not in FAULTS:
        raise Http404("The sandbox knows no such fault.")
    done = _("The next refund: {what}.").format(what=FAULTS[fault])
    return _pressed(request, lambda desk: desk.arm(fault), done)


@require_POST
@never_cache
def fail(request: HttpRequest, external_id: str) -> HttpResponse:
    """Let a refund come back that had arrived."""
    done = _("The bank sends the money of {refund} back; a webhook says so.").format(refund=external_id)
    return _pressed(request, lambda desk: desk.fail_refund(external_id), done)


@require_POST
@never_cache
def complain(request: HttpRequest, external_id: str) -> HttpResponse:
    """Let a customer or her bank complain about a payment."""
    kind = request.POST.get("kind", "")
    if kind not in COMPLAINTS:
        raise Http404("There is no such complaint.")
    done = _("{what} about {payment}; a webhook says so.").format(what=COMPLAINTS[kind], payment=external_id)
    return _pressed(request, lambda desk: desk.complain(external_id, kind), done)


def _pressed(request: HttpRequest, deed: Callable[[SandboxDesk], None], done: str) -> HttpResponse:
    try:
        deed(SandboxDesk())
    except GatewayUnreachable:
        messages.error(request, _("The sandbox did not do that. Perhaps it happened already, or it is not running."))
    else:
        messages.success(request, done)
    return redirect("demo:sandbox")
