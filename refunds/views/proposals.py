"""Take or leave what a language model proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from config.kernel.web import PersonRequest, or_404, page
from config.kernel.wording import said
from refunds.proposing.answering import answer_proposal
from refunds.proposing.vocabulary import ProposalKind, ProposalState
from refunds.selectors import request_page

from .requests import SEES

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from refunds.models import RefundRequest


@page(SEES)
@require_POST
def accept_proposal(request: PersonRequest, reference: str, proposal_id: UUID) -> HttpResponse:
    """Put on record that it is right; a message fills the form on the page and is not sent."""
    return _answered(request, reference, proposal_id, ProposalState.ACCEPTED)


@page(SEES)
@require_POST
def dismiss_proposal(request: PersonRequest, reference: str, proposal_id: UUID) -> HttpResponse:
    """Put on record that it is not."""
    return _answered(request, reference, proposal_id, ProposalState.DISMISSED)


def _answered(request: PersonRequest, reference: str, proposal_id: UUID, state: ProposalState) -> HttpResponse:
    found: RefundRequest = or_404(request_page(request.user, reference), "request")
    proposal = answer_proposal(
        refund_request=found, proposal_id=proposal_id, state=state, actor=request.user, at=timezone.now()
    )
    messages.success(request, said("{label}. Nothing was changed and nothing was sent.", label=state.label))
    if state is ProposalState.ACCEPTED and proposal.kind == ProposalKind.MESSAGE:
        return redirect(f"{found.get_absolute_url()}?{urlencode({'draft': str(proposal.pk)})}#decision")
    return redirect(f"{found.get_absolute_url()}#proposals")
