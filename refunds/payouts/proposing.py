"""Propose another way to pay a refund that failed; nothing moves before others have signed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.freezing import notes_what_is_frozen
from approvals.rationale import check_rationale
from approvals.services.routing import involve
from approvals.vocabulary import Part
from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence import ledger
from refunds import balances, entitlement, judgement, lifecycle
from refunds.disputes import shield
from refunds.freezes import refuse_while_frozen
from refunds.models import AlternatePayout
from refunds.vocabulary import Method, OperationState

from .accounts import checked_holder, checked_iban, masked, seal
from .answering import WAYS
from .debtor import debtor_account

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest

PROVEN_DEAD = (OperationState.FAILED, OperationState.REJECTED, OperationState.CANCELLED)


@notes_what_is_frozen
@transaction.atomic(durable=True)
def propose_payout(
    *,
    reference: str,
    method: str,
    rationale: str,
    actor: User,
    at: datetime,
    account_holder: str = "",
    iban: str = "",
) -> RefundRequest:
    """Propose how else to pay a failed refund, and open a fresh route of signatures for it.

    1. Make sure that nothing of it is on its way: every operation before is proven dead.
    2. Check the way and the account; keep the account sealed.
    3. Route it. Neither who asked, reviewed, approved before nor proposed signs for it.

    :raises NotPermitted: without the right, or `self_approval` to whoever asked for the money or approved it
    :raises OutOfDate: when the refund has not failed
    :raises Frozen: while a freeze is on over the actor, the requester, the team or the category
    :raises Refused: `not_proven_dead`, `exceeds_refundable_balance`, `charge_disputed`, `rationale_required`, or what
        is wrong with the way
    """
    refund_request = entitlement.locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "propose_payout")
    entitlement.refuse_signer(actor, refund_request)
    lifecycle.check_knows(refund_request, "propose_payout")
    refuse_while_frozen(refund_request, "propose_payout", actor=actor)
    refuse_what_may_be_alive(refund_request)
    balances.refuse_beyond_left(refund_request, refund_request.amount_minor)
    way = _checked_way(refund_request, method)
    account = _checked_account(way, account_holder, iban)
    check_rationale(rationale)
    shield.lift_knowingly(refund_request, actor=actor, at=at)
    payout = AlternatePayout.objects.create(
        refund_request=refund_request,
        method=way,
        method_before=refund_request.method,
        amount_minor=refund_request.amount_minor,
        currency=refund_request.currency,
        rationale=rationale.strip(),
        proposed_by=actor,
        proposed_at=at,
        **account,
    )
    refund_request.payout = payout
    involve(subject=refund_request.subject, person=actor, part=Part.PROPOSER, at=at)
    judgement.route(
        refund_request,
        judgement.judge_request(refund_request, at=at),
        verb="propose_payout",
        actor=actor,
        at=at,
        sentence=f"proposed to pay {payout.amount} {WAYS[way]} instead; others sign for it.",
        # Of the account nothing but that there is one: the ledger keeps what it hears for ever.
        data={
            "payout": str(payout.pk),
            "method": way.value,
            "amount_minor": payout.amount_minor,
            "currency": payout.currency,
            "rationale_sha256": ledger.salted_digest(refund_request.subject, rationale),
        },
    )
    return refund_request


def refuse_what_may_be_alive(refund_request: RefundRequest) -> None:
    """Refuse to pay by another way while the first payment is not proven dead.

    :raises Refused: `not_proven_dead`
    """
    for operation in refund_request.operations.all():
        if operation.state not in PROVEN_DEAD:
            raise Refused(
                "not_proven_dead", said("The first payment is not proven dead; the customer would be paid twice.")
            )
        if operation.state == OperationState.REJECTED and operation.external_id is not None:
            raise Refused(
                "not_proven_dead",
                said(
                    "The processor refused this and yet shows {number}. Look there first.",
                    number=operation.external_id,
                ),
            )


def _checked_way(refund_request: RefundRequest, method: str) -> Method:
    if method not in Method.values:
        raise Refused("invalid", said("Choose how it is to be paid."), "method")
    way = Method(method)
    if way is Method.BANK_TRANSFER:
        debtor_account(refund_request.currency)
    if way is Method.STORE_CREDIT and refund_request.customer is None:
        raise Refused("refused", said("Nobody is known who could be given store credit."), "method")
    return way


def _checked_account(way: Method, account_holder: str, iban: str) -> dict[str, str]:
    if way is not Method.BANK_TRANSFER:
        if account_holder.strip() or iban.strip():
            raise Refused("invalid", said("Only a bank transfer names an account."), "iban")
        return {}
    account = checked_iban(iban)
    return {
        "account_holder": checked_holder(account_holder),
        "iban_sealed": seal(account),
        "iban_masked": masked(account),
    }
