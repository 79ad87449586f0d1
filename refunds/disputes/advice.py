"""What a dispute means for a refund: whether refunding helps, what either way costs, and how long is left.

Source of the rules: Stripe's `is_charge_refundable` and `evidence_details.due_by`, and its documentation of inquiries
and early fraud warnings: a full refund closes an inquiry and makes a warning moot, a partial one does neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from config.kernel.wording import said
from refunds.vocabulary import DisputeKind, DisputeStatus

if TYPE_CHECKING:
    from refunds.models import Dispute, RefundRequest

_HELPS = {
    DisputeKind.WARNING: gettext_noop(
        "The customer's bank reports fraud; no money was taken yet. Refunding {left} in full prevents a dispute, which"
        " would take the same and the processor's fee on top. A part of it does not help."
    ),
    DisputeKind.INQUIRY: gettext_noop(
        "The bank asks; no money was taken yet. Refunding {left} in full closes the inquiry. A part of it does not, and"
        " no answer lets it become a chargeback, with the processor's fee on top."
    ),
    DisputeKind.CHARGEBACK: gettext_noop(
        "The processor still takes a refund of {left} in full instead of the chargeback."
    ),
}

_OVER = {
    DisputeStatus.WON: gettext_noop("The bank decided for us and gave the money back."),
    DisputeStatus.LOST: gettext_noop("The bank gave the customer {amount}. A refund beside it would pay twice."),
    DisputeStatus.CLOSED: gettext_noop("It was closed without money being taken."),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One dispute with what it means; `helps` is None once nothing can be helped any more."""

    dispute: Dispute
    helps: bool | None
    sentence: str

    @property
    def tone(self) -> str:
        """How grave it is for a refund now."""
        if not self.dispute.stands:
            return "info"
        return "warn" if self.helps else "bad"


def advice_for(refund_request: RefundRequest) -> list[Advice]:
    """Say it of every dispute there was on the charge of a request, the latest first."""
    payment = refund_request.payment
    if payment is None:
        return []
    known = sorted(payment.disputes.all(), key=lambda dispute: (dispute.opened_at, dispute.pk), reverse=True)
    return [_advice(dispute) for dispute in known]


def _advice(dispute: Dispute) -> Advice:
    amount = dispute.amount
    if not dispute.is_open:
        return Advice(dispute, None, said(_OVER[DisputeStatus(dispute.status)], amount=amount))
    if dispute.is_charge_refundable:
        return Advice(dispute, True, said(_HELPS[DisputeKind(dispute.kind)], left=amount))
    return Advice(
        dispute,
        False,
        said(
            "The bank took {amount} already. Refunding does not help: it would pay the customer twice."
            " Answer the bank.",
            amount=amount,
        ),
    )
