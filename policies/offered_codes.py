"""Which codes may be used anew, and why another may not: asked by every door, answered in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.wording import said

from .models import CODE_MODELS, ExceptionCode, ReasonCode
from .vocabulary import CodeKind, CodeState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from .models import AnyCode


def offered_reasons() -> QuerySet[ReasonCode]:
    """Select the reasons a new request may give, by what people call them."""
    return ReasonCode.objects.filter(state=CodeState.ACTIVE).order_by("label", "pk")


def used_reasons() -> QuerySet[ReasonCode]:
    """Select the reasons some request may carry: those offered, and those that were."""
    return ReasonCode.objects.exclude(state=CodeState.DRAFT).order_by("label", "pk")


def why_not_offered(kind: CodeKind, code: str) -> str:
    """Say why a code cannot be used anew, and what to use instead; empty when it can."""
    found = CODE_MODELS[kind].objects.filter(pk=code).first()
    if found is None:
        return _unknown(kind, code)
    if found.state == CodeState.ACTIVE:
        return ""
    if found.state == CodeState.DRAFT:
        return said("{code} is a draft; it is not in use yet.", code=code)
    if found.state == CodeState.RETIRED:
        return said("{code} was retired and is not used for anything new.", code=code)
    successor = _successor_of(found)
    if successor.state == CodeState.ACTIVE:
        return said("{code} was merged into {into}; use that.", code=code, into=successor.code)
    return said("{code} was merged into {into}, which was retired.", code=code, into=successor.code)


def _unknown(kind: CodeKind, code: str) -> str:
    if kind == CodeKind.REASON:
        return said("There is no reason “{code}”.", code=code)
    return said("There is no exception code “{code}”.", code=code)


def codes_covering(codes: Iterable[str]) -> list[str]:
    """Name the exception codes that can be granted where a policy names these: a merged one gives way to its heir."""
    known = {row.code: row for row in ExceptionCode.objects.exclude(state=CodeState.DRAFT)}
    heirs = set()
    for code in codes:
        row = known.get(code)
        while row is not None and row.merged_into_id is not None:
            row = known.get(row.merged_into_id)
        if row is not None and row.state == CodeState.ACTIVE:
            heirs.add(row.code)
    return sorted(heirs)


def _successor_of(merged: AnyCode) -> AnyCode:
    # Merged codes are final and point at what was active then, so the way always ends.
    found: AnyCode = merged
    while found.merged_into_id is not None:
        found = CODE_MODELS[found.kind].objects.get(pk=found.merged_into_id)
    return found
