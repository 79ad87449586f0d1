"""What people read about samples: the list, one with its coverage and agreement, one decision to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from analytics.models import SampledDecision
from analytics.selectors import percent
from analytics.statistics.intervals import wilson
from config.kernel.wording import said

from .permissions import samples_visible_to
from .vocabulary import Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from analytics.models import Sample
    from config.kernel.people import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """How many decisions of one kind there were, how many were drawn, and how many of those were looked at."""

    name: str
    decision_count: int
    drawn_count: int
    looked_count: int

    @property
    def coverage(self) -> str:
        """The part of all its decisions that somebody looked at again."""
        return percent(self.looked_count, self.decision_count)


@dataclass(frozen=True, slots=True)
class Counted:
    """A sample in a list: how many decisions were drawn, how many looked at, how often both answers agree."""

    sample: Sample
    drawn_count: int
    looked_count: int
    same_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often both answers were the same; the bounds, in tenths of a percent, are Wilson's at 95 %."""

    same: int
    of: int
    low_tenths: int
    high_tenths: int

    @property
    def said(self) -> str:
        """The rate; a dash before the first look."""
        return percent(self.same, self.of)

    @property
    def bounds(self) -> str:
        """Both bounds in words; empty before the first look."""
        if not self.of:
            return ""
        low, high = (
            said("{whole}.{tenth} %", whole=tenths // 10, tenth=tenths % 10)
            for tenths in (self.low_tenths, self.high_tenths)
        )
        return said("{low} to {high}", low=low, high=high)


def samples_listed(viewer: User) -> QuerySet[Sample]:
    """Select samples, newest first."""
    return samples_visible_to(viewer).select_related("team", "drawn_by").order_by("-drawn_at", "-pk")


def counted(samples: Iterable[Sample]) -> list[Counted]:
    """Count for each sample how many decisions were drawn and looked at, and how often both answers agree."""
    samples = list(samples)
    looked = Q(reviewer__isnull=False)
    rows = (
        SampledDecision.objects.filter(sample__in=samples)
        .order_by()
        .values_list("sample")
        .annotate(
            drawn=Count("pk"),
            looks=Count("pk", filter=looked),
            same=Count("pk", filter=looked & Q(answer=F("outcome"))),
        )
    )
    found = {sample_id: (drawn, looks, same) for sample_id, drawn, looks, same in rows}
    return [Counted(sample, *found.get(sample.pk, (0, 0, 0))) for sample in samples]


def one_sample(viewer: User, sample_id: UUID) -> Sample | None:
    """Find a sample."""
    return samples_visible_to(viewer).select_related("team", "drawn_by").filter(pk=sample_id).first()


def one_decision(viewer: User, sample_id: UUID, place: int) -> SampledDecision | None:
    """Find a sampled decision with what the second look may see."""
    found = SampledDecision.objects.filter(sample__in=samples_visible_to(viewer), sample_id=sample_id, place=place)
    deciders = ("refund_request__approved_by", "refund_request__declined_by")
    return found.select_related("sample__team", "refund_request__decision", *deciders, "reviewer", "item").first()


def decisions_of(sample: Sample) -> list[SampledDecision]:
    """List the decisions of a sample in the order of the draw."""
    people = ("approved_by", "declined_by")
    rows = sample.decisions.select_related("reviewer", "item", *(f"refund_request__{one}" for one in people))
    return list(rows.order_by("place"))


def coverage_of(sample: Sample, decisions: Sequence[SampledDecision]) -> list[Stratum]:
    """Count by stratum what there was, what was drawn, what was looked at."""
    looked = Counter(one.stratum for one in decisions if one.is_looked_at)
    return [
        Stratum(name=name, decision_count=told["decisions"], drawn_count=told["drawn"], looked_count=looked[name])
        for name, told in sorted(sample.strata.items())
    ]


def agreement_of(decisions: Sequence[SampledDecision]) -> Agreement:
    """Compare both answers wherever somebody looked."""
    looked = [one for one in decisions if one.is_looked_at]
    return agreement(sum(one.agrees for one in looked), len(looked))


def agreement(same: int, of: int) -> Agreement:
    """Bound a rate of agreement."""
    bounds = wilson(same, of)
    return Agreement(same=same, of=of, low_tenths=round(bounds.low * 1000), high_tenths=round(bounds.high * 1000))


def next_place(viewer: User, sample: Sample) -> int | None:
    """Name the first decision of a sample that waits for a look and that this person had no part in."""
    waiting = sample.decisions.filter(reviewer__isnull=True).exclude(involved__contains=[viewer.pk])
    return waiting.order_by("place").values_list("place", flat=True).first()


def looks_left(viewer: User) -> int:
    """Count the sampled decisions nobody looked at again and in which this person had no part."""
    waiting = SampledDecision.objects.filter(sample__in=samples_visible_to(viewer), reviewer__isnull=True)
    return waiting.exclude(involved__contains=[viewer.pk]).count()


def is_representative(sample: Sample) -> bool:
    """Tell whether the rate of the sample says something about all decisions."""
    return sample.method == Method.RANDOM
