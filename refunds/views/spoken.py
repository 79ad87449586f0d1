"""What a page says once a verb was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from config.kernel.wording import inside, said
from refunds.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from refunds.models import RefundRequest


def done(sentence: str) -> Callable[[RefundRequest], str]:
    """Say a marked sentence of the request it names."""
    return lambda changed: said(sentence, reference=changed.reference)


def approved(changed: RefundRequest) -> str:
    """Say whether it needs another signature, and how long it can be recalled."""
    if changed.state == State.AWAITING_APPROVAL:
        return said("{reference} was signed and waits for the next signature.", reference=changed.reference)
    if settings.RECALL_SECONDS:
        minutes, seconds = divmod(settings.RECALL_SECONDS, 60)
        return said(
            "{reference} was approved: {amount}. It can be recalled for {time}.",
            reference=changed.reference,
            amount=changed.amount,
            time=f"{minutes}:{seconds:02}",
        )
    return said("{reference} was approved: {amount}.", reference=changed.reference, amount=changed.amount)


def submitted(changed: RefundRequest) -> str:
    """Say where it went, or what is missing."""
    if changed.evidence_missing and changed.state in {State.INTAKE, State.NEEDS_INFO}:
        missing = ", ".join(changed.evidence_missing).replace("_", " ")
        return said(
            "{reference} was not submitted, evidence is missing: {missing}.",
            reference=changed.reference,
            missing=missing,
        )
    return said(
        "{reference} was submitted: {state}.", reference=changed.reference, state=inside(State(changed.state).label)
    )


def released(changed: RefundRequest) -> str:
    """Say where it goes on."""
    return said(
        "{reference} was released: {state}.", reference=changed.reference, state=inside(State(changed.state).label)
    )
