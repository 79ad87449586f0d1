"""Who may decide on a locked request, and in what words: asked by the commands before anything moves; and the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals.authority import forget_authority
from approvals.models import ApprovalDecision
from approvals.permissions import PART_TAKEN, Matter, took_part, warrant_for
from approvals.rationale import check_rationale
from approvals.vocabulary import Part, Verdict
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.wording import said
from evidence.text import refuse_card_number
from policies.offered_codes import codes_covering, why_not_offered
from policies.vocabulary import CodeKind

from . import lifecycle
from .intake import LONGEST_NOTE
from .models.refund_request import KIND
from .permissions import visible_to
from .vocabulary import State

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.money import Money
    from config.kernel.people import User

    from .models import RefundRequest


def locked_for(reference: str, actor: User) -> RefundRequest:
    """Lock what the actor may see; to a stranger it does not exist.

    :raises RefundRequest.DoesNotExist: answered as 404
    """
    request_id = visible_to(actor).values_list("pk", flat=True).get(reference=reference)
    refund_request = lifecycle.hold_locked(request_id=request_id)
    # Whoever waited for the lock may have lost a role or a limit meanwhile.
    forget_authority(actor)
    return refund_request


def check_may_review(actor: User, refund_request: RefundRequest) -> None:
    """Let policy reviewers judge exceptions of others.

    :raises NotPermitted: `not_permitted`, or `self_approval` for whoever entered or submitted it
    """
    if not actor.has_perm("refunds.review_refundrequest"):
        raise NotPermitted("not_permitted", said("Judging an exception needs the role of a policy reviewer."))
    refuse_own(actor, refund_request)
    refuse_submitter(actor, refund_request)


def refuse_own(actor: User, refund_request: RefundRequest) -> None:
    """Keep whoever entered a request from deciding on it."""
    if actor.pk == refund_request.requested_by_id:
        raise NotPermitted("self_approval", said("You entered this request. Somebody else must decide."))


def refuse_submitter(actor: User, refund_request: RefundRequest) -> None:
    """Keep whoever submitted a colleague's draft, or answered for her, from deciding what she handed in herself."""
    if took_part(actor, refund_request.subject, Part.SUBMITTER):
        raise NotPermitted("self_approval", PART_TAKEN[Part.SUBMITTER])


def has_signed(actor: User, refund_request: RefundRequest) -> bool:
    """Tell whether this person asked for the money, handed it in, judged it or signed for it, or had it signed."""
    # Of every route: who signed for the refund does not pay it by another way either.
    decisions = ApprovalDecision.objects.filter(route__subject_id=refund_request.pk, route__subject_kind=KIND)
    signed = {pk for pair in decisions.values_list("decided_by", "acting_for") for pk in pair}
    own = {refund_request.requested_by_id, refund_request.reviewed_by_id, refund_request.approved_by_id}
    return actor.pk in signed | own or took_part(actor, refund_request.subject, Part.SUBMITTER)


def refuse_signer(actor: User, refund_request: RefundRequest) -> None:
    """Keep whoever asked for the money or signed for it, or in whose name it was signed, from paying it."""
    if has_signed(actor, refund_request):
        raise NotPermitted("self_approval", said("Whoever asked or approved does not pay. Somebody else does this."))


def check_may_decide_on(actor: User, refund_request: RefundRequest, verb: str, *, at: datetime) -> None:
    """Let the right person decide: a reviewer declines an exception, finance a failure, an approver within her limit.

    :raises NotPermitted: `not_permitted`, `self_approval` or `over_authority`, in every state the same
    """
    lifecycle.check_may_speak(actor, verb)
    refuse_own(actor, refund_request)
    refuse_submitter(actor, refund_request)
    is_reviewers_no = verb == "decline" and refund_request.state in {State.EXCEPTION_REVIEW, State.FAILED}
    if is_reviewers_no:
        needed = "review" if refund_request.state == State.EXCEPTION_REVIEW else "retry"
        if not actor.has_perm(f"refunds.{needed}_refundrequest"):
            raise NotPermitted("not_permitted", said("This waits for somebody else: a policy reviewer or finance."))
        return
    matter = Matter(
        subject=refund_request.subject,
        requested_by_id=refund_request.requested_by_id,
        reviewed_by_id=refund_request.reviewed_by_id,
        team_id=refund_request.team_id,
        category=refund_request.category,
        amount=refund_request.asked,
    )
    warrant_for(actor, matter, at=at)


def check_decision(refund_request: RefundRequest, verdict: Verdict, amount: Money, rationale: str) -> None:
    """Want a rationale where one is due and an amount within what was asked for.

    :raises Refused: `rationale_required` or `exceeds_refundable_balance`
    """
    if refund_request.state != State.AWAITING_APPROVAL:
        return  # decide_step answers who was faster
    refuse_card_number(rationale, field="rationale")
    is_lowered = amount.minor != refund_request.asked_minor
    if verdict is Verdict.DECLINE or is_lowered or refund_request.exception_code or rationale:
        check_rationale(rationale)
    if is_lowered and refund_request.payout_id is not None:
        raise Refused("refused", said("Another way to pay is approved in full or declined."), "amount_minor")
    if not 0 < amount.minor <= refund_request.asked_minor:
        raise Refused(
            "exceeds_refundable_balance",
            said("Approve more than zero and at most {asked}.", asked=refund_request.asked),
            "amount_minor",
        )


def check_words(text: str, *, field: str) -> None:
    """Want words without a card number, and not too many of them."""
    refuse_card_number(text, field=field)
    if len(text) > LONGEST_NOTE:
        raise Refused("invalid", said("Say it in at most {most} characters.", most=LONGEST_NOTE), field)


def check_covers(refund_request: RefundRequest, code: str) -> None:
    """Want an exception code that is offered and covers what failed here.

    :raises Refused: `unknown_exception_code`, or naming the codes that do
    """
    why_not = why_not_offered(CodeKind.EXCEPTION, code)
    if why_not:
        raise Refused("unknown_exception_code", why_not, "exception_code")
    covering = codes_covering(refund_request.decision.exception_codes if refund_request.decision is not None else [])
    if code not in covering:
        fitting = ", ".join(covering) or "none"
        raise Refused(
            "refused",
            said("“{code}” does not cover what failed here. Codes that do: {fitting}.", code=code, fitting=fitting),
            "exception_code",
        )
