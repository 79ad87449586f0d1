"""Statement lines as the screen lists them: theirs, ours, and the result of laying them beside each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef, Q

from config.kernel.money import Money, minor_digits
from config.kernel.wording import said
from refunds.books.vocabulary import LINE_ROLES, AccountRole, PeriodState
from refunds.breaks.permissions import breaks_visible_to
from refunds.breaks.vocabulary import BreakKind, BreakState
from refunds.models import Break, Match, Period, StatementLine
from refunds.permissions import operations_visible_to
from refunds.vocabulary import LineResult

from .permissions import lines_visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import Operation

    from .selectors import Period as Wanted

OPEN, MATCHED, FEE, OTHER = "open", "matched", "fee", "other"
RESULTS: Final[dict[str, str]] = {
    OPEN: said("Open"),
    MATCHED: said("Matched"),
    "amount": said("Amount differs"),
    "ledger": said("Missing in Redress"),
    "external": said("Refund made elsewhere"),
    "double": said("Shown twice"),
    "failed": said("Failed later"),
    "timing": said("Timing"),
    FEE: said("Fees"),
    OTHER: said("Not refunds"),
}
KINDS: Final[dict[str, tuple[BreakKind, ...]]] = {
    "amount": (BreakKind.AMOUNT_DIFFERS, BreakKind.FEE, BreakKind.CURRENCY_DIFFERS),
    "ledger": (BreakKind.MISSING_AT_US,),
    "external": (BreakKind.UNGOVERNED,),
    "double": (BreakKind.DOUBLE,),
    "failed": (BreakKind.LATE_FAILURE,),
    "timing": (BreakKind.TIMING,),
}
"""Which breaks each result of an open line stands for."""

FEES: Final = [category for category, role in LINE_ROLES.items() if role == AccountRole.FEES]


@dataclass(frozen=True, slots=True)
class TwoSides:
    """A line, the parts of refunds it is matched with, and else its break and the refund that it names."""

    line: StatementLine
    matches: tuple[Match, ...]
    found_break: Break | None
    named: Operation | None

    @property
    def operations(self) -> list[Operation]:
        """Our side: what it is matched with, or the refund it names."""
        if self.matches:
            return [match.operation for match in self.matches]
        return [self.named] if self.named is not None else []

    @property
    def ours(self) -> Money | None:
        """Our figure with the sign of the processor's; matched parts of one currency are added up."""
        if self.matches:
            first = self.matches[0].operation.currency
            return Money(-sum(match.amount_minor for match in self.matches), first)
        return -self.named.amount if self.named is not None else None

    @property
    def kind(self) -> str:
        """The category in words."""
        return self.line.category.replace("_", " ").capitalize()

    @property
    def label(self) -> str:
        """The result in words."""
        if self.line.result == LineResult.MATCHED:
            return said("Matched, failed later") if self.line.result_note else said("Matched")
        if self.line.result == LineResult.OTHER:
            return said("Fee") if self.line.category in FEES else said("Not a refund")
        if self.found_break is None:
            return said("Not looked at yet") if not self.line.result_note else said("Open")
        return said("Resolved") if self.found_break.is_resolved else self.found_break.get_kind_display()

    @property
    def tone(self) -> str:
        """The tone of the result."""
        if self.line.result == LineResult.MATCHED:
            return "bad" if self.line.result_note else "ok"
        if self.line.result == LineResult.OTHER:
            return ""
        if self.found_break is None:
            return ""
        return "info" if self.found_break.is_resolved or self.found_break.kind == BreakKind.TIMING else "bad"

    @property
    def customer_got(self) -> Money | None:
        """What the customer got, where the line was settled in another currency."""
        line = self.line
        if line.customer_minor is None or line.customer_currency == line.currency:
            return None
        return Money(abs(line.customer_minor), line.customer_currency)

    @property
    def rate(self) -> str:
        """How much of the account's currency one unit of the customer's was: as the file says, or from both amounts."""
        got = self.customer_got
        if got is None or not got.minor:
            return ""
        if self.line.exchange_rate:
            return self.line.exchange_rate
        theirs = abs(self.line.gross_minor) * 10 ** minor_digits(got.currency)
        millionths = theirs * 10**6 // (got.minor * 10 ** minor_digits(self.line.currency))
        return f"{millionths // 10**6}.{millionths % 10**6:06}"


def lines_with(viewer: User, wanted: Wanted, result: str, *, before: int | None = None) -> QuerySet[StatementLine]:
    """Select the lines of a period with a result, newest first; an unknown result is those that are open."""
    lines = lines_visible_to(viewer).filter(**wanted.of_lines()).filter(_has(result))
    lines = lines.select_related("statement").defer("statement__content").order_by("-pk")
    return lines.filter(pk__lt=before) if before else lines


def two_sides(viewer: User, lines: Iterable[StatementLine]) -> list[TwoSides]:
    """Put our side beside each line; a fixed number of queries however many lines there are."""
    lines = list(lines)
    ours = operations_visible_to(viewer)
    matches: dict[int, list[Match]] = defaultdict(list)
    of_lines = Match.objects.filter(line__in=lines, operation__in=ours).select_related("operation__refund_request")
    for match in of_lines.order_by("pk"):
        matches[match.line_id].append(match)
    # A break that names a refund is of its team, so that whoever sees the one may see the other.
    breaks = breaks_visible_to(viewer).filter(line__in=lines).select_related("operation__refund_request")
    found = {one.line_id: one for one in breaks.order_by("pk")}
    return [
        TwoSides(
            line,
            tuple(matches[line.pk]),
            found.get(line.pk),
            found[line.pk].operation if line.pk in found else None,
        )
        for line in lines
    ]


def month_of(line: StatementLine) -> Period | None:
    """Find the month of a line, where somebody signed it."""
    months = Period.objects.filter(account=line.account, from_at__lte=line.booked_at, until_at__gt=line.booked_at)
    return months.exclude(state=PeriodState.OPEN).defer("report").first()


def _has(result: str) -> Q:
    if result == MATCHED:
        return Q(result=LineResult.MATCHED)
    if result == FEE:
        return Q(result=LineResult.OTHER, category__in=FEES)
    if result == OTHER:
        return Q(result=LineResult.OTHER) & ~Q(category__in=FEES)
    breaks = Break.objects.filter(line=OuterRef("pk"))
    if result in KINDS:
        return Q(result=LineResult.UNMATCHED) & Q(Exists(breaks.filter(kind__in=KINDS[result])))
    return Q(result=LineResult.UNMATCHED) & ~Q(Exists(breaks.filter(state=BreakState.RESOLVED)))
