"""The evidence map as a page shows it: what each decision point creates, what it demands, and where that is written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.urls import reverse

from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.wording import joined, said
from evidence.points import POINTS
from evidence.vocabulary import Artifact, DecisionPoint
from policies import judging
from policies.models import ExceptionCode, ReasonCode
from policies.permissions import versions_visible_to
from policies.vocabulary import CodeState, Mode, VersionState

from .completeness import by_point
from .words import catalogue, conditions_words, flags_of, when_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.kernel.people import User
    from evidence.models import EvidenceRequirement
    from evidence.points import Point

    from .completeness import Counted, Slice

GATES, WATCHED, ONLY_ASKED = said("Gate"), said("Watched in shadow"), said("Only asked")
TONES: dict[str, str] = {GATES: "ok", WATCHED: "info", ONLY_ASKED: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One demand: what, for what, where it is written, and whether it keeps anything shut."""

    point: DecisionPoint
    artifacts: str
    when: str
    origin: str
    strength: str
    reason: str = ""
    exception_code: str = ""
    page: str = ""
    why: str = ""
    owner: str = ""
    flags: tuple[str, ...] = ()

    @property
    def tone(self) -> str:
        """The shape and colour beside its strength."""
        return TONES[self.strength]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One decision point with everything about it."""

    point: DecisionPoint
    told: Point
    asked: tuple[Asked, ...]
    counted: Counted | None

    @property
    def creates(self) -> str:
        """Name what it leaves behind."""
        return _listed(self.told.creates)


def evidence_map(viewer: User, wanted: Slice) -> list[Row]:
    """Draw the map for a viewer's teams; a reason or an exception code in `wanted` leaves out what is not about it."""
    rows = list(catalogue().filter(is_active=True))
    asked = [
        one
        for one in chain(_of_catalogue(viewer, rows), _of_policies(viewer), _of_codes(rows))
        if (not wanted.reason or one.reason in ("", wanted.reason))
        and (not wanted.exception_code or one.exception_code in ("", wanted.exception_code))
    ]
    counted = by_point(wanted)
    return [
        Row(
            point=point,
            told=told,
            asked=tuple(one for one in asked if one.point == point),
            counted=counted.get(point),
        )
        for point, told in POINTS.items()
    ]


def _of_catalogue(viewer: User, rows: list[EvidenceRequirement]) -> Iterator[Asked]:
    for row in rows:
        if row.team_id is None or row.team_id in team_ids_of(viewer):
            yield Asked(
                point=DecisionPoint(row.point),
                artifacts=Artifact(row.artifact).label,
                when=when_words(row),
                origin=said("Catalogue"),
                page=reverse("admin:evidence_evidencerequirement_change", args=[row.pk]) if viewer.is_staff else "",
                strength=GATES,
                reason=row.reason,
                exception_code=row.exception_code,
                why=row.why,
                owner=row.owner,
                flags=tuple(flags_of(row)),
            )


def _of_policies(viewer: User) -> Iterator[Asked]:
    """Read what the documents in force demand when a request is submitted."""
    versions = versions_visible_to(viewer).filter(state=VersionState.PUBLISHED).select_related("policy__team")
    for version in versions.order_by("policy__team__name", "pk"):
        is_enforced = version.policy.mode_for(Category.REFUND) is Mode.ENFORCE
        for reason, demand in sorted(judging.document_of(version).evidence.items()):
            amounts = [Money(minor, currency) for currency, minor in sorted(demand.above_minor.items())]
            yield Asked(
                point=DecisionPoint.REQUEST,
                artifacts=_listed(Artifact(kind) for kind in sorted(demand.kinds)),
                when=conditions_words(team=str(version.policy.team), reason=reason, above=amounts),
                origin=str(version),
                page=reverse("admin:policies_policyversion_change", args=[version.pk]) if viewer.is_staff else "",
                strength=GATES if is_enforced else WATCHED,
                reason=reason,
            )


def _of_codes(rows: list[EvidenceRequirement]) -> Iterator[Asked]:
    """Read what codes in use name; nothing keeps a request waiting for it unless the catalogue demands it too."""
    for code in ReasonCode.objects.filter(state=CodeState.ACTIVE).exclude(evidence_kinds=[]).order_by("pk"):
        yield Asked(
            point=DecisionPoint.REQUEST,
            artifacts=_listed(map(Artifact, code.evidence_kinds)),
            when=conditions_words(reason=code.pk),
            origin=said("Reason {code}", code=code.pk),
            strength=ONLY_ASKED,
            reason=code.pk,
            owner=code.owner,
        )
    for exception in ExceptionCode.objects.filter(state=CodeState.ACTIVE).exclude(evidence_kinds=[]).order_by("pk"):
        demanded = {
            row.artifact for row in rows if row.point == DecisionPoint.EXCEPTION and row.exception_code == exception.pk
        }
        left = [Artifact(kind) for kind in exception.evidence_kinds if kind not in demanded]
        if left:
            yield Asked(
                point=DecisionPoint.EXCEPTION,
                artifacts=_listed(left),
                when=conditions_words(exception_code=exception.pk),
                origin=said("Exception code {code}", code=exception.pk),
                strength=ONLY_ASKED,
                exception_code=exception.pk,
                owner=exception.owner,
            )


def _listed(artifacts: Iterable[Artifact]) -> str:
    return joined((artifact.label for artifact in artifacts), ", ")
