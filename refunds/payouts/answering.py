"""What becomes of another way once people answered, or nobody did; its request is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence import ledger
from refunds import lifecycle
from refunds.machines import CLOCK
from refunds.models import AlternatePayout
from refunds.vocabulary import Method, PayoutState

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest

WAYS = {
    Method.ORIGINAL: "the way it was paid",
    Method.STORE_CREDIT: "as store credit",
    Method.BANK_TRANSFER: "by bank transfer",
}
"""How each way ends the sentence "to pay it ..."."""


def note_approved(refund_request: RefundRequest, *, approver: User) -> None:
    """Put the other way in force: from now on the money goes by it, whoever sends it again."""
    payout = _locked(refund_request)
    payout.state = PayoutState.APPROVED
    payout.approved_by = approver
    payout.route = refund_request.route
    payout.save(update_fields=["state", "approved_by", "route"])
    refund_request.method = payout.method


def turn_down(
    refund_request: RefundRequest, rationale: str, code: str, actor: User, at: datetime, *, acting_for: User | None
) -> None:
    """Say no to the other way: the refund has failed as before, and finance proposes something else or declines it."""
    way = WAYS[Method(_end(refund_request, PayoutState.DECLINED).method)]
    lifecycle.advance(
        refund_request,
        "decline_payout",
        actor=actor,
        acting_for=acting_for,
        at=at,
        sentence=f"declined to pay it {way}.",
        data={"code": code, "rationale_sha256": ledger.salted_digest(refund_request.subject, rationale)},
        columns={"question": rationale},
    )
    _restore(refund_request)


def let_lapse(refund_request: RefundRequest, *, route_id: str, at: datetime) -> None:
    """Drop the other way because its route lapsed."""
    way = WAYS[Method(_end(refund_request, PayoutState.LAPSED).method)]
    lifecycle.advance(
        refund_request,
        "lapse_payout",
        actor=CLOCK,
        at=at,
        sentence=f"ended the proposal to pay it {way}: nobody finished its approval.",
        data={"route": route_id},
    )
    _restore(refund_request)


def note_withdrawn(refund_request: RefundRequest) -> None:
    """Drop the other way along with a request that is withdrawn."""
    if refund_request.payout_id is not None:
        _end(refund_request, PayoutState.WITHDRAWN)


def take_back(refund_request: RefundRequest) -> None:
    """Let the other way wait for signatures anew, because its approval is taken back."""
    if refund_request.payout_id is None:
        return
    payout = _locked(refund_request)
    payout.state = PayoutState.PROPOSED
    payout.approved_by = payout.route = None
    payout.save(update_fields=["state", "approved_by", "route"])
    refund_request.method = payout.method_before


def _end(refund_request: RefundRequest, state: PayoutState) -> AlternatePayout:
    payout = _locked(refund_request)
    payout.state = state
    payout.save(update_fields=["state"])
    return payout


def _restore(refund_request: RefundRequest) -> None:
    """Put the way in force again that was so before, if there was one."""
    in_force = refund_request.payouts.filter(state=PayoutState.APPROVED).order_by("-proposed_at", "-pk").first()
    refund_request.payout = in_force
    refund_request.save(update_fields=["payout"])


def _locked(refund_request: RefundRequest) -> AlternatePayout:
    return AlternatePayout.objects.select_for_update(of=("self",)).get(pk=str(refund_request.payout_id))
