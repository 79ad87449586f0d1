"""Close the requests whose refund stands on a statement, and open them again when it turns out that it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds import lifecycle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from config.kernel.people import Actor
    from refunds.models import Match, Operation, RefundRequest


def close(
    refund_request: RefundRequest, operation: Operation, matches: Sequence[Match], *, actor: Actor, at: datetime
) -> None:
    """Close a locked request whose refund stands on these lines."""
    first = matches[0]
    lines = [one.line.external_id for one in matches]
    lifecycle.advance(
        refund_request,
        "reconcile",
        actor=actor,
        at=at,
        sentence=f"found {operation.amount} on the processor's statement.",
        data={
            "operation": str(operation.pk),
            "statement": str(first.line.statement_id),
            "line": first.line.external_id,
            **({"lines": lines} if len(lines) > 1 else {}),
            "pass": first.found_by,
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
        },
    )


def reopen(refund_request: RefundRequest, operation: Operation, *, why: str, actor: Actor, at: datetime) -> None:
    """Open a locked request again whose refund does not stand on a statement after all."""
    lifecycle.advance(
        refund_request,
        "unreconcile",
        actor=actor,
        at=at,
        sentence=f"took {operation.amount} apart from the processor's statement.",
        data={
            "operation": str(operation.pk),
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
            "why_length": len(why),
        },
    )
