"""The gates: what is missing at a decision point, given the facts of whatever is decided there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said

from .models import Attachment, EvidenceRequirement
from .points import HOW_TO
from .vocabulary import SHOWN_STATES, Artifact, DecisionPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from config.kernel.money import Money
    from config.kernel.subjects import Subject

CODE = "evidence_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a demand may depend on, and which records are there.

    `held` names the records the caller knows of; those in `looked_up` it can only find by asking, and is asked only
    when one is demanded. Files are looked up here.
    """

    subject: Subject
    team_id: int
    category: str = ""
    reason: str = ""
    exception_code: str = ""
    method: str = ""
    amount: Money | None = None
    held: frozenset[Artifact] = frozenset()
    looked_up: Mapping[Artifact, Callable[[], bool]] = field(default_factory=dict)


class Missing(NamedTuple):
    """One artifact that is demanded and not there: what, what to do, and who asks for it why."""

    artifact: Artifact
    why: str
    owner: str

    @property
    def to_do(self) -> str:
        """What somebody does about it."""
        return HOW_TO[self.artifact]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return said(
            "{artifact} is missing. {to_do} {owner} asks for it: {why}",
            artifact=self.artifact.label,
            to_do=self.to_do,
            owner=self.owner,
            why=self.why,
        )


class Demands:
    """The demands in force at some points, with the files that some subjects have. Read in one query."""

    def __init__(self, points: Iterable[DecisionPoint], subjects: Sequence[Subject]) -> None:
        """Read them."""
        kinds, ids = zip(*subjects, strict=True) if subjects else ((), ())
        held = Attachment.objects.filter(
            subject_kind__in=set(kinds), subject_id__in=ids, kind=OuterRef("artifact"), scan_state__in=SHOWN_STATES
        )
        self._rows = list(
            EvidenceRequirement.objects.filter(point__in=list(points), is_active=True)
            .annotate(held_by=ArraySubquery(held.values("subject_id")))
            .order_by("artifact", "pk")
        )

    def missing(self, point: DecisionPoint, facts: Facts) -> list[Missing]:
        """Name each artifact that is demanded here and not there, once."""
        found: dict[Artifact, Missing] = {}
        for row in self._rows:
            artifact = Artifact(row.artifact)
            if row.point == point and artifact not in found and covers(row, facts):
                held_by: list[UUID] = vars(row)["held_by"]
                if facts.subject.id not in held_by and not _is_recorded(artifact, facts):
                    found[artifact] = Missing(artifact, row.why, row.owner)
        return list(found.values())


def missing_for(point: DecisionPoint, facts: Facts) -> list[Missing]:
    """Name what is missing at a point; one query."""
    return Demands([point], [facts.subject]).missing(point, facts)


def refuse_while_missing(point: DecisionPoint, facts: Facts) -> None:
    """Refuse a decision while something it demands is missing.

    :raises Refused: `evidence_missing`, naming each artifact
    """
    refuse_missing(missing_for(point, facts))


def refuse_missing(missing: Sequence[Missing]) -> None:
    """Refuse for what was found missing, if anything was.

    :raises Refused: `evidence_missing`, naming each artifact
    """
    if missing:
        raise Refused.of(Reason(CODE, one.sentence, one.artifact.value) for one in missing)


def covers(requirement: EvidenceRequirement, facts: Facts) -> bool:
    """Tell whether the conditions of a demand hold for these facts; an amount in another currency is not above."""
    above = requirement.above
    return (
        requirement.team_id in (None, facts.team_id)
        and requirement.category in ("", facts.category)
        and requirement.reason in ("", facts.reason)
        and requirement.exception_code in ("", facts.exception_code)
        and requirement.method in ("", facts.method)
        and (
            above is None
            or (facts.amount is not None and facts.amount.currency == above.currency and facts.amount > above)
        )
    )


def _is_recorded(artifact: Artifact, facts: Facts) -> bool:
    look = facts.looked_up.get(artifact)
    return artifact in facts.held or (look is not None and look())
