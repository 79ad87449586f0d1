"""The line to each gateway: stopped when nobody answers there, slowed when it asks for it, tried again by one call.

A circuit breaker in the database, so that all workers share it: one that learns that the processor is down spares the
others the wait, and one call alone finds out that it is back. Money loses nothing by it: what is not sent waits in its
column, and what was sent is looked up later. Only what says something about everybody stops the line; a failure that
the processor stored and repeats is about one refund, and the processor is well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import F, Q

from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.wording import said
from evidence import ledger
from refunds.gateways.base import KeyRefused, Retry, Unknown
from refunds.machines import WORKER
from refunds.models import GatewayLine
from refunds.vocabulary import LineStop

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import Actor, User
    from refunds.gateways.base import Outcome

logger = structlog.get_logger(__name__)

FAILURES_IN_A_ROW = 5
"""Fewer may be bad luck of one connection."""

SHORTEST_STOP = timedelta(seconds=30)
LONGEST_STOP = timedelta(minutes=10)

ONE_TRY = timedelta(seconds=60)
"""How long the one call that tries the line may take before another is let through: the lease of an operation."""


def stopped_lines(*, at: datetime) -> list[str]:
    """Name the gateways that nothing may be sent to at this moment."""
    stopped = GatewayLine.objects.exclude(stop="").filter(Q(try_after__isnull=True) | Q(try_after__gt=at))
    return list(stopped.values_list("gateway", flat=True))


def lines_to_show() -> QuerySet[GatewayLine]:
    """Select the stopped lines that somebody should know of: not those that only go slower for a few seconds."""
    return GatewayLine.objects.exclude(stop__in=("", LineStop.ASKED_TO_WAIT)).order_by("gateway")


def take_turn(gateway: str, *, at: datetime) -> bool:
    """Tell whether a call may be made now. On a stopped line that is due for a try, the first who asks gets it."""
    line = GatewayLine.objects.filter(gateway=gateway).exclude(stop="").first()
    if line is None:
        return True
    return bool(GatewayLine.objects.filter(pk=line.pk, try_after__lte=at).update(try_after=at + ONE_TRY))


def note_outcome(gateway: str, outcome: Outcome, *, at: datetime) -> None:
    """Learn from an answer whether the gateway can be talked to."""
    if isinstance(outcome, KeyRefused):
        _stop(gateway, LineStop.KEY_REFUSED, try_after=None, at=at)
    elif isinstance(outcome, Retry) and outcome.is_for_everybody:
        _stop(gateway, LineStop.ASKED_TO_WAIT, try_after=at + timedelta(seconds=outcome.after_seconds), at=at)
    elif isinstance(outcome, Unknown) and not outcome.is_replayed:
        note_failure(gateway, at=at)
    else:
        note_answer(gateway, at=at)


@transaction.atomic(durable=True)
def note_failure(gateway: str, *, at: datetime) -> None:
    """Count one more call without a usable answer; so many in a row stop the line, longer each time."""
    GatewayLine.objects.get_or_create(gateway=gateway)
    GatewayLine.objects.filter(gateway=gateway).update(failures=F("failures") + 1)
    line = GatewayLine.objects.select_for_update().get(gateway=gateway)
    too_many = line.failures - FAILURES_IN_A_ROW
    if too_many >= 0 and line.stop != LineStop.KEY_REFUSED:
        # Beyond a day of doubling the power would be astronomically large.
        pause = min(SHORTEST_STOP * 2 ** min(too_many, 10), LONGEST_STOP)
        _stop(gateway, LineStop.NO_ANSWER, try_after=at + pause, at=at)


def note_answer(gateway: str, *, at: datetime) -> None:
    """Note that the gateway answers: the line is open, whatever stopped it."""
    was_in_doubt = GatewayLine.objects.filter(gateway=gateway).filter(Q(failures__gt=0) | ~Q(stop=""))
    if not was_in_doubt.exists():
        return
    with transaction.atomic(durable=True):
        line = GatewayLine.objects.select_for_update().get(gateway=gateway)
        stop, since = line.stop, line.stopped_at
        line.failures, line.stop, line.stopped_at, line.try_after = 0, "", None, None
        line.save(update_fields=["failures", "stop", "stopped_at", "try_after"])
        if since is not None and stop != LineStop.ASKED_TO_WAIT:
            logger.warning("gateway.line_open", gateway=gateway, stopped_for_seconds=(at - since).total_seconds())
            _tell(line, "gateway_line.opened", "hears the gateway again; what waited is being sent.", WORKER, at)


@transaction.atomic(durable=True)
def try_again(*, gateway: str, actor: User, at: datetime) -> GatewayLine:
    """Let one call through a stopped line now, as somebody does who mended the key or knows that the processor is back.

    :raises NotPermitted: without the right to reopen a line
    :raises OutOfDate: when the line is open already
    """
    if not actor.has_perm("refunds.reopen_gatewayline"):
        raise NotPermitted("not_permitted", said("Trying a stopped line needs the right “refunds.reopen_gatewayline”."))
    line = GatewayLine.objects.select_for_update().exclude(stop="").filter(gateway=gateway).first()
    if line is None:
        raise OutOfDate("out_of_date", said("The line is open already; what waited is being sent."))
    line.try_after = at
    line.save(update_fields=["try_after"])
    _tell(line, "gateway_line.tried", "had the gateway tried again.", actor, at)
    return line


def _stop(gateway: str, stop: LineStop, *, try_after: datetime | None, at: datetime) -> None:
    with transaction.atomic():
        line, _ = GatewayLine.objects.select_for_update().get_or_create(gateway=gateway)
        is_news = line.stop != stop
        line.stop, line.try_after = stop, try_after
        line.stopped_at = line.stopped_at or at
        line.save(update_fields=["stop", "try_after", "stopped_at"])
        if is_news and stop != LineStop.ASKED_TO_WAIT:
            logger.error("gateway.line_stopped", gateway=gateway, why=stop.value)
            _tell(line, "gateway_line.stopped", f"stopped the line: {stop.label.lower()}.", WORKER, at)


def _tell(line: GatewayLine, kind: str, sentence: str, actor: Actor, at: datetime) -> None:
    ledger.record(
        subject=line.subject,
        kind=kind,
        actor=actor,
        at=at,
        sentence=sentence,
        data={"gateway": line.gateway, "failures": line.failures},
    )
