"""How often each code is used and what it leaks, over every team: what thresholds and effect tests look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Greatest

from analytics.models.remediation_rule import WHOLE
from policies.vocabulary import CodeKind
from refunds.models import RefundRequest

from .vocabulary import Colour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from analytics.models import RemediationRule

COLUMN_OF: Final = {CodeKind.REASON: "reason_id", CodeKind.EXCEPTION: "exception_code"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How many of all requests carried a code, and in each currency what it leaked of all that was refunded (minor)."""

    count: int = 0
    of: int = 0
    leaked: Mapping[str, int] = field(default_factory=dict)
    refunded: Mapping[str, int] = field(default_factory=dict)


def uses_of(kind: str, *, since: datetime, until: datetime) -> dict[str, Use]:
    """Count every code of a kind that was used from one moment up to another; four queries, however many codes."""
    column = COLUMN_OF[CodeKind(kind)]
    submitted, refunded = _submitted(since, until), _refunded(since, until)
    carried = submitted.exclude(**_none(column)).order_by().values_list(column).annotate(Count("submitted_at"))
    whole = submitted.count()
    money = dict(refunded.order_by().values_list("currency").annotate(Sum("approved_minor")))
    leaked: dict[str, dict[str, int]] = {}
    rows = (
        refunded.exclude(**_none(column))
        .annotate(leaked_minor=Greatest(F("approved_minor") - F("decision__allowed_minor"), 0))
        .filter(leaked_minor__gt=0)
        .order_by()
        .values_list(column, "currency")
        .annotate(Sum("leaked_minor"))
    )
    for code, currency, total in rows:
        leaked.setdefault(code, {})[currency] = total
    counts = dict(carried)
    return {
        code: Use(count=counts.get(code, 0), of=whole, leaked=leaked.get(code, {}), refunded=money)
        for code in sorted(counts.keys() | leaked.keys())
    }


def share_of(kind: str, code: str, *, since: datetime, until: datetime) -> tuple[int, int]:
    """Count the requests that carry one code and all requests, submitted from one moment up to another."""
    found = _submitted(since, until).aggregate(
        part=Count("submitted_at", filter=Q(**{COLUMN_OF[CodeKind(kind)]: code})), whole=Count("submitted_at")
    )
    return found["part"], found["whole"]


def looked_back(rule: RemediationRule, *, at: datetime) -> dict[str, Use]:
    """Count what a rule looks at."""
    return uses_of(rule.code_kind, since=at - timedelta(days=rule.days), until=at)


def colour_of(use: Use, rule: RemediationRule) -> Colour:
    """Say how a code stands against the thresholds of its kind."""
    if use.count < rule.least_count:
        return Colour.GREEN
    if _reaches(use, rule.red_share_basis_points, rule.red_leakage_basis_points):
        return Colour.RED
    amber = _reaches(use, rule.amber_share_basis_points, rule.amber_leakage_basis_points)
    return Colour.AMBER if amber else Colour.GREEN


def is_frequent(use: Use, rule: RemediationRule) -> bool:
    """Tell whether a code is used so often that somebody looks, whatever its colour."""
    return use.count >= rule.frequent_count


def _reaches(use: Use, share: int, leakage: int) -> bool:
    """Compare in whole numbers; nothing of nothing reaches nothing."""
    if use.of and use.count * WHOLE >= share * use.of:
        return True
    return any(
        minor * WHOLE >= leakage * use.refunded[currency]
        for currency, minor in use.leaked.items()
        if use.refunded.get(currency)
    )


def _submitted(since: datetime, until: datetime) -> QuerySet[RefundRequest]:
    return RefundRequest.objects.filter(submitted_at__gte=since, submitted_at__lt=until)


def _refunded(since: datetime, until: datetime) -> QuerySet[RefundRequest]:
    return RefundRequest.objects.filter(refunded_at__gte=since, refunded_at__lt=until)


def _none(column: str) -> dict[str, object]:
    return {column: ""} if column == "exception_code" else {column: None}
