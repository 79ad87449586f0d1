"""What the catalogue says of one code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from policies.engine.words import EvidenceKind
    from policies.vocabulary import LeakageClass


class CodeEntry(NamedTuple):
    """A standard code: who answers for it, what to do, by when, what proves it.

    `hint` stands beside the choice; a departure from policy shows when to use it instead.
    `most_share_basis_points` caps its share of all uses.
    """

    code: str
    label: str
    owner: str
    playbook: str
    sla_hours: int
    leakage_class: LeakageClass
    evidence_kinds: tuple[EvidenceKind, ...]
    when_to_use: str
    when_not_to_use: str
    hint: str = ""
    most_share_basis_points: int | None = None
