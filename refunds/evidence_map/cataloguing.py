"""Change the catalogue of the evidence map: the codes and words of a demand are checked here, then it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.vocabulary import Category
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said
from evidence.models import EvidenceRequirement
from evidence.requirements import Demand, faults_of, write_requirement
from policies.offered_codes import why_not_offered
from policies.vocabulary import CodeKind
from refunds.vocabulary import Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

CODES = {"reason": CodeKind.REASON, "exception_code": CodeKind.EXCEPTION}


@transaction.atomic
def set_requirement(
    *, demand: Demand, actor: User, at: datetime, requirement_id: UUID | None = None, because: str = ""
) -> EvidenceRequirement:
    """Demand something new, or change what `requirement_id` demands; `because` says why it is changed.

    :raises NotPermitted: without the right
    :raises Refused: for codes that are not offered, and for whatever else is faulty
    """
    known = EvidenceRequirement.objects.filter(pk=requirement_id).first() if requirement_id is not None else None
    check_demand(demand, known)
    return write_requirement(demand=demand, actor=actor, at=at, requirement_id=requirement_id, because=because)


@transaction.atomic
def add_requirements(*, demands: Iterable[Demand], actor: User, at: datetime) -> int:
    """Demand several things at once; what is in the catalogue already stays as it is. Answers how many were added.

    :raises NotPermitted: without the right
    :raises Refused: for the first that is faulty; then none is added
    """
    stands = set(EvidenceRequirement.objects.values_list(*PLACE))
    added = 0
    for demand in demands:
        if tuple(getattr(demand, name) for name in PLACE) not in stands:
            set_requirement(demand=demand, actor=actor, at=at)
            added += 1
    return added


def check_demand(demand: Demand, known: EvidenceRequirement | None) -> None:
    """Ask of everything that can be asked before it is written; `known` is the demand that is being changed.

    :raises Refused: naming every faulty field
    """
    faults = [*faults_of(demand), *_faults_of_words(demand, known)]
    if faults:
        raise Refused.of(faults)


PLACE = (
    "point",
    "artifact",
    "team_id",
    "category",
    "reason",
    "exception_code",
    "method",
    "above_minor",
    "currency",
)
"""What makes a demand the same demand."""


def _faults_of_words(demand: Demand, known: EvidenceRequirement | None) -> Iterator[Reason]:
    """Find codes nobody may use anew; one that was retired meanwhile may stay where it stands."""
    for name, kind in CODES.items():
        code = getattr(demand, name)
        if code and (known is None or getattr(known, name) != code):
            why_not = why_not_offered(kind, code)
            if why_not:
                yield Reason(f"unknown_{kind.value}", why_not, name)
    if demand.category and demand.category not in Category.values:
        yield Reason("refused", said("There is no category “{category}”.", category=demand.category), "category")
    if demand.method and demand.method not in Method.values:
        yield Reason("refused", said("There is no payout method “{method}”.", method=demand.method), "method")
