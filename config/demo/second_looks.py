"""Second looks in the demo, and the months that were published: what quality keeps of how things were judged."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from analytics.models import SampledDecision
from analytics.rollups.following import catch_up
from analytics.sampling.drawing import Wanted, draw_sample
from analytics.sampling.reviewing import look_again, note_finding
from analytics.sampling.vocabulary import Answer, Finding, Method, Population
from analytics.scorecards.publishing import SETTLED_ON, month_before, publish_due
from config.kernel.refusals import Refused

from .people import person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analytics.models import Sample

MONTHS_PUBLISHED: Final = 3
PUBLISHED_AT: Final = time(6, tzinfo=UTC)
LOOKED_AT: Final = 12
EVERY: Final = 6
LOOK_TAKES: Final = timedelta(minutes=7)

AGREED: Final = (
    "The goods are back and within the window; I would have signed.",
    "The order and the amount agree, and the customer told the same story twice.",
    "Policy asks for nothing more than what is there.",
)
DISAGREED: Final = "The photo shows wear, and one piece of the order is not in it."
CORRECTION: Final = "Ask for a photo of every piece; told to the team on Monday."


def look_twice(*, now: datetime) -> None:
    """Draw from two teams: one sample is mostly looked at, by Sam and by Milo, the other has just begun."""
    first = _drawn("uk-retail", Method.RANDOM, size=20, seed="autumn", at=now - timedelta(days=9))
    later = _drawn("us-dtc", Method.RISK, size=10, seed="risky", at=now - timedelta(days=2))
    for sample, most, days in ((first, LOOKED_AT, 8), (later, 2, 1)):
        if sample is not None:
            _look(sample, most, at=now - timedelta(days=days))


def publish_months(*, now: datetime) -> None:
    """Publish the scorecards of the last months, each when it was due."""
    catch_up(at=now)
    for day in sorted(_due(now))[-MONTHS_PUBLISHED:]:
        publish_due(at=day)
    # Publishing looked at the past; what is shown as counted is counted now.
    catch_up(at=now)


def _drawn(team: str, method: Method, *, size: int, seed: str, at: datetime) -> Sample | None:
    wanted = Wanted(
        team=team,
        from_on=(at - timedelta(days=45)).date(),
        to_on=(at - timedelta(days=1)).date(),
        population=Population.EVERY,
        method=method,
        size=size,
        seed=seed,
    )
    try:
        return draw_sample(wanted=wanted, actor=person("sam"), at=at)
    except Refused:
        # A small world: this team decided nothing in these days.
        return None


def _look(sample: Sample, most: int, *, at: datetime) -> None:
    sam, milo = person("sam"), person("milo")
    rows = SampledDecision.objects.filter(sample=sample).order_by("place")[:most]
    for place, one in enumerate(rows):
        looked_at = at + LOOK_TAKES * place
        by = milo if place % 3 == 1 and milo.pk not in one.involved else sam
        is_off = place % EVERY == EVERY - 1
        usual = Answer.LESS if one.outcome == Answer.APPROVE else Answer.APPROVE
        look_again(
            sample_id=sample.pk,
            place=one.place,
            answer=usual if is_off else one.outcome,
            rationale=DISAGREED if is_off else AGREED[place % len(AGREED)],
            actor=by,
            at=looked_at,
        )
        note_finding(
            sample_id=sample.pk,
            place=one.place,
            finding=Finding.WRONG_AMOUNT if is_off else Finding.RIGHT,
            correction=CORRECTION if is_off else "",
            opens_item=False,
            actor=by,
            at=looked_at + timedelta(minutes=1),
        )


def _due(now: datetime) -> Iterator[datetime]:
    month = now.astimezone(UTC).date().replace(day=1)
    for _ in range(MONTHS_PUBLISHED + 1):
        day = datetime.combine(month.replace(day=SETTLED_ON), PUBLISHED_AT)
        if day <= now:
            yield day
        month = month_before(month)
