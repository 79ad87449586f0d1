"""The life of a version as a strip: where it stands, and who brought it to each place when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.vocabulary import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from evidence.models import LedgerEntry
    from policies.models import PolicyVersion

REACHED_BY = {
    VersionState.DRAFT: "policy.drafted",
    VersionState.IN_REVIEW: "policy.in_review",
    VersionState.SHADOW: "policy.shadow_started",
    VersionState.SCHEDULED: "policy.scheduled",
    VersionState.PUBLISHED: "policy.published",
    VersionState.RETIRED: "policy.retired",
}
BACK_TO_DRAFT = {"policy.sent_back", "policy.recalled"}


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the life."""

    label: str
    is_current: bool
    who: str = ""
    when: datetime | None = None


def steps_of(version: PolicyVersion, timeline: Iterable[LedgerEntry]) -> list[Step]:
    """Tell every place in its order; a draft that came back has not been anywhere else yet."""
    reached: dict[str, LedgerEntry] = {}
    for entry in timeline:
        if entry.kind in BACK_TO_DRAFT:
            reached = {kind: at for kind, at in reached.items() if kind == "policy.drafted"}
        reached[entry.kind] = entry
    return [_step(version, state, reached.get(kind)) for state, kind in REACHED_BY.items()]


def _step(version: PolicyVersion, state: VersionState, entry: LedgerEntry | None) -> Step:
    is_current = version.state == state
    if entry is None:
        return Step(state.label, is_current)
    return Step(state.label, is_current, entry.actor_name, entry.at)
