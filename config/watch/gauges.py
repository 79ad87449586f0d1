"""What the portal measures of itself: each figure with its unit, and from where on somebody should look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.core.cache import cache
from django.db.models import Count, Min, Sum

from analytics.models import PatternReading, RollupMark
from approvals.models import ApprovalStep
from approvals.vocabulary import RouteState, StepState
from config.kernel.browser_reports import BrowserReport
from config.kernel.jobs import Job, JobState
from config.kernel.outbox import WORKER_SEEN, due_rows, parked_rows
from config.kernel.sign_in_log import FAILURES, Happening, SignInEvent
from config.kernel.wording import said
from evidence.models import CustomerMessage, LedgerEntry
from evidence.selectors import uncovered_since
from evidence.vocabulary import MessageState
from refunds.breaks.vocabulary import STANDING
from refunds.models import Break, Delivery, Operation
from refunds.vocabulary import DeliveryState, OperationState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
ON_ITS_WAY: Final = (OperationState.READY, OperationState.SENDING, OperationState.UNKNOWN, OperationState.PENDING)
OURS: Final = (OperationState.READY, OperationState.SENDING, OperationState.UNKNOWN)
"""Those that wait for us; one that is pending waits for the processor, for days where it is a bank's."""

SENT_WITHIN: Final = timedelta(minutes=2)
"""After the end of its lease another worker has taken an operation up, or none is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """One figure: a name for machines, words for people, its unit, and the limit above which somebody should look.

    `count` takes the moment and answers the figure; None says that it has none yet.
    """

    name: str
    words: str
    unit: str
    limit: float | None
    count: Callable[[datetime], float | None]

    @property
    def metric(self) -> str:
        """The name for Prometheus."""
        return f"redress_{self.name}"


def _age(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max((at - since).total_seconds(), 0.0)


def _worker(at: datetime) -> float | None:
    seen = cache.get(WORKER_SEEN)
    return None if seen is None else _age(datetime.fromisoformat(seen), at)


def _outbox(at: datetime) -> float:
    return _age(due_rows(at).aggregate(since=Min("created_at"))["since"], at)


def _outbox_rows(at: datetime) -> float:
    return due_rows(at).count()


def _parked(_at: datetime) -> float:
    return parked_rows().count()


def _steps(at: datetime) -> float:
    return ApprovalStep.objects.filter(state=StepState.OPEN, route__state=RouteState.OPEN, due_at__lt=at).count()


def _oldest_step(at: datetime) -> float:
    waiting = ApprovalStep.objects.filter(state=StepState.OPEN, route__state=RouteState.OPEN)
    return _age(waiting.aggregate(since=Min("opened_at"))["since"], at)


def _stuck(at: datetime) -> float:
    return Operation.objects.filter(state=OperationState.SENDING, lease_until__lt=at - SENT_WITHIN).count()


def _oldest_operation(at: datetime) -> float:
    ours = Operation.objects.filter(state__in=OURS, awaits_release=False)
    return _age(ours.aggregate(since=Min("created_at"))["since"], at)


def _operations_of_people(_at: datetime) -> float:
    return Operation.objects.filter(state=OperationState.NEEDS_PERSON).count()


def _deliveries(at: datetime) -> float:
    waiting = Delivery.objects.filter(state=DeliveryState.RECEIVED)
    return _age(waiting.aggregate(since=Min("received_at"))["since"], at)


def _uncovered(at: datetime) -> float:
    return _age(uncovered_since(), at)


def _breaks(_at: datetime) -> float:
    return Break.objects.filter(state__in=STANDING).count()


def _oldest_break(at: datetime) -> float:
    return _age(Break.objects.filter(state__in=STANDING).aggregate(since=Min("opened_at"))["since"], at)


def _letters(_at: datetime) -> float:
    return CustomerMessage.objects.filter(state=MessageState.FAILED).count()


def _uncounted(_at: datetime) -> float:
    mark = RollupMark.objects.first()
    newest = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return max(newest - max(mark.settled_id, mark.seen_id), 0) if mark is not None else newest


def _patterns(at: datetime) -> float | None:
    read = PatternReading.objects.filter(is_standing=True, team=None).values_list("read_at", flat=True).first()
    return None if read is None else _age(read, at)


def _stopped(at: datetime) -> float:
    return BrowserReport.objects.filter(last_at__gt=at - timedelta(days=1)).count()


def _failed_jobs(at: datetime) -> float:
    return Job.objects.filter(state=JobState.FAILED, ended_at__gt=at - timedelta(days=1)).count()


def _shut(at: datetime) -> float:
    found = SignInEvent.objects.filter(happening=Happening.SHUT, last_at__gt=at - timedelta(hours=1))
    return found.values("user", "called", "means").distinct().count()


def _wrong_tries(at: datetime) -> float:
    found = SignInEvent.objects.filter(happening__in=FAILURES, last_at__gt=at - timedelta(hours=1))
    return found.aggregate(total=Sum("count"))["total"] or 0


SECONDS, COUNT = "seconds", "count"

GAUGES: Final = (
    Gauge(name="worker_seen_seconds", words=said("Since a worker was seen"), unit=SECONDS, limit=MINUTE, count=_worker),
    Gauge(
        name="outbox_oldest_seconds",
        words=said("Oldest news to be passed on"),
        unit=SECONDS,
        limit=2 * MINUTE,
        count=_outbox,
    ),
    Gauge(name="outbox_rows", words=said("News to be passed on"), unit=COUNT, limit=None, count=_outbox_rows),
    Gauge(name="outbox_parked", words=said("News that failed too often"), unit=COUNT, limit=0, count=_parked),
    Gauge(name="operations_stuck", words=said("Refunds whose sender is gone"), unit=COUNT, limit=0, count=_stuck),
    Gauge(
        name="operation_oldest_seconds",
        words=said("Oldest refund on its way"),
        unit=SECONDS,
        limit=26 * HOUR,
        count=_oldest_operation,
    ),
    Gauge(
        name="operations_need_a_person",
        words=said("Refunds that need a person"),
        unit=COUNT,
        limit=0,
        count=_operations_of_people,
    ),
    Gauge(
        name="webhook_oldest_seconds",
        words=said("Oldest webhook not applied"),
        unit=SECONDS,
        limit=5 * MINUTE,
        count=_deliveries,
    ),
    Gauge(
        name="queue_oldest_seconds", words=said("Oldest open signature"), unit=SECONDS, limit=None, count=_oldest_step
    ),
    Gauge(name="queue_overdue", words=said("Signatures past their due time"), unit=COUNT, limit=0, count=_steps),
    Gauge(
        name="ledger_uncovered_seconds",
        words=said("Oldest ledger entry without a checkpoint"),
        unit=SECONDS,
        limit=10 * MINUTE,
        count=_uncovered,
    ),
    Gauge(name="breaks_open", words=said("Open breaks"), unit=COUNT, limit=None, count=_breaks),
    Gauge(
        name="break_oldest_seconds", words=said("Oldest open break"), unit=SECONDS, limit=30 * DAY, count=_oldest_break
    ),
    Gauge(name="letters_failed", words=said("Letters that could not be sent"), unit=COUNT, limit=0, count=_letters),
    Gauge(
        name="ledger_uncounted",
        words=said("Ledger entries not in the figures yet"),
        unit=COUNT,
        limit=1000,
        count=_uncounted,
    ),
    Gauge(
        name="patterns_read_seconds",
        words=said("Since patterns were read"),
        unit=SECONDS,
        limit=26 * HOUR,
        count=_patterns,
    ),
    Gauge(
        name="browsers_stopped",
        words=said("Kinds of things browsers stopped within a day"),
        unit=COUNT,
        limit=0,
        count=_stopped,
    ),
    Gauge(
        name="jobs_failed", words=said("Long work that failed within a day"), unit=COUNT, limit=0, count=_failed_jobs
    ),
    Gauge(
        name="doors_shut", words=said("Names shut after wrong tries within an hour"), unit=COUNT, limit=5, count=_shut
    ),
    Gauge(
        name="tries_failed",
        words=said("Tries to sign in that failed within an hour"),
        unit=COUNT,
        limit=200,
        count=_wrong_tries,
    ),
)
"""Every figure; where one has a limit, `config/deploy/alerts.yml` has the alarm."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure as it is now."""

    gauge: Gauge
    value: float | None

    @property
    def is_above(self) -> bool:
        """Whether somebody should look: above the limit, or unknown where there is one."""
        limit = self.gauge.limit
        return limit is not None and (self.value is None or self.value > limit)

    @property
    def words(self) -> str:
        """The figure with its unit."""
        return _said(self.value, self.gauge.unit)

    @property
    def limit(self) -> str:
        """The limit with its unit."""
        return "" if self.gauge.limit is None else _said(self.gauge.limit, self.gauge.unit)


def read_all(*, at: datetime) -> list[Reading]:
    """Read every figure, in as many queries."""
    return [Reading(gauge, gauge.count(at)) for gauge in GAUGES]


def operations_by_state() -> Mapping[str, int]:
    """Count the refunds that are not over, by state."""
    found = Operation.objects.filter(state__in=[*ON_ITS_WAY, OperationState.NEEDS_PERSON]).order_by()
    return dict(found.values_list("state").annotate(count=Count("pk")).values_list("state", "count"))


def _said(value: float | None, unit: str) -> str:
    if value is None:
        return said("not yet")
    if unit == COUNT:
        return f"{value:,.0f}"
    if value >= DAY:
        return said("{number} d", number=_short(value / DAY))
    if value >= HOUR:
        return said("{number} h", number=_short(value / HOUR))
    if value >= MINUTE:
        return said("{number} min", number=_short(value / MINUTE))
    return said("{number} s", number=f"{value:.0f}")


def _short(number: float) -> Decimal:
    return Decimal(f"{number:.1f}".removesuffix(".0"))
