"""What finance reads: the processor's figures beside ours, and what is open on either side."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, Exists, Max, OuterRef, Sum
from django.db.models.functions import Cast

from config.kernel.jobs import Job
from config.kernel.money import Money
from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.gateways.store_credit import StoreCreditGateway
from refunds.models import Match, Operation, StatementLine
from refunds.permissions import operations_visible_to
from refunds.vocabulary import LineResult, OperationState

from .explaining import ABOUT_REFUNDS, operation_id_of
from .importing import KIND
from .permissions import all_lines_visible_to, lines_visible_to, statements_visible_to
from .readers import BANK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import RefundRequest, Statement

PAGE = 50
COUNT_UP_TO = 1_000


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, both included; None on either side is open. An account or a currency narrows further."""

    from_on: date | None = None
    to_on: date | None = None
    account: str = ""
    currency: str = ""

    def within(self, column: str) -> dict[str, Any]:
        """Say it as a filter on a column of moments."""
        bounds: dict[str, Any] = {}
        if self.from_on is not None:
            bounds[f"{column}__gte"] = datetime.combine(self.from_on, time.min, tzinfo=UTC)
        if self.to_on is not None:
            bounds[f"{column}__lt"] = datetime.combine(self.to_on + timedelta(days=1), time.min, tzinfo=UTC)
        return bounds

    def of_lines(self) -> dict[str, Any]:
        """Say it as a filter on statement lines."""
        told = {"account": self.account, "currency": self.currency}
        return self.within("booked_at") | {column: value for column, value in told.items() if value}

    def of_operations(self) -> dict[str, Any]:
        """Say it as a filter on operations that succeeded."""
        gateway = ManualBankTransfer.name if self.account == BANK else self.account
        told = {"gateway": gateway, "currency": self.currency}
        return self.within("succeeded_at") | {column: value for column, value in told.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """What the processor says went back in one currency, what we say, and how far apart they are."""

    processor: Money
    ours: Money
    line_count: int
    operation_count: int
    matched_count: int

    @property
    def difference(self) -> Money:
        """The processor's figure less ours."""
        return self.processor - self.ours


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line and, where its operation id is one of ours and the viewer may see it, our side of it."""

    line: StatementLine
    operation: Operation | None

    @property
    def kind(self) -> str:
        """The category in words."""
        return self.line.category.replace("_", " ").capitalize()

    @property
    def tone(self) -> str:
        """The tone of the result."""
        return {LineResult.MATCHED.value: "ok", LineResult.UNMATCHED.value: "bad"}.get(self.line.result, "")

    @property
    def refund_request(self) -> RefundRequest | None:
        """The request behind it."""
        return self.operation.refund_request if self.operation else None

    @property
    def ours(self) -> Money | None:
        """Our figure with the sign of the processor's."""
        return -self.operation.amount if self.operation else None


def totals(viewer: User, period: Period) -> list[CurrencyTotal]:
    """Lay both sides of a period beside each other, one row for each currency; failed refunds cancel out on both.

    Processor: refunds less refunds that came back, by the processor's date. Ours: operations that succeeded, by ours.
    """
    lines = all_lines_visible_to(viewer).filter(category__in=ABOUT_REFUNDS, **period.of_lines())
    theirs = {row[0]: row[1:] for row in lines.values_list("currency").annotate(Sum("gross_minor"), Count("pk"))}
    operations = _on_statements(viewer).filter(**period.of_operations())
    counted = operations.values_list("currency").annotate(
        Sum("amount_minor"),
        Count("pk"),
        matched=Count("pk", filter=Exists(Match.objects.filter(operation=OuterRef("pk")))),
    )
    ours = {row[0]: row[1:] for row in counted}
    return [
        CurrencyTotal(
            processor=Money(-theirs.get(currency, (0, 0))[0], currency),
            ours=Money(ours.get(currency, (0, 0, 0))[0], currency),
            line_count=theirs.get(currency, (0, 0))[1],
            operation_count=ours.get(currency, (0, 0, 0))[1],
            matched_count=ours.get(currency, (0, 0, 0))[2],
        )
        for currency in sorted(theirs.keys() | ours.keys())
    ]


def statements(viewer: User, *, before: UUID | None = None) -> QuerySet[Statement]:
    """Select statements, newest first."""
    found = statements_visible_to(viewer).select_related("uploaded_by", "undone_by").order_by("-id")
    return found.filter(id__lt=before) if before else found


def results_of(statement_ids: Iterable[UUID]) -> Mapping[UUID, Counter[str]]:
    """Count the lines of several statements by result, in one query."""
    counted: dict[UUID, Counter[str]] = defaultdict(Counter)
    rows = StatementLine.objects.filter(statement_id__in=list(statement_ids)).values_list("statement_id", "result")
    for statement_id, result, count in rows.annotate(Count("pk")):
        counted[statement_id][result] = count
    return counted


def lines_of(viewer: User, statement: Statement, *, result: str = "", after: int = 0) -> QuerySet[StatementLine]:
    """Select the lines of a statement in the order of the file."""
    lines = lines_visible_to(viewer).filter(statement=statement, number__gt=after).order_by("number", "pk")
    return lines.filter(result=result) if result in LineResult.values else lines


def operations_without_line(viewer: User, period: Period, *, after: UUID | None = None) -> QuerySet[Operation]:
    """Select operations that succeeded and stand on no statement, oldest first."""
    told = StatementLine.objects.filter(operation_ref=Cast(OuterRef("pk"), CharField())).exclude(operation_ref="")
    operations = (
        _on_statements(viewer)
        .filter(match__isnull=True, **period.of_operations())
        .exclude(Exists(told))
        .select_related("refund_request")
        .order_by("id")
    )
    return operations.filter(id__gt=after) if after else operations


def covered_until() -> Mapping[tuple[bool, str], datetime]:
    """Tell how far the statements of banks and of processors reach in each currency.

    What succeeded before and is on none is missing.
    """
    reached = StatementLine.objects.values_list("account", "currency").annotate(until=Max("booked_at"))
    latest: dict[tuple[bool, str], datetime] = {}
    for account, currency, until in reached:
        key = (account == BANK, currency)
        latest[key] = max(until, latest.get(key, until))
    return latest


def is_late(operation: Operation, reach: Mapping[tuple[bool, str], datetime]) -> bool:
    """Tell whether later lines of its currency are on such a statement while this operation is on none."""
    until = reach.get((operation.gateway == ManualBankTransfer.name, operation.currency))
    return until is not None and operation.succeeded_at is not None and operation.succeeded_at < until


def _on_statements(viewer: User) -> QuerySet[Operation]:
    """Select what succeeded and somebody else's record must show; store credit is in our own books alone."""
    succeeded = operations_visible_to(viewer).filter(state=OperationState.SUCCEEDED)
    return succeeded.exclude(gateway=StoreCreditGateway.name)


def line_rows(viewer: User, lines: Iterable[StatementLine]) -> list[LineRow]:
    """Put our side beside each line, in one query."""
    lines = list(lines)
    ids = {found for line in lines if (found := operation_id_of(line)) is not None}
    known = operations_visible_to(viewer).select_related("refund_request").in_bulk(ids) if ids else {}
    return [LineRow(line, known.get(found) if (found := operation_id_of(line)) else None) for line in lines]


def count_up_to(found: QuerySet[StatementLine] | QuerySet[Operation]) -> int:
    """Count at most `COUNT_UP_TO`, so that a long list costs no more than a short one."""
    return len(found.order_by().values_list("pk", flat=True)[:COUNT_UP_TO])


def latest_job_of(statement: Statement) -> Job | None:
    """Find the newest import of a statement."""
    return Job.objects.filter(kind=KIND, subject_id=statement.pk).order_by("-id").first()
