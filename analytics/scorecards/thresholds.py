"""The thresholds of the measures: as somebody set them, else as the standard says; every change on the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from analytics.models import ScorecardThreshold
from approvals.guards import check_right
from config.kernel.refusals import Reason, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number

from .measures import MEASURES

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .measures import Measure

CHANGES: Final = "analytics.change_scorecardthreshold"
WHOLE: Final = 10_000
LONGEST_SECONDS: Final = 365 * 86_400
LONGEST_WHY: Final = 300


def measures_in_force() -> dict[str, Measure]:
    """Answer every measure with the thresholds in force now, in one query."""
    found = dict(MEASURES)
    for slug, amber, red in ScorecardThreshold.objects.values_list("measure", "amber", "red"):
        found[slug] = replace(found[slug], amber=amber, red=red)
    return found


@transaction.atomic
def set_threshold(*, measure: str, amber: int, red: int, why: str, actor: User, at: datetime) -> ScorecardThreshold:
    """Set where amber and red begin for a measure; what was published before keeps what it was held to.

    :raises NotPermitted: without the right
    :raises Refused: with a reason for each threshold that makes no sense, or without why
    """
    check_right(actor, CHANGES)
    if measure not in MEASURES:
        raise Refused("refused", said("There is no such measure."), "measure")
    kept = ScorecardThreshold.objects.select_for_update().filter(measure=measure).first()
    was = measures_in_force()[measure]
    wanted, why = replace(was, amber=amber, red=red), why.strip()
    refuse_card_number(why, field="why")
    reasons = objections_to(measure=measure, amber=amber, red=red, why=why)
    if reasons:
        raise Refused.of(reasons)
    if kept is not None and (kept.amber, kept.red, kept.why) == (amber, red, why):
        return kept
    kept = kept or ScorecardThreshold(measure=measure)
    kept.amber, kept.red, kept.why = amber, red, why
    kept.save()
    ledger.record(
        subject=threshold_subject(measure),
        kind="scorecard_threshold.set",
        actor=actor,
        at=at,
        sentence=f"set “{wanted.name}” on scorecards to {wanted.targets} (was {was.targets}): {why}",
        data={"measure": measure, "amber": [was.amber, amber], "red": [was.red, red], "why": why},
    )
    return kept


def threshold_subject(measure: str) -> Subject:
    """Name the thresholds of a measure in the ledger."""
    return Subject("scorecard_threshold", uuid5(NAMESPACE_OID, f"scorecard_threshold:{measure}"))


def objections_to(*, measure: str, amber: int, red: int, why: str) -> list[Reason]:
    """Say what is wrong with thresholds of a measure, field by field."""
    standard = MEASURES[measure]
    first, second = (red, amber) if standard.is_better_high else (amber, red)
    most, words = (
        (LONGEST_SECONDS, said("A year at most.")) if standard.is_time else (WHOLE, said("Between 0.01 % and 100 %."))
    )
    order = said("Amber lies above red here.") if standard.is_better_high else said("Amber lies below red here.")
    wrong = [
        (
            not 0 < len(why.strip()) <= LONGEST_WHY,
            said("Say why, in at most {most} characters.", most=LONGEST_WHY),
            "why",
        ),
        (first >= second, order, "amber"),
        (first < 1 or second > most, words, "red"),
    ]
    return [Reason("refused", sentence, field) for is_wrong, sentence, field in wrong if is_wrong]
