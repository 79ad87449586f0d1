"""Naming a gap: what a reviewer sees again and again that the policy does not cover becomes somebody's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.rationale import check_rationale
from config.kernel.outbox import publish
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger

from . import entitlement
from .models import PolicyGap
from .vocabulary import State

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .models import RefundRequest


@transaction.atomic(durable=True)
def name_policy_gap(*, reference: str, text: str, actor: User, at: datetime) -> RefundRequest:
    """Put on record what the policy does not cover; the request stays where it is and still wants an answer.

    :raises NotPermitted: without the right to judge it, or for one's own request
    :raises OutOfDate: when it waits for no reviewer any more
    :raises Refused: without words, for a request without a reason, or when its gap was named before
    """
    refund_request = entitlement.locked_for(reference, actor)
    entitlement.check_may_review(actor, refund_request)
    if refund_request.state != State.EXCEPTION_REVIEW:
        raise OutOfDate("out_of_date", said("{reference} waits for no reviewer any more.", reference=reference))
    check_rationale(text)
    if refund_request.reason_id is None:
        raise Refused("refused", said("The request carries no reason that a fix could belong to."), "rationale")
    if PolicyGap.objects.filter(refund_request=refund_request).exists():
        raise Refused("refused", said("A gap of the policy is on record for this request already."), "rationale")
    gap = PolicyGap.objects.create(refund_request=refund_request, named_by=actor, named_at=at, text=text.strip())
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.policy_gap",
        actor=actor,
        at=at,
        sentence=f"found a gap in the policy, for the reason {refund_request.reason_id}.",
        data={
            "reason": refund_request.reason_id,
            "text_sha256": ledger.salted_digest(refund_request.subject, text),
        },
    )
    publish("policy_gap.named", at=at, gap_id=gap.pk)
    return refund_request
