"""How long requests took, step by step, and how many nobody had to touch; time is not money, so currencies mix."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Sum

from analytics.models import TIMES, Basis, OutflowCell
from analytics.selectors import percent
from config.kernel.wording import joined, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .asking import Ask

NAMES: Final = {
    "decide": said("Submitted to decided"),
    "pay": said("Submitted to refunded"),
    "decide_working": said("Submitted to decided, working hours"),
    "pay_working": said("Submitted to refunded, working hours"),
    "review": said("Exception review"),
    "approval": said("Approval"),
    "info": said("Question to the customer"),
    "hold": said("On hold"),
    "queue": said("Approved, waiting to be sent"),
    "processing": said("At the processor"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how many requests went through it, and after how many seconds half and nine of ten had."""

    slug: str
    count: int
    median_seconds: int
    p90_seconds: int

    @property
    def name(self) -> str:
        """The step as people call it."""
        return NAMES[self.slug]

    @property
    def median(self) -> str:
        """The median in words."""
        return spelled(self.median_seconds)

    @property
    def p90(self) -> str:
        """The p90 in words."""
        return spelled(self.p90_seconds)


@dataclass(frozen=True, slots=True)
class Touch:
    """How the requests decided in some days were decided."""

    decided_count: int = 0
    touch_free_count: int = 0
    reviewed_count: int = 0
    unchanged_count: int = 0
    waited_seconds: int = 0
    evidence_asked_count: int = 0
    evidence_held_count: int = 0

    @property
    def touch_free(self) -> str:
        """The share nobody touched."""
        return percent(self.touch_free_count, self.decided_count)

    @property
    def unchanged(self) -> str:
        """The share of what people decided that they did not change."""
        return percent(self.unchanged_count, self.reviewed_count)

    @property
    def approval_yield(self) -> str:
        """The share of what people decided that came out otherwise than asked for."""
        return percent(self.reviewed_count - self.unchanged_count, self.reviewed_count)

    @property
    def evidence(self) -> str:
        """The share that held all the evidence the policy demands."""
        return percent(self.evidence_held_count, self.evidence_asked_count)

    @property
    def waited_hours(self) -> int:
        """Whole hours that customers waited for people."""
        return self.waited_seconds // 3600


def classes_of(viewer: User, ask: Ask) -> dict[str, dict[int, int]]:
    """Count how many requests took how long, in classes of seconds, for every step somebody went through."""
    whole_months = ask.between_months()
    rows = (
        _decided(viewer, whole_months)
        # Said twice, because the index of steps is found by how the word begins.
        .filter(dimension__startswith="step.", dimension__in=[f"step.{slug}" for slug in NAMES])
        .order_by()
        .values_list("dimension", "value")
        .annotate(total=Sum("count"))
    )
    counted: dict[str, dict[int, int]] = defaultdict(dict)
    for dimension, value, total in rows:
        counted[dimension.removeprefix("step.")][int(value)] = int(total)
    return dict(counted)


def steps(viewer: User, ask: Ask) -> list[Step]:
    """Work out median and p90 of every step, in one query."""
    return steps_in(classes_of(viewer, ask))


def steps_in(counted: Mapping[str, dict[int, int]]) -> list[Step]:
    """Work out median and p90 of every step that was counted."""
    return [
        Step(slug, sum(classes.values()), at_share(classes, 1, 2), at_share(classes, 9, 10))
        for slug in TIMES
        if (classes := counted.get(slug))
    ]


def touch(viewer: User, ask: Ask) -> Touch:
    """Count how requests were decided, in one query."""
    columns = [name for name in Touch.__dataclass_fields__ if name != "decided_count"]
    found = OutflowCell.objects.filter(ask.narrowed(viewer), ask.cells_of("total"), basis=Basis.DECISION).aggregate(
        decided=Sum("count", default=0), **{f"sum_{name}": Sum(name, default=0) for name in columns}
    )
    return Touch(int(found["decided"]), **{name: int(found[f"sum_{name}"]) for name in columns})


def at_share(classes: dict[int, int], part: int, whole: int) -> int:
    """Find the smallest class up to which `part` of `whole` of all are counted."""
    total, seen = sum(classes.values()), 0
    for value in sorted(classes):
        seen += classes[value]
        if seen * whole >= total * part:
            return value
    return 0


def spelled(seconds: int) -> str:
    """Say a length in its two largest units."""
    length = timedelta(seconds=seconds)
    hours, rest = divmod(length.seconds, 3600)
    units = [
        (length.days, said("{number} d", number=length.days)),
        (hours, said("{number} h", number=hours)),
        (rest // 60, said("{number} min", number=rest // 60)),
        (rest % 60, said("{number} s", number=rest % 60)),
    ]
    told: Sequence[str] = [words for number, words in units if number]
    return joined(told[:2]) or said("{number} s", number=0)


def _decided(viewer: User, ask: Ask) -> QuerySet[OutflowCell]:
    return OutflowCell.objects.filter(ask.narrowed(viewer), ask.days, basis=Basis.DECISION)
