"""Signals in which no chance is involved: a refund beside a dispute, a photo that was sent twice."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from uuid import UUID

from config.kernel.money import Money
from config.kernel.wording import said

from .kinds import DISPUTES, PHOTOS
from .signals import Signal, looked

if TYPE_CHECKING:
    from .rows import Observed
    from .signals import Looked


def refunded_after_dispute(observed: Observed) -> Looked:
    """List each refund that left while a dispute on its charge stood."""
    known = {one.id: one for one in observed.requests}
    found = []
    for one in observed.disputed:
        request = known[one.request_id]
        if request.refunded_at is None:
            continue
        days = (request.refunded_at - one.opened_at).days
        found.append(
            Signal(
                kind=DISPUTES,
                key=str(request.id),
                sentence=f"{Money(request.amount_minor, request.currency)} went back {days} days after the charge was "
                "disputed.",
                numbers=(
                    (said("Disputed on"), f"{one.opened_at:%-d %b %Y}"),
                    (said("Refunded on"), f"{request.refunded_at:%-d %b %Y}"),
                ),
                rows=(request.id,),
            )
        )
    return looked(found)


def reused_photos(observed: Observed) -> Looked:
    """List each photo with all requests it came with; pairs that share a request are one signal."""
    known = {one.id: one for one in observed.requests}
    groups = _joined([(one.earlier_id, one.later_id) for one in observed.photos])
    found = []
    for group in groups:
        surest = min(one.likelihood for one in observed.photos if one.later_id in group)
        customers = {known[pk].customer for pk in group if pk in known}
        whose = "one customer" if len(customers) == 1 else f"{len(customers)} customers"
        found.append(
            Signal(
                kind=PHOTOS,
                key=str(min(group)),
                sentence=f"{len(group)} requests of {whose} came with the same photo.",
                numbers=(
                    (said("Likeness"), said("the same file") if surest == "exact" else said("likely the same picture")),
                ),
                rows=tuple(sorted(group)),
            )
        )
    return looked(found)


def _joined(pairs: list[tuple[UUID, UUID]]) -> list[set[UUID]]:
    neighbours: dict[UUID, set[UUID]] = defaultdict(set)
    for one, other in pairs:
        neighbours[one].add(other)
        neighbours[other].add(one)
    groups, seen = [], set[UUID]()
    for start in sorted(neighbours):
        if start in seen:
            continue
        group, waiting = set[UUID](), [start]
        while waiting:
            one = waiting.pop()
            if one not in group:
                group.add(one)
                waiting += neighbours[one]
        seen |= group
        groups.append(group)
    return groups
