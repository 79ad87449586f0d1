"""A person takes or leaves what a model proposed. Taking it is an opinion on record; it changes and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.wording import said
from evidence import ledger
from refunds.models import Proposal, ProposalCall

from .vocabulary import ProposalKind, ProposalState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import RefundRequest

ANSWERS = "refunds.ask_refundrequest"
"""Whoever may ask about a request is who proposals are made to."""


@transaction.atomic(durable=True)
def answer_proposal(
    *, refund_request: RefundRequest, proposal_id: UUID, state: ProposalState, actor: User, at: datetime
) -> Proposal:
    """Accept or dismiss a proposal on a request that this person sees.

    :raises NotPermitted: for whoever may not ask about the request, or entered it
    :raises OutOfDate: when there is no such proposal, or somebody answered it before
    """
    if not actor.has_perm(ANSWERS) or actor.pk == refund_request.requested_by_id:
        raise NotPermitted(
            "not_permitted",
            said("Answering a proposal needs the right “{right}”, on a request of others.", right=ANSWERS),
        )
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("call")
        .filter(pk=proposal_id, call__refund_request=refund_request)
        .first()
    )
    if proposal is None or proposal.state != ProposalState.PROPOSED:
        raise OutOfDate("out_of_date", said("This proposal was answered already, or is none."))
    proposal.state, proposal.answered_by, proposal.answered_at = state, actor, at
    proposal.save(update_fields=["state", "answered_by", "answered_at"])
    label = ProposalKind(proposal.kind).label.lower()
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.proposal_answered",
        actor=actor,
        at=at,
        sentence=f"{state.label.lower()} the proposed {label} of {proposal.call.model_name}.",
        data={"proposal": str(proposal.pk), "field": proposal.kind, "answer": state.value},
    )
    return proposal


def latest_call(refund_request: RefundRequest) -> ProposalCall | None:
    """Find what was last asked about a request, with what was proposed; two queries."""
    return (
        ProposalCall.objects.filter(refund_request=refund_request)
        .prefetch_related("proposals__answered_by")
        .order_by("-asked_at", "-pk")
        .first()
    )


def accepted_message(refund_request: RefundRequest, viewer: User, proposal_id: UUID) -> str:
    """Answer the text that this person accepted to begin her question with; empty for any other."""
    found = Proposal.objects.filter(
        pk=proposal_id,
        call__refund_request=refund_request,
        kind=ProposalKind.MESSAGE,
        state=ProposalState.ACCEPTED,
        answered_by=viewer,
    )
    return found.values_list("text", flat=True).first() or ""
