"""Preconditions of transitions, each with the sentence people read when it does not hold.

Asked under the row lock; a guard looks at columns of the request only, what needs more is asked by the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from refunds.models.refund_request import RefundRequest


class Guard(Protocol):
    """A question with its refusal beside it."""

    sentence: str

    def __call__(self, refund_request: Any, /) -> bool:
        """Answer whether the transition may happen."""
        ...


def guard(sentence: str) -> Callable[[Callable[[RefundRequest], bool]], Guard]:
    """Put the refusal beside the question."""

    def decorate(question: Callable[[RefundRequest], bool]) -> Guard:
        asked = cast("Guard", question)
        asked.sentence = sentence
        return asked

    return decorate


@guard(said("Nothing is asked for yet: pick a line or an amount."))
def something_is_asked_for(refund_request: RefundRequest) -> bool:
    """A request without an amount cannot be judged."""
    return refund_request.requested_minor > 0


@guard(said("No captured payment belongs to this request."))
def payment_is_known(refund_request: RefundRequest) -> bool:
    """Money goes back only through the payment it came from; a goodwill credit does not go back, it goes out."""
    return refund_request.payment_id is not None or refund_request.is_goodwill


@guard(said("The policy has not judged this request."))
def policy_has_judged(refund_request: RefundRequest) -> bool:
    """No money leaves without a decision of the policy."""
    return refund_request.decision_id is not None


@guard(said("The approved amount is missing or above what was asked for."))
def approved_amount_is_within_request(refund_request: RefundRequest) -> bool:
    """An approver may lower the amount, never raise it."""
    approved = refund_request.approved_minor
    return approved is not None and 0 < approved <= refund_request.requested_minor


@guard(said("Another way to pay this is approved or declined as it is; nothing is asked of the agent."))
def no_other_way_waits(refund_request: RefundRequest) -> bool:
    """What was approved before is not judged anew."""
    return refund_request.payout_id is None


@guard(said("No other way to pay this waits for signatures."))
def another_way_waits(refund_request: RefundRequest) -> bool:
    """Only another way is turned down without ending the request."""
    return refund_request.payout_id is not None


@guard(said("The processor has not confirmed this refund yet."))
def money_has_arrived(refund_request: RefundRequest) -> bool:
    """Only confirmed money can be reconciled."""
    return refund_request.refunded_at is not None
