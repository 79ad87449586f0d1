"""The gates of a policy change: what must prove a version before it comes into force."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from config.kernel.subjects import Subject
from evidence.map import Facts, Missing, missing_for, refuse_missing
from evidence.vocabulary import Artifact, DecisionPoint

from .editions import KIND

if TYPE_CHECKING:
    from .models import PolicyVersion


def refuse_without_evidence(version: PolicyVersion) -> None:
    """Refuse to put a version in force while what the evidence map demands is missing; one query where it demands none.

    :raises Refused: `evidence_missing`, naming each artifact
    """
    refuse_missing(missing_before(version))


def missing_before(version: PolicyVersion) -> list[Missing]:
    """Name what is missing before a version comes into force."""
    point = DecisionPoint.EMERGENCY_CHANGE if version.is_emergency else DecisionPoint.POLICY_CHANGE
    facts = Facts(
        subject=Subject(KIND, version.pk),
        team_id=version.policy.team_id,
        held=frozenset() if version.shadow_since is None else frozenset({Artifact.SHADOW_RUN}),
        looked_up={Artifact.BACKTEST: partial(_was_tried, version)},
    )
    return missing_for(point, facts)


def _was_tried(version: PolicyVersion) -> bool:
    """Tell whether a backtest of exactly this document has ended."""
    return version.backtests.filter(result__isnull=False, document=version.document).exists()
