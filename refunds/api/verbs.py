"""What may be said to a refund request. Each verb is one command; each answers the request as it is afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError

from approvals.services.leasing import check_not_held
from approvals.vocabulary import Verdict
from config.kernel.bodies import ExactSerializer, NoBody
from config.kernel.sign_in import token_signed_in_at
from evidence.models import AttachmentView
from refunds import lifecycle, recalling, workflow
from refunds.models import RefundRequest
from refunds.models.refund_request import KIND
from refunds.payouts.proposing import propose_payout
from refunds.permissions import visible_to

from .request_answers import RequestAnswer
from .request_bodies import ApproveBody, DeclineBody, GrantBody, NoteBody, PayoutBody, QuestionBody
from .requests import RequestView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from rest_framework.request import Request
    from rest_framework.response import Response

    from config.kernel.people import User


class Verb(RequestView):
    """One verb: who may not speak it hears 404 or 403 whatever the body and the state, then come body and state."""

    body: ClassVar[type[ExactSerializer]] = NoBody
    transition: ClassVar[str] = ""

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Call the command."""
        raise NotImplementedError

    def post(self, request: Request, reference: str) -> Response:  # noqa: ARG002
        """Speak the verb and answer the request as it is then."""
        try:
            words = self.read(self.body)
        except ValidationError:
            self._check_may_speak(reference)
            raise
        try:
            self.speak(reference, words, self.caller, timezone.now())
        except RefundRequest.DoesNotExist:
            raise Http404 from None
        return self.answer(reference)

    def _check_may_speak(self, reference: str) -> None:
        if not visible_to(self.caller).filter(reference=reference).exists():
            raise Http404
        lifecycle.check_may_speak(self.caller, self.transition)


def _spoken(verb: str, summary: str, body: type[ExactSerializer]) -> Callable[[type[Verb]], type[Verb]]:
    def decorate(view: type[Verb]) -> type[Verb]:
        view.body = body
        said = extend_schema(
            operation_id=f"{verb}_refund_request",
            summary=summary,
            tags=["Refund requests"],
            request=None if body is NoBody else body,
            responses=RequestAnswer,
        )
        return extend_schema_view(post=said)(view)

    return decorate


@_spoken("submit", "Submit a draft or answer a question", NoBody)
class Submit(Verb):
    """Hand it to the policy."""

    transition = "submit"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:  # noqa: ARG002
        """Submit."""
        workflow.submit(reference=reference, actor=actor, at=at)


@_spoken("withdraw", "Withdraw a request before money moves", NoteBody)
class Withdraw(Verb):
    """Take it back."""

    transition = "withdraw"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Withdraw."""
        workflow.withdraw(reference=reference, note=words["note"], actor=actor, at=at)


@_spoken("ask", "Send it back with a question", QuestionBody)
class Ask(Verb):
    """Ask before deciding; the clock stops."""

    transition = "ask"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Ask."""
        workflow.ask(reference=reference, question=words["question"], actor=actor, at=at)


@_spoken("grant_exception_for", "Grant an exception from policy under a code", GrantBody)
class GrantException(Verb):
    """Let it depart from policy; an approver still signs."""

    transition = "grant_exception"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Grant."""
        code, rationale = words["exception_code"], words["rationale"]
        workflow.grant_exception(reference=reference, code=code, rationale=rationale, actor=actor, at=at)


def _check_not_held(reference: str, actor: User, at: datetime) -> None:
    found = visible_to(actor).filter(reference=reference).select_related("route").first()
    check_not_held(route=None if found is None else found.route, actor=actor, at=at)


@_spoken("approve", "Approve, in full or less", ApproveBody)
class Approve(Verb):
    """Sign for the money."""

    transition = "approve"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Approve."""
        _check_not_held(reference, actor, at)
        workflow.decide(
            reference=reference,
            verdict=Verdict.APPROVE,
            signed_in_at=token_signed_in_at(self.request.auth, self.request, at=at),
            rationale=words["rationale"],
            amount_minor=words["amount_minor"],
            code=words["exception_code"],
            evidence_opened=_opened_by(actor, reference),
            actor=actor,
            at=at,
        )


@_spoken("decline", "Say no", DeclineBody)
class Decline(Verb):
    """Say no to what waits for a signature, for an exception, or failed at the processor."""

    transition = "decline"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Decline."""
        _check_not_held(reference, actor, at)
        workflow.decide(
            reference=reference,
            verdict=Verdict.DECLINE,
            rationale=words["rationale"],
            code=words["code"],
            evidence_opened=_opened_by(actor, reference),
            actor=actor,
            at=at,
        )


@_spoken("recall", "Take an approval back while the money is still queued", NoteBody)
class Recall(Verb):
    """Take an approval back; it waits for signatures anew. 409 once the money is on its way."""

    transition = "recall"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Recall."""
        recalling.recall(reference=reference, note=words["note"], actor=actor, at=at)


@_spoken("retry", "Take a failed refund to the gateway again", NoBody)
class Retry(Verb):
    """Try to pay again."""

    transition = "retry"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:  # noqa: ARG002
        """Retry."""
        workflow.retry(reference=reference, actor=actor, at=at)


@_spoken("propose_payout_for", "Propose another way to pay a failed refund", PayoutBody)
class ProposePayout(Verb):
    """Propose how else to pay it; others sign for it before anything moves."""

    transition = "propose_payout"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Propose."""
        propose_payout(reference=reference, actor=actor, at=at, **words)


@_spoken("hold", "Put it on hold", NoteBody)
class Hold(Verb):
    """Let nothing happen until it is released."""

    transition = "hold"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:
        """Hold."""
        workflow.hold(reference=reference, note=words["note"], actor=actor, at=at)


@_spoken("release", "Release it from hold", NoBody)
class Release(Verb):
    """Let it go on where it was."""

    transition = "release"

    def speak(self, reference: str, words: Mapping[str, Any], actor: User, at: datetime) -> None:  # noqa: ARG002
        """Release."""
        workflow.release(reference=reference, actor=actor, at=at)


def _opened_by(actor: User, reference: str) -> list[str]:
    """List the evidence this person opened before deciding."""
    subject_id = visible_to(actor).filter(reference=reference).values("pk")[:1]
    seen = AttachmentView.objects.filter(viewer=actor, attachment__subject_kind=KIND, attachment__subject_id=subject_id)
    return sorted(str(pk) for pk in seen.order_by().values_list("attachment_id", flat=True).distinct())
