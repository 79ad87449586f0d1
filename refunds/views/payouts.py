"""Pay a failed refund another way: the page that proposes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, or_404, page, render_page
from config.kernel.wording import said
from refunds.payouts.forms import PayoutForm
from refunds.payouts.proposing import propose_payout as propose
from refunds.processing.plain_words import in_plain_words
from refunds.selectors import request_page
from refunds.vocabulary import State

if TYPE_CHECKING:
    from django.http import HttpResponse

    from config.kernel.refusals import Reason
    from refunds.models import RefundRequest

PROPOSES = "refunds.propose_payout_refundrequest"


@page(PROPOSES)
@require_http_methods(["GET", "HEAD", "POST"])
def propose_payout(request: PersonRequest, reference: str) -> HttpResponse:
    """Show the form, or propose what was typed; what is refused comes back as it was typed."""
    found: RefundRequest = or_404(request_page(request.user, reference), "request")
    form = PayoutForm(request.POST or None)
    reasons: list[Reason] = []
    if request.method == "POST" and form.is_valid():
        try:
            changed = propose(
                reference=found.reference,
                method=form.cleaned_data["method"],
                account_holder=form.cleaned_data["account_holder"],
                iban=form.cleaned_data["iban"],
                rationale=form.cleaned_data["rationale"],
                actor=request.user,
                at=timezone.now(),
            )
        except Refused as no:
            reasons = form.refuse(no)
        else:
            messages.success(
                request, said("{reference} waits for signatures to be paid another way.", reference=changed.reference)
            )
            return redirect(changed)
    context = {
        "refund_request": found,
        "form": form,
        "reasons": reasons,
        "failure": in_plain_words(found.failure_reason),
        "has_failed": found.state == State.FAILED,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, "refunds/propose_payout.html", context, status=status)
