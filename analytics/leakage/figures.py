"""The numbers, read from the sums a viewer may see; money is never added up across currencies."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import F, Sum, Value
from django.db.models.functions import TruncMonth

from analytics.models import KINDS_OF_LEAKAGE, SUMMED, Origin, OutflowCell
from analytics.months import month_and_year
from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.people import Team, User, team_ids_of
from config.kernel.web import uuid_in
from config.kernel.wording import said, said_as
from policies.models import ExceptionCode, PolicyVersion, ReasonCode
from policies.vocabulary import LeakageClass, Outcome

from .definitions import FEWEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from .asking import Ask
    from .definitions import Kind

BANDS: Final[dict[str, str]] = {
    "automatic": said("Up to the automatic limit"),
    "approval": said("Up to the limit of approval"),
    "above": said("Above every limit"),
    "": said("No limit in this currency"),
}
DIMENSIONS: Final = {
    "code": said("Exception code"),
    "reason": said("Reason"),
    "approver": said("Approver"),
    "band": said("Threshold band"),
    "team": said("Team"),
    "product": said("Product"),
    "channel": said("Channel"),
    "outcome": said("The policy said"),
    "version": said("Policy version"),
    "category": said("Way out"),
    "origin": said("Who had asked"),
}
TITLES: Final = {
    "code": said("By exception code"),
    "reason": said("By reason"),
    "approver": said("By approver"),
    "band": said("By threshold band"),
    "team": said("By team"),
    "product": said("By product"),
    "channel": said("By channel"),
    "version": said("By policy version"),
}
LONGEST_ID: Final = 18
NAMES: Final = "analytics.view_people_insight"
FEW: Final = "few"
"""The value that stands for all people of whom there is too little to say."""


@dataclass(frozen=True, slots=True)
class Line:
    """The sums of one value of a dimension, or of one month, in one currency."""

    value: str
    label: str
    currency: str
    sums: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many requests, and refunds made elsewhere."""
        return self.sums["count"]

    @property
    def leaking_count(self) -> int:
        """How many of them leaked."""
        return self.sums["leaking_count"]

    @property
    def leakage_minor(self) -> int:
        """What leaked in all, in minor units."""
        return sum(self.sums[column] for column in KINDS_OF_LEAKAGE)

    def minor(self, kind: Kind) -> int:
        """One measure in minor units."""
        return self.leakage_minor if kind.column == "leakage_minor" else self.sums[kind.column]

    def money(self, kind: Kind) -> Money:
        """One measure as money."""
        return Money(self.minor(kind), self.currency)


def by_month(viewer: User, ask: Ask) -> list[Line]:
    """Add up each month and currency, oldest first."""
    rows = _sums(_cells(viewer, ask, "total").annotate(month=TruncMonth("on")), "month")
    months = [(date.fromisoformat(str(month)), currency, sums) for month, currency, sums in rows]
    return [Line(f"{month:%Y-%m}", month_and_year(month), currency, sums) for month, currency, sums in months]


def totals(viewer: User, ask: Ask) -> list[Line]:
    """Add up everything of each currency."""
    found = _sums(_cells(viewer, ask, "total").annotate(every=Value("")), "every")
    return [Line("", said("All"), currency, sums) for _, currency, sums in found]


def by_dimension(viewer: User, ask: Ask, dimension: str) -> list[Line]:
    """Add up each value of a dimension and currency, what leaked most first; people who are few stand together."""
    if dimension == "team":
        rows = _sums(_cells(viewer, ask, "total").annotate(slug=F("team__slug")), "slug")
    else:
        rows = _sums(_cells(viewer, ask, dimension), "value")
    labels = labels_of(dimension, {str(value) for value, _, _ in rows}, viewer)
    lines = [Line(str(value), labels[str(value)], currency, sums) for value, currency, sums in rows]
    if dimension == "approver":
        lines = _few_together(lines, is_naming=viewer.has_perm(NAMES))
    return sorted(
        lines, key=lambda line: (line.currency, -line.leakage_minor, -line.sums["refunded_minor"], line.value)
    )


def labels_of(dimension: str, values: Iterable[str], viewer: User) -> dict[str, str]:
    """Say values as people read them."""
    known = {FEW: said("People together"), **_known_labels(dimension, set(values) - {"", FEW}, viewer)}
    return {value: known.get(value, value or _NONE.get(dimension, said_as("value", "None"))) for value in values}


def preventable(viewer: User, ask: Ask) -> dict[str, Money]:
    """Add up what leaked on reasons whose class is preventable, by currency."""
    codes = ReasonCode.objects.filter(leakage_class=LeakageClass.PREVENTABLE).values_list("pk", flat=True)
    rows = _sums(_cells(viewer, ask, "reason").filter(value__in=list(codes)).annotate(every=Value("")), "every")
    return {currency: Money(Line("", "", currency, sums).leakage_minor, currency) for _, currency, sums in rows}


def number_in(value: str) -> int:
    """Read an id; 0 for what is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= LONGEST_ID else 0


def first_of(month: str) -> date:
    """Read a month as a line names it."""
    return date.fromisoformat(f"{month}-01")


def month_end(month: date) -> date:
    """Answer the last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def versions_published(viewer: User, ask: Ask) -> list[PolicyVersion]:
    """List the policy versions that came into force in these days, oldest first."""
    found = PolicyVersion.objects.select_related("policy").filter(
        policy__team_id__in=team_ids_of(viewer),
        published_at__gte=datetime.combine(ask.from_on, time.min, UTC),
        published_at__lt=datetime.combine(ask.to_on + timedelta(days=1), time.min, UTC),
    )
    return list((found.filter(policy__team__slug=ask.team) if ask.team else found).order_by("published_at", "pk"))


def published_month(version: PolicyVersion) -> str:
    """Name the month in which a version came into force."""
    return "" if version.published_at is None else f"{version.published_at.astimezone(UTC):%Y-%m}"


def _cells(viewer: User, ask: Ask, dimension: str) -> QuerySet[OutflowCell]:
    return OutflowCell.objects.filter(ask.narrowed(viewer), ask.cells_of(dimension), basis=ask.basis)


def _sums(cells: QuerySet[OutflowCell], name: str) -> list[tuple[date | str, str, dict[str, int]]]:
    # Aliases of their own: a sum may not be called as a column is.
    rows = (
        cells.order_by()
        .values(name, "currency")
        .annotate(**{f"sum_{column}": Sum(column) for column in SUMMED})
        .order_by(name, "currency")
    )
    return [(row[name], row["currency"], {column: int(row[f"sum_{column}"]) for column in SUMMED}) for row in rows]


def _few_together(lines: list[Line], *, is_naming: bool) -> list[Line]:
    """Put people with too few requests, or all whom the viewer may not name, into one line for each currency."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.value] = counts.get(line.value, 0) + line.count
    kept = [line for line in lines if not line.value or (is_naming and counts[line.value] >= FEWEST)]
    added: dict[str, dict[str, int]] = {}
    for line in lines:
        if line not in kept:
            before = added.setdefault(line.currency, dict.fromkeys(SUMMED, 0))
            added[line.currency] = {column: before[column] + line.sums[column] for column in SUMMED}
    return kept + [
        Line(
            FEW,
            said("People with fewer than {fewest} requests", fewest=FEWEST) if is_naming else said("People"),
            currency,
            sums,
        )
        for currency, sums in added.items()
    ]


_NONE: Final = {
    "reason": said("No reason given"),
    "approver": said("Nobody signed"),
    "code": said("No exception"),
    "product": said("No goods named"),
    "band": BANDS[""],
    "origin": Origin.NOTHING.label,
}


def _known_labels(dimension: str, values: set[str], viewer: User) -> dict[str, str]:
    match dimension:
        case "code":
            return dict(ExceptionCode.objects.filter(pk__in=values).values_list("code", "label"))
        case "reason":
            return dict(ReasonCode.objects.filter(pk__in=values).values_list("code", "label"))
        case "team":
            return dict(Team.objects.filter(pk__in=team_ids_of(viewer)).values_list("slug", "name"))
        case "approver":
            people = User.objects.filter(pk__in=[number for value in values if (number := number_in(value))])
            return {str(person.pk): str(person) for person in people if viewer.has_perm(NAMES)}
        case "version":
            wanted = [found for value in values if (found := uuid_in(value)) is not None]
            versions = PolicyVersion.objects.select_related("policy").filter(pk__in=wanted)
            return {str(version.pk): str(version) for version in versions}
    return {
        "band": BANDS,
        "outcome": dict(Outcome.choices),
        "category": dict(Category.choices),
        "origin": dict(Origin.choices),
    }.get(dimension, {})
