"""Ask a model about a case: claim and pay from the budget, call outside any transaction, keep what may be kept.

A model gets no tool and no address; what it answers is text in rows of ours. Whatever goes wrong is one word on the
call, and everything else goes on as if nobody had been asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from config.kernel.people import Machine
from evidence import ledger
from policies.offered_codes import used_reasons
from refunds.models import Proposal, ProposalCall, RefundRequest
from refunds.outgoing.addresses import ForbiddenAddress, Reach
from refunds.outgoing.exchanging import NoAnswer, exchange
from refunds.preparation.preparing import WAITS, recorded

from .budget import settle_share, take_share
from .reading import NoProposal, proposals_in
from .vocabulary import AskOutcome, ProposalKind
from .wording import question_about, tokens_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

MOST_BYTES = 64 * 1024
OK = 200

MODEL = Machine("language model")
"""Proposes words. It speaks no verb."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A question that is ours to ask."""

    call: ProposalCall
    body: bytes
    codes: frozenset[str]
    tokens: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it."""

    outcome: AskOutcome
    proposals: tuple[tuple[ProposalKind, str, int], ...] = ()
    tokens: int = 0


def ask_for_proposals(*, request_id: UUID, at: datetime) -> None:
    """Ask once about the facts as they were last written down; a second call about the same does nothing."""
    claimed = _claim(request_id, at)
    if claimed is None:
        return
    _keep(claimed, _ask(claimed), at)


@transaction.atomic(durable=True)
def _claim(request_id: UUID, at: datetime) -> Claimed | None:
    waiting = RefundRequest.objects.select_for_update(of=("self",), no_key=True).filter(pk=request_id, state__in=WAITS)
    refund_request = waiting.select_related("customer").first()
    prepared = None if refund_request is None else recorded(refund_request)
    if not settings.MODEL_URL or refund_request is None or prepared is None:
        return None
    codes = [str(code) for code in used_reasons().values_list("pk", flat=True)]
    body = question_about(refund_request, prepared, codes)
    call, is_new = ProposalCall.objects.get_or_create(
        refund_request=refund_request,
        inputs_sha256=prepared.inputs_sha256,
        defaults={"model_name": settings.MODEL_NAME, "asked_at": at},
    )
    if not is_new:
        return None
    claimed = Claimed(call, body, frozenset(codes), tokens_of(body))
    if take_share(at.date(), tokens=claimed.tokens):
        return claimed
    _end(call, Heard(AskOutcome.NO_BUDGET), at)
    return None


def _ask(claimed: Claimed) -> Heard:
    headers = {"Content-Type": "application/json"}
    if settings.MODEL_KEY:
        headers["Authorization"] = f"Bearer {settings.MODEL_KEY}"
    try:
        status, raw, _ = exchange(
            "POST",
            f"{settings.MODEL_URL}/chat/completions",
            headers=headers,
            body=claimed.body,
            most_bytes=MOST_BYTES,
            seconds=settings.MODEL_SECONDS,
            reach=Reach(tuple(settings.MODEL_ALLOWED), allows_http=True),
        )
    except ForbiddenAddress:
        return Heard(AskOutcome.FORBIDDEN)
    except NoAnswer:
        return Heard(AskOutcome.NO_ANSWER)
    if status != OK:
        return Heard(AskOutcome.REFUSED)
    if len(raw) > MOST_BYTES:
        return Heard(AskOutcome.UNREADABLE)
    try:
        found, tokens = proposals_in(raw, codes=claimed.codes)
    except NoProposal:
        return Heard(AskOutcome.UNREADABLE)
    return Heard(AskOutcome.PROPOSED if found else AskOutcome.NOTHING, tuple(found), tokens)


@transaction.atomic(durable=True)
def _keep(claimed: Claimed, heard: Heard, at: datetime) -> None:
    # What it says of itself counts only upwards of what was sent: a free answer would be a budget without an end.
    used = max(heard.tokens, claimed.tokens) if heard.outcome is not AskOutcome.FORBIDDEN else 0
    settle_share(at.date(), taken=claimed.tokens, used=used)
    _end(claimed.call, heard, at, tokens=used)


def _end(call: ProposalCall, heard: Heard, at: datetime, *, tokens: int = 0) -> None:
    """Write down what came of a call, and what of the record is a model's; words stay out of the ledger."""
    call.outcome, call.ended_at, call.token_count = heard.outcome, at, tokens
    call.save(update_fields=["outcome", "ended_at", "token_count"])
    Proposal.objects.bulk_create(
        Proposal(call=call, kind=kind, text=text, confidence=confidence) for kind, text, confidence in heard.proposals
    )
    subject = call.refund_request.subject
    names = ", ".join(kind.label.lower() for kind, _, _ in heard.proposals)
    ledger.record(
        subject=subject,
        kind="refund_request.proposals_asked",
        actor=MODEL,
        at=at,
        sentence=f"proposed: {names}." if names else f"made no proposal ({heard.outcome.label.lower()}).",
        data={
            "model": call.model_name,
            "outcome": heard.outcome.value,
            "inputs_sha256": call.inputs_sha256,
            "proposals": [
                {"field": kind.value, "confidence": confidence, "text_hmac": ledger.salted_digest(subject, text)}
                for kind, text, confidence in heard.proposals
            ],
        },
    )
