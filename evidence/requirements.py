"""Write the catalogue of the evidence map; every change says why and stands in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from config.kernel.money import known_currency
from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said

from . import ledger
from .models import EvidenceRequirement
from .models.evidence_requirement import LONGEST_OWNER, LONGEST_WHY
from .points import ABOUT_POLICIES, POINTS
from .text import refuse_card_number
from .vocabulary import Artifact, DecisionPoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND = "evidence_requirement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What shall be demanded where; amounts in minor units of `currency`, empty words for no condition."""

    point: str
    artifact: str
    why: str
    owner: str
    team_id: int | None = None
    category: str = ""
    reason: str = ""
    exception_code: str = ""
    method: str = ""
    above_minor: int | None = None
    currency: str = ""
    is_active: bool = True


WORDS = tuple(Demand.__dataclass_fields__)


def write_requirement(
    *, demand: Demand, actor: User, at: datetime, requirement_id: UUID | None = None, because: str = ""
) -> EvidenceRequirement:
    """Demand something new, or change what `requirement_id` demands. Call it in the transaction that checked the codes.

    `because` says why it is changed; a new demand says that itself.

    :raises NotPermitted: without the right to add, or to change
    :raises Refused: naming every faulty field; for what is demanded already
    :raises OutOfDate: when there is no such demand
    """
    verb = "add" if requirement_id is None else "change"
    if not actor.has_perm(f"evidence.{verb}_evidencerequirement"):
        raise NotPermitted(
            "not_permitted", said("This needs the right “evidence.{verb}_evidencerequirement”.", verb=verb)
        )
    faults = list(faults_of(demand))
    if faults:
        raise Refused.of(faults)
    refuse_card_number(demand.why, field="why")
    refuse_card_number(because, field="because")
    words = {name: getattr(demand, name) for name in WORDS}
    if requirement_id is None:
        added = EvidenceRequirement(**words)
        _save(added, is_new=True)
        _record(added, "added", f"demanded evidence: {added}.", {"after": words, "why": demand.why}, actor, at)
        return added
    found = EvidenceRequirement.objects.select_for_update(of=("self",)).filter(pk=requirement_id).first()
    if found is None:
        raise OutOfDate("out_of_date", said("This demand is not there any more."))
    before = {name: value for name in WORDS if (value := getattr(found, name)) != words[name]}
    if not before:
        return found
    if not because.strip() or len(because) > LONGEST_WHY:
        raise Refused(
            "refused", said("Say in at most {most} characters why you change it.", most=LONGEST_WHY), "because"
        )
    for name in before:
        setattr(found, name, words[name])
    _save(found, is_new=False)
    told: dict[str, object] = {"before": before, "after": {name: words[name] for name in before}, "why": because}
    _record(found, "changed", _sentence_of_change(found, before), told, actor, at)
    return found


def subject_of(requirement_id: UUID) -> Subject:
    """Name a demand as the ledger knows it."""
    return Subject(KIND, requirement_id)


def faults_of(demand: Demand) -> Iterator[Reason]:
    """Find what can never be a demand, whatever codes there are."""
    if not demand.why.strip() or len(demand.why) > LONGEST_WHY:
        yield Reason("refused", said("Say in at most {most} characters why it is demanded.", most=LONGEST_WHY), "why")
    if not demand.owner.strip() or len(demand.owner) > LONGEST_OWNER:
        yield Reason("refused", said("Name the team that answers for this demand."), "owner")
    if demand.above_minor is not None and demand.above_minor < 0:
        yield Reason("refused", said("An amount is not negative."), "above")
    if (demand.above_minor is None) != (not demand.currency):
        yield Reason("refused", said("An amount and its currency belong together."), "currency")
    elif demand.currency and not known_currency(demand.currency):
        yield Reason("refused", said("{currency} is not an ISO 4217 currency.", currency=demand.currency), "currency")
    if demand.point not in DecisionPoint.values:
        yield Reason("refused", said("There is no decision point “{point}”.", point=demand.point), "point")
        return
    yield from _faults_of_place(demand, DecisionPoint(demand.point))


def _faults_of_place(demand: Demand, point: DecisionPoint) -> Iterator[Reason]:
    needable = POINTS[point].may_need
    if not needable:
        no = said("“{point}” has no gate yet, so nothing more can be demanded there.", point=point.label)
        if POINTS[point].asked_by:
            no = said(
                "“{point}” has a gate that is always the same, so nothing more can be demanded there.",
                point=point.label,
            )
        yield Reason("refused", no, "point")
    elif demand.artifact not in Artifact.values:
        yield Reason("refused", said("There is no artifact “{artifact}”.", artifact=demand.artifact), "artifact")
    elif demand.artifact not in needable:
        label = Artifact(demand.artifact).label
        usable = ", ".join(artifact.label.lower() for artifact in needable)
        yield Reason(
            "refused",
            said(
                "{artifact} cannot be there before “{point}”. What can: {usable}.",
                artifact=label,
                point=point.label,
                usable=usable,
            ),
            "artifact",
        )
    if point in ABOUT_POLICIES:
        conditions = ("category", "reason", "exception_code", "method", "currency")
        for name in (name for name in conditions if getattr(demand, name)):
            yield Reason("refused", said("A change of policy is about a team; leave this empty."), name)


def _save(requirement: EvidenceRequirement, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            requirement.save(force_insert=is_new, force_update=not is_new)
    except IntegrityError:
        raise Refused(
            "refused",
            said("{requirement}, under the same conditions, is in the catalogue already.", requirement=requirement),
        ) from None


def _sentence_of_change(requirement: EvidenceRequirement, before: dict[str, object]) -> str:
    if set(before) == {"is_active"}:
        verb = "demanded again" if requirement.is_active else "stopped demanding"
        return f"{verb}: {requirement}."
    named = ", ".join(name.removesuffix("_minor").removesuffix("_id").replace("_", " ") for name in before)
    return f"changed what is demanded as {requirement}: {named}."


def _record(
    requirement: EvidenceRequirement, word: str, sentence: str, data: dict[str, object], actor: User, at: datetime
) -> None:
    ledger.record(
        subject=subject_of(requirement.pk),
        kind=f"{KIND}.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data=data,
    )
