"""How the standard codes are used: what each is good for, what it costs, and whether “other” says too much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Greatest

from config.kernel.money import Money
from policies.models import CODE_MODELS, IN_USE, WHOLE_BASIS_POINTS
from policies.vocabulary import CodeKind, CodeState
from refunds.permissions import visible_to
from refunds.selectors import RequestFilter, refund_requests

from .selectors import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from policies.models import AnyCode
    from refunds.models import RefundRequest

LATELY_DAYS = 30
LONG_DAYS = 90
FEWEST_EXCEPTION_CODES = 10
MOST_EXCEPTION_CODES = 30

COLUMN_OF = {CodeKind.REASON: "reason_id", CodeKind.EXCEPTION: "exception_code"}
"""Where a request carries its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """How often something was used in requests submitted in the last 30 and 90 days."""

    lately: int = 0
    long: int = 0

    def __add__(self, other: Uses) -> Uses:
        """Count both."""
        return Uses(lately=self.lately + other.lately, long=self.long + other.long)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code with its uses, and what it leaked in the last 30 days in each currency by itself."""

    code: AnyCode
    uses: Uses
    leakage: Sequence[Money] = ()

    @property
    def is_idle(self) -> bool:
        """Whether it is offered and nobody has used it for 90 days."""
        return self.code.state == CodeState.ACTIVE and not self.uses.long


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part that a capped code has of all uses in some days."""

    code: AnyCode
    days: int
    part: int
    whole: int

    @property
    def is_above(self) -> bool:
        """Whether the part is larger than the cap allows."""
        cap = self.code.most_share_basis_points
        return cap is not None and self.part * WHOLE_BASIS_POINTS > cap * self.whole

    @property
    def said(self) -> str:
        """The part as a percentage; a dash when nothing was used at all."""
        return percent(self.part, self.whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One kind of code as a viewer sees it: every code, and the shares of those that are capped."""

    kind: CodeKind
    rows: Sequence[CodeRow]
    shares: Sequence[Share]

    @property
    def currencies(self) -> list[str]:
        """The currencies in which any code leaked."""
        return sorted({money.currency for row in self.rows for money in row.leakage})

    @property
    def active_count(self) -> int:
        """How many codes are offered."""
        return sum(row.code.state == CodeState.ACTIVE for row in self.rows)

    @property
    def is_out_of_bounds(self) -> bool:
        """Whether there are too few exception codes to tell cases apart, or too many to choose from."""
        return (
            self.kind == CodeKind.EXCEPTION and not FEWEST_EXCEPTION_CODES <= self.active_count <= MOST_EXCEPTION_CODES
        )


def catalogue_of(viewer: User, kind: CodeKind, *, at: datetime) -> Catalogue:
    """Show every code of a kind with what this viewer's teams did with it; three queries, however many codes."""
    uses, leakage = _uses(viewer, kind, at), _leakage(viewer, kind, at)
    whole = sum(uses.values(), Uses())
    order = {state.value: place for place, state in enumerate((*IN_USE[::-1], CodeState.RETIRED, CodeState.MERGED))}
    codes: list[AnyCode] = list(CODE_MODELS[kind].objects.order_by("code"))
    codes.sort(key=lambda code: order[code.state])
    return Catalogue(
        kind=kind,
        rows=[
            CodeRow(code=code, uses=uses.get(code.code, Uses()), leakage=leakage.get(code.code, ())) for code in codes
        ],
        shares=_shares([code for code in codes if code.most_share_basis_points is not None], uses, whole),
    )


def code_row(viewer: User, code: AnyCode, *, at: datetime) -> CodeRow:
    """Show one code with what this viewer's teams did with it."""
    uses, leakage = _uses(viewer, code.kind, at, code.code), _leakage(viewer, code.kind, at, code.code)
    return CodeRow(code=code, uses=uses.get(code.code, Uses()), leakage=leakage.get(code.code, ()))


def requests_with(
    viewer: User, code: AnyCode, *, before_created_at: datetime | None, before_id: UUID | None
) -> QuerySet[RefundRequest]:
    """Select the submitted requests that carry a code, newest first, after the keyset."""
    is_reason = code.kind == CodeKind.REASON
    wanted = RequestFilter(
        reason=code.code if is_reason else "",
        exception_code="" if is_reason else code.code,
        before_created_at=before_created_at,
        before_id=before_id,
    )
    return refund_requests(viewer, wanted).filter(submitted_at__isnull=False)


def _uses(viewer: User, kind: CodeKind, at: datetime, only: str = "") -> dict[str, Uses]:
    column = COLUMN_OF[kind]
    rows = (
        _carrying(viewer, kind, only)
        .filter(submitted_at__gte=at - timedelta(days=LONG_DAYS), submitted_at__lte=at)
        .order_by()
        .values_list(column)
        .annotate(
            lately=Count("submitted_at", filter=Q(submitted_at__gte=at - timedelta(days=LATELY_DAYS))),
            long=Count("submitted_at"),
        )
    )
    return {code: Uses(lately=lately, long=long) for code, lately, long in rows}


def _leakage(viewer: User, kind: CodeKind, at: datetime, only: str = "") -> dict[str, list[Money]]:
    rows = (
        _carrying(viewer, kind, only)
        .filter(refunded_at__gte=at - timedelta(days=LATELY_DAYS), refunded_at__lte=at)
        .order_by()
        .annotate(leaked_minor=Greatest(F("approved_minor") - F("decision__allowed_minor"), 0))
        .filter(leaked_minor__gt=0)
        .values_list(COLUMN_OF[kind], "currency")
        .annotate(total=Sum("leaked_minor"))
        .order_by(COLUMN_OF[kind], "currency")
    )
    found: dict[str, list[Money]] = {}
    for code, currency, total in rows:
        found.setdefault(code, []).append(Money(total, currency))
    return found


def _carrying(viewer: User, kind: CodeKind, only: str) -> QuerySet[RefundRequest]:
    column = COLUMN_OF[kind]
    requests = visible_to(viewer)
    if only:
        return requests.filter(**{column: only})
    return requests.exclude(exception_code="") if kind == CodeKind.EXCEPTION else requests.exclude(reason=None)


def _shares(capped: Iterable[AnyCode], uses: dict[str, Uses], whole: Uses) -> list[Share]:
    return [
        Share(code=code, days=days, part=getattr(uses.get(code.code, Uses()), span), whole=getattr(whole, span))
        for code in capped
        for days, span in ((LATELY_DAYS, "lately"), (LONG_DAYS, "long"))
    ]
