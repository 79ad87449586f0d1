"""The person who sees to what waits for one: finance, by the very commands behind the processing board."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db.models import Count

from config.demo.people import person
from config.kernel.refusals import OutOfDate, Refused
from refunds import workflow
from refunds.models import GatewayLine, Operation, RefundRequest
from refunds.processing.line import try_again
from refunds.processing.recording import ABSENT, LOOKED_UP
from refunds.processing.resolving import confirm_nothing_moved, take_up_again
from refunds.vocabulary import LineStop, OperationState, State

if TYPE_CHECKING:
    from datetime import datetime

FINANCE = "lena"
MOST_OPERATIONS = 3
"""A refund that failed so often is left as failed: finance would write to the customer."""


class Finance:
    """Lena at the processing board."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self.deeds: Counter[str] = Counter()
        self._left_alone: set[str] = set()

    def act(self, *, at: datetime) -> int:
        """See to everything that waits; answers how much that was."""
        return self._resolve(at) + self._retry(at) + self._reopen(at)

    def _resolve(self, at: datetime) -> int:
        waiting = list(Operation.objects.filter(state=OperationState.NEEDS_PERSON).select_related("refund_request"))
        for operation in waiting:
            last = operation.attempts.order_by("-number").first()
            is_absent = last is not None and (last.outcome, last.detail) == (LOOKED_UP, ABSENT)
            resolve = confirm_nothing_moved if is_absent else take_up_again
            try:
                resolve(reference=operation.refund_request.reference, actor=person(FINANCE), at=at)
            except OutOfDate:
                continue
            self.deeds["confirmed that nothing moved" if is_absent else "let the worker look again"] += 1
        return len(waiting)

    def _reopen(self, at: datetime) -> int:
        """Have the processor tried again that refused our key: it is mended by now."""
        stopped = GatewayLine.objects.filter(stop=LineStop.KEY_REFUSED, try_after__isnull=True)
        for line in stopped:
            try_again(gateway=line.gateway, actor=person(FINANCE), at=at)
            self.deeds["had a stopped line tried again"] += 1
        return len(stopped)

    def _retry(self, at: datetime) -> int:
        tried = RefundRequest.objects.filter(state=State.FAILED).annotate(tries=Count("operations"))
        failed = set(tried.filter(tries__lt=MOST_OPERATIONS).values_list("reference", flat=True)) - self._left_alone
        for reference in failed:
            try:
                workflow.retry(reference=reference, actor=person(FINANCE), at=at)
            except (OutOfDate, Refused) as no:
                self._left_alone.add(reference)
                self.deeds[f"was refused a retry: {no}"] += 1
                continue
            self.deeds["sent a failed refund again"] += 1
        return len(failed)
