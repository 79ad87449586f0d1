"""The demands of the catalogue as people read them, with what became of the codes they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from approvals.vocabulary import Category
from config.kernel.wording import inside, joined, said
from evidence.models import EvidenceRequirement
from policies.models import ExceptionCode, ReasonCode
from policies.vocabulary import CodeState
from refunds.vocabulary import Method

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from config.kernel.money import Money


def catalogue() -> QuerySet[EvidenceRequirement]:
    """Select every demand with its team, and with the states of its codes as `reason_state` and `exception_state`."""
    return EvidenceRequirement.objects.select_related("team").annotate(
        reason_state=Subquery(ReasonCode.objects.filter(pk=OuterRef("reason")).values("state")),
        exception_state=Subquery(ExceptionCode.objects.filter(pk=OuterRef("exception_code")).values("state")),
    )


def when_words(requirement: EvidenceRequirement) -> str:
    """Say for what a demand holds."""
    return conditions_words(
        team=str(requirement.team or ""),
        category=requirement.category,
        reason=requirement.reason,
        exception_code=requirement.exception_code,
        method=requirement.method,
        above=[requirement.above] if requirement.above is not None else [],
    )


def conditions_words(
    *,
    team: str = "",
    category: str = "",
    reason: str = "",
    exception_code: str = "",
    method: str = "",
    above: Iterable[Money] = (),
) -> str:
    """Say conditions in a line; without any it is always."""
    amounts = joined([said("{amount}", amount=money) for money in above], said(" or "))
    words = [
        team,
        Category(category).label if category in Category.values else category,
        said("reason “{reason}”", reason=reason) if reason else "",
        said("exception {code}", code=exception_code) if exception_code else "",
        Method(method).label if method in Method.values else method,
        said("above {amounts}", amounts=amounts) if amounts else "",
    ]
    return joined((part for part in words if part), ", ") if any(words) else said("always")


def flags_of(requirement: EvidenceRequirement) -> list[str]:
    """Say which of its codes are not in use any more; the row must come from `catalogue`."""
    states = {
        requirement.reason: getattr(requirement, "reason_state", None),
        requirement.exception_code: getattr(requirement, "exception_state", None),
    }
    return [
        said("{code} is {state}", code=code, state=inside(CodeState(state).label) if state else said("unknown"))
        for code, state in states.items()
        if code and state != CodeState.ACTIVE
    ]
