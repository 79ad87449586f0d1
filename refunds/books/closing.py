"""What must be done before a month is closed, and what is still open in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import CharField, Count, Exists, OuterRef, Q
from django.db.models.functions import Cast

from config.kernel.wording import said
from refunds.breaks.vocabulary import STANDING, BreakState
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.gateways.store_credit import StoreCreditGateway
from refunds.models import Break, GLExportEntry, JournalEntry, Operation, Statement, StatementLine
from refunds.reconciliation.continuity import gaps_between
from refunds.reconciliation.readers import BANK
from refunds.vocabulary import LineResult, OperationState

from .sources import SOURCES
from .vocabulary import LINE_ROLES

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from refunds.models import Period

AGES: Final = ((7, said("up to a week")), (30, said("up to a month")), (None, said("older")))
DAYS_NAMED: Final = 8
GAPS_NAMED: Final = 3

_UNBOOKED = """
    SELECT count(*) FROM ({source}) AS source
    WHERE source.account = %(account)s AND source.happened_at >= %(since)s AND source.happened_at < %(until)s
        AND NOT EXISTS (SELECT FROM refunds_journalentry AS known WHERE known.event_key = source.event_key)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to look at: how many are open, in a sentence. What must be done nobody can acknowledge away."""

    key: str
    title: str
    count: int
    sentence: str
    must_be_done: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it stands in the way of a signature."""
        return self.count > 0


@dataclass(frozen=True, slots=True)
class Age:
    """How many breaks are how old."""

    label: str
    count: int


def checklist(period: Period) -> list[Item]:
    """Go through everything a month needs; the same number of queries however much is in it."""
    has_statements = period.account != StoreCreditGateway.name
    uncovered = _uncovered_days(period) if has_statements else []
    unmatched = unmatched_lines(period).count()
    missing = operations_without_line(period).count() if has_statements else 0
    unbooked = _unbooked(period)
    unexported = _unexported(period)
    gaps = gaps_between(period.account, from_at=period.from_at, until_at=period.until_at)
    return [
        Item(
            key="statements",
            title=said("Statements cover every day"),
            count=len(uncovered),
            sentence=said("No statement covers {days}.", days=_days(uncovered))
            if uncovered
            else said("Every day is on a statement."),
        ),
        Item(
            key="balances",
            title=said("Each statement goes on where the one before it ended"),
            count=len(gaps),
            sentence=" ".join(map(str, gaps[:GAPS_NAMED]))
            if gaps
            else said("No balance is apart from the one before it."),
        ),
        Item(
            key="unmatched",
            title=said("Every refund line agrees with a refund of ours"),
            count=unmatched,
            sentence=said("{number} lines agree with nothing of ours.", number=f"{unmatched:,}")
            if unmatched
            else said("No line is open."),
        ),
        Item(
            key="missing",
            title=said("Every refund is on a statement"),
            count=missing,
            sentence=said("{number} refunds are on no statement.", number=f"{missing:,}")
            if missing
            else said("No refund is missing."),
        ),
        Item(
            key="journal",
            title=said("Everything is booked"),
            count=unbooked,
            sentence=said("{number} facts have no journal entry yet.", number=f"{unbooked:,}")
            if unbooked
            else said("Every fact has its entry."),
            must_be_done=True,
        ),
        Item(
            key="exports",
            title=said("The general ledger has the journal"),
            count=unexported,
            sentence=said("{number} entries are in no export.", number=f"{unexported:,}")
            if unexported
            else said("Every entry is in an export."),
        ),
    ]


def unmatched_lines(period: Period) -> QuerySet[StatementLine]:
    """Select the month's lines that agree with nothing and that nobody explained, oldest first."""
    explained = Break.objects.filter(line=OuterRef("pk"), state=BreakState.RESOLVED)
    lines = StatementLine.objects.filter(account=period.account, result=LineResult.UNMATCHED).exclude(Exists(explained))
    return lines.filter(booked_at__gte=period.from_at, booked_at__lt=period.until_at).order_by("booked_at", "pk")


def operations_without_line(period: Period) -> QuerySet[Operation]:
    """Select refunds that succeeded in the month, that no statement shows and nobody explained, oldest first."""
    explained = Break.objects.filter(operation=OuterRef("pk"), line__isnull=True, state=BreakState.RESOLVED)
    gateway = ManualBankTransfer.name if period.account == BANK else period.account
    told = StatementLine.objects.filter(operation_ref=Cast(OuterRef("pk"), CharField())).exclude(operation_ref="")
    operations = Operation.objects.filter(
        gateway=gateway, state=OperationState.SUCCEEDED, match__isnull=True,
        succeeded_at__gte=period.from_at, succeeded_at__lt=period.until_at,
    )  # fmt: skip
    return operations.exclude(Exists(told)).exclude(Exists(explained)).order_by("succeeded_at", "pk")


def standing_breaks(period: Period) -> QuerySet[Break]:
    """Select the breaks about the month that nobody resolved yet."""
    found = Break.objects.filter(account=period.account, state__in=STANDING)
    return found.filter(happened_at__gte=period.from_at, happened_at__lt=period.until_at)


def ages(period: Period, *, at: datetime) -> list[Age]:
    """Count the standing breaks of a month by how old what they are about is."""
    questions: dict[str, Count] = {}
    later: datetime | None = None
    for number, (days, _) in enumerate(AGES):
        earlier = at - timedelta(days=days) if days is not None else None
        within = Q(happened_at__lt=later) if later is not None else Q()
        within &= Q(happened_at__gte=earlier) if earlier is not None else Q()
        questions[f"age_{number}"] = Count("pk", filter=within)
        later = earlier
    numbers = standing_breaks(period).order_by().aggregate(**questions)
    return [Age(label, numbers[f"age_{number}"]) for number, (_, label) in enumerate(AGES)]


def _uncovered_days(period: Period) -> list[date]:
    """Find days between which and the first and last line of no statement they lie."""
    zone = ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    found = Statement.objects.filter(
        account=period.account, is_imported=True, from_at__lt=period.until_at, to_at__gte=period.from_at
    )
    covered: set[date] = set()
    for start, end in found.values_list("from_at", "to_at"):
        if start is None or end is None:
            continue
        day = max(start.astimezone(zone).date(), period.first_on)
        while day <= min(end.astimezone(zone).date(), period.last_on):
            covered.add(day)
            day += timedelta(days=1)
    every = (period.first_on + timedelta(days=n) for n in range((period.last_on - period.first_on).days + 1))
    return [day for day in every if day not in covered]


def _unbooked(period: Period) -> int:
    words: dict[str, Any] = {
        "account": period.account,
        "since": period.from_at,
        "until": period.until_at,
        "categories": list(LINE_ROLES),
    }
    total = 0
    with connection.cursor() as cursor:
        for source in SOURCES:
            cursor.execute(_UNBOOKED.format(source=source), words)
            total += int(cursor.fetchone()[0])
    return total


def _unexported(period: Period) -> int:
    entries = JournalEntry.objects.filter(account=period.account, booked_on__range=(period.first_on, period.last_on))
    return entries.exclude(Exists(GLExportEntry.objects.filter(entry=OuterRef("pk")))).count()


def _days(days: list[date]) -> str:
    named = ", ".join(f"{day:%-d %B}" for day in days[:DAYS_NAMED])
    return (
        said("{days} and {count} more days", days=named, count=len(days) - DAYS_NAMED)
        if len(days) > DAYS_NAMED
        else named
    )
