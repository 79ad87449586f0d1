"""The rows behind each number: which facts it was counted from, newest first, on a page and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import F, Q

from analytics.models import KINDS_OF_LEAKAGE, Basis, OutflowCell, OutflowFact
from config.kernel.money import Money
from config.kernel.web import uuid_in
from policies.models import GovernedAction, ReasonCode
from policies.models.action import ACTION
from policies.vocabulary import LeakageClass
from refunds.models import RefundRequest
from refunds.models.refund_request import KIND as REQUEST

from .definitions import FEWEST, KINDS, LEAKAGE
from .figures import FEW, NAMES, number_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .asking import Ask
    from .definitions import Kind

COLUMN_OF: Final = {
    "code": "code",
    "reason": "reason",
    "approver": "approver_id",
    "band": "band",
    "team": "team__slug",
    "product": "product",
    "channel": "channel",
    "outcome": "outcome",
    "version": "version_id",
    "category": "category",
    "origin": "origin",
}
AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which part of a number: a dimension with its value, a kind of leakage, and what only some requests are."""

    by: str = ""
    value: str = ""
    kind: str = ""
    only: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Narrowing:
        """Read an address; words that mean nothing narrow nothing."""
        by, kind, only = query.get("by", ""), query.get("kind", ""), query.get("only", "")
        return cls(
            by=by if by in COLUMN_OF else "",
            value=query.get("value", ""),
            kind=kind if kind in KINDS else "",
            only=only if only in ONLY else "",
        )

    @property
    def words(self) -> dict[str, str]:
        """Say it as a query."""
        said = {"kind": self.kind, "only": self.only}
        return {**({"by": self.by, "value": self.value} if self.by else {}), **{k: v for k, v in said.items() if v}}

    @property
    def measure(self) -> Kind:
        """The measure whose money each row shows."""
        return KINDS[self.kind or LEAKAGE.slug]


_LEAKS: Final = Q(*[(f"{column}__gt", 0) for column in KINDS_OF_LEAKAGE], _connector=Q.OR)
ONLY: Final = {
    "decided": Q(decided_on__isnull=False, is_main=True),
    "touch-free": Q(decided_on__isnull=False, is_touch_free=True),
    "reviewed": Q(decided_on__isnull=False, is_reviewed=True),
    "unchanged": Q(decided_on__isnull=False, is_unchanged=True),
    "by-amount": Q(decided_on__isnull=False, is_reviewed=True, is_by_amount=True),
    "unproved": Q(decided_on__isnull=False, is_evidence_asked=True, is_evidence_held=False),
    "evidence": Q(decided_on__isnull=False, is_evidence_asked=True),
    "signed": Q(decided_on__isnull=False, due_step_count__gt=0),
    "late": Q(decided_on__isnull=False, late_step_count__gt=0),
    "preventable": _LEAKS,
}
"""Rows of one sort; all but the last go by the day of the decision."""


@dataclass(frozen=True, slots=True)
class Row:
    """One outflow as people find it again."""

    fact: OutflowFact
    reference: str
    page: str
    money: Money
    refunded: Money


def rows_of(viewer: User, ask: Ask, narrowing: Narrowing) -> QuerySet[OutflowFact]:
    """Select the facts that a number was counted from, newest first."""
    day = day_of(ask, narrowing)
    found = OutflowFact.objects.filter(ask.narrowed(viewer), **{f"{day}__gte": ask.from_on, f"{day}__lte": ask.to_on})
    if day == "sale_on":
        found = found.filter(refunded_on__isnull=False)
    if narrowing.only:
        found = found.filter(ONLY[narrowing.only])
    if narrowing.only == "preventable":
        codes = ReasonCode.objects.filter(leakage_class=LeakageClass.PREVENTABLE).values("pk")
        found = found.filter(reason__in=codes)
    if narrowing.kind == LEAKAGE.slug:
        found = found.filter(_LEAKS)
    elif narrowing.kind:
        found = found.filter(**{f"{KINDS[narrowing.kind].column}__gt": 0})
    if narrowing.by:
        found = found.filter(_of_value(viewer, ask, narrowing))
    return found.order_by(F(day).desc(), "-pk")


def shown(facts: Iterable[OutflowFact], measure: Kind) -> list[Row]:
    """Put references and pages beside facts, in two queries."""
    facts = list(facts)
    requests = dict(
        RefundRequest.objects.filter(pk__in=_ids(facts, REQUEST)).values_list("pk", "reference"),
    )
    actions = dict(GovernedAction.objects.filter(pk__in=_ids(facts, ACTION)).values_list("pk", "reference"))
    return [
        Row(
            fact=fact,
            reference=(reference := {**requests, **actions}.get(fact.subject_id, "")),
            page=_page(fact.subject_kind, reference),
            money=Money(_minor(fact, measure), fact.currency),
            refunded=Money(fact.refunded_minor, fact.currency),
        )
        for fact in facts
    ]


def all_rows(facts: QuerySet[OutflowFact], measure: Kind) -> Iterator[Row]:
    """Read every row, some at a time."""
    some: list[OutflowFact] = []
    for fact in facts.iterator(chunk_size=AT_ONCE):
        some.append(fact)
        if len(some) == AT_ONCE:
            yield from shown(some, measure)
            some = []
    yield from shown(some, measure)


def after(ask: Ask, narrowing: Narrowing, on: date, pk: int) -> Q:
    """Go on after the row of this day and id."""
    day = day_of(ask, narrowing)
    return Q((f"{day}__lt", on)) | Q((day, on), pk__lt=pk)


def day_of(ask: Ask, narrowing: Narrowing) -> str:
    """Name the day that rows of this sort go by."""
    if narrowing.only and narrowing.only != "preventable":
        return "decided_on"
    return "sale_on" if ask.basis == Basis.SALE else "refunded_on"


def _of_value(viewer: User, ask: Ask, narrowing: Narrowing) -> Q:
    column, value = COLUMN_OF[narrowing.by], narrowing.value
    if narrowing.by == "approver" and value == FEW:
        return Q(approver__isnull=False) & ~Q(approver_id__in=_many(viewer, ask))
    if narrowing.by in {"approver", "version"}:
        if not value:
            return Q((f"{column}__isnull", True))
        if narrowing.by == "approver" and not viewer.has_perm(NAMES):
            return Q(pk__in=[])
        return Q((column, _id_in(narrowing.by, value)))
    return Q((column, value))


def _many(viewer: User, ask: Ask) -> list[int]:
    """List the approvers of whom there is enough to say, as the figures count them."""
    counts: dict[str, int] = {}
    if not viewer.has_perm(NAMES):
        return []
    cells = OutflowCell.objects.filter(ask.narrowed(viewer), ask.cells_of("approver"), basis=ask.basis)
    for value, count in cells.values_list("value", "count"):
        counts[value] = counts.get(value, 0) + count
    return [int(value) for value, count in counts.items() if value and count >= FEWEST]


def _id_in(by: str, value: str) -> Any:
    """Read an id of an address; one that is none finds nothing."""
    return number_in(value) if by == "approver" else uuid_in(value) or UUID(int=0)


def _minor(fact: OutflowFact, measure: Kind) -> int:
    return fact.leakage_minor if measure is LEAKAGE else int(getattr(fact, measure.column))


def _ids(facts: Iterable[OutflowFact], kind: str) -> set[UUID]:
    return {fact.subject_id for fact in facts if fact.subject_kind == kind}


def _page(kind: str, reference: str) -> str:
    if not reference:
        return ""
    return RefundRequest(reference=reference).get_absolute_url() if kind == REQUEST else _action_page(reference)


def _action_page(reference: str) -> str:
    return GovernedAction(reference=reference).get_absolute_url()
