"""Reading the patterns of every team and keeping what was found: each night, and whenever somebody asks."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction

from analytics.machines import CLOCK
from analytics.models import PatternReading, PatternSignal
from config.kernel.ids import new_id
from config.kernel.jobs import Job, JobState, alone_at, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.people import Team
from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from refunds.models import RefundRequest

from .figures import figures_of
from .finding import signals_in
from .reading import observe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Actor, User

    from .rows import Observed
    from .signals import Signal

KIND: Final = "read_patterns"
READS: Final = "analytics.recount_insight"
NIGHT_HOUR: Final = 2
"""In UTC. A night that was missed is made up for in the next hour."""

LOOKS_BACK: Final = timedelta(days=365)
KEPT: Final = timedelta(days=90)
"""So long a reading that no longer stands is kept; since when a signal stands is carried on."""

_LOCK: Final = 0x7A77E2


@transaction.atomic(durable=True)
def ask_reading(*, actor: User, at: datetime) -> Job:
    """Queue a reading; one that is under way already is answered instead.

    :raises NotPermitted: without the right
    """
    _check_may(actor)
    running = reading_under_way()
    if running is not None:
        return running
    job = _queue(actor, at)
    ledger.record(
        subject=Subject("pattern_reading", job.pk),
        kind="patterns.reading_asked",
        actor=actor,
        at=at,
        sentence="had the patterns read anew.",
    )
    return job


@transaction.atomic(durable=True)
def read_if_due(*, at: datetime) -> Job | None:
    """Queue the reading of the night, once; None when it was read or is under way."""
    night = at.astimezone(UTC).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if night > at:
        night -= timedelta(days=1)
    is_read = PatternReading.objects.filter(is_standing=True, team__isnull=True, read_at__gte=night).exists()
    return None if is_read or reading_under_way() else _queue(CLOCK, at)


def cancel_reading(*, actor: User) -> None:
    """Ask the reading under way to stop; it does after the team it is at, and the other teams keep what they had.

    :raises NotPermitted: without the right
    :raises OutOfDate: when none is under way
    """
    _check_may(actor)
    job = reading_under_way()
    if job is None:
        raise OutOfDate("over", said("The reading is over."))
    cancel_job(job_id=job.pk)


def reading_under_way() -> Job | None:
    """The reading that waits or runs."""
    open_ones = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING])
    return open_ones.order_by("created_at", "pk").first()


def last_read_at() -> datetime | None:
    """Tell when the last whole reading was made; None before the first."""
    return PatternReading.objects.filter(is_standing=True, team=None).values_list("read_at", flat=True).first()


def run_reading(*, job_id: UUID | str, at: datetime) -> None:
    """Read team by team, each kept in a transaction of its own; taken up again, it goes on after the last one kept.

    :raises StillRunning: while another worker is at it
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    with alone_at(job):
        teams: list[Team | None] = [*Team.objects.order_by("pk"), None]
        kept = set(PatternReading.objects.filter(job=job).values_list("team", flat=True))
        for done, team in enumerate(teams):
            if not report_progress(job=job, done=done, total=len(teams)):
                end_job(job=job, state=JobState.CANCELLED, at=at)
                return
            if (team.pk if team else None) not in kept:
                read_and_keep(team, at=at, job=job)
        trim_readings(at=at)
        report_progress(job=job, done=len(teams), total=len(teams))
        standing = PatternSignal.objects.filter(reading__is_standing=True)
        end_job(job=job, state=JobState.SUCCEEDED, at=at, result={"signals": standing.count()})


def read_and_keep(team: Team | None, *, at: datetime, job: Job | None = None) -> None:
    """Look at the last year of one team, or at what goes through several, and let it stand for the one before."""
    from_at = at - LOOKS_BACK
    observed = observe(teams=[team.pk] if team else _busy_teams(from_at, at), from_at=from_at, to_at=at)
    home = {one.id: one.team_id for one in observed.requests}
    found = [(signal, sorted({home[pk] for pk in signal.rows})) for signal in signals_in(observed)]
    if team is None:
        # What stays within one team is told with that team, by tests of its own.
        found = [(signal, teams) for signal, teams in found if len(teams) > 1]
    _keep(team, observed, found, at=at, job=job)


def trim_readings(*, at: datetime) -> int:
    """Forget readings that stand no more, once they are old; answers how many."""
    old = PatternReading.objects.filter(is_standing=False, read_at__lt=at - KEPT)
    count = old.count()
    old.delete()
    return count


@transaction.atomic(durable=True)
def _keep(
    team: Team | None,
    observed: Observed,
    found: Sequence[tuple[Signal, list[int]]],
    *,
    at: datetime,
    job: Job | None,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    before = PatternReading.objects.filter(team=team, is_standing=True).first()
    if before is not None and before.read_at > at:
        return
    known = _known(before)
    PatternReading.objects.filter(team=team, is_standing=True).update(is_standing=False)
    reading = PatternReading.objects.create(
        team=team,
        job=job,
        from_at=observed.from_at,
        to_at=observed.to_at,
        is_cut=observed.is_cut,
        request_count=len(observed.requests),
        decision_count=len(observed.decisions),
        plots=figures_of(observed) if team else {},
        read_at=at,
    )
    PatternSignal.objects.bulk_create(
        _row(reading, place, signal, teams or [team.pk] if team else teams, known)
        for place, (signal, teams) in enumerate(found)
    )


def _known(before: PatternReading | None) -> Mapping[tuple[str, str], tuple[UUID, datetime]]:
    """Say since when each signal of the reading before stands, and under which id."""
    if before is None:
        return {}
    rows = before.signals.order_by().values_list("pattern", "key", "standing_id", "first_seen_at")
    return {(pattern, key): (standing_id, since) for pattern, key, standing_id, since in rows}


def _row(
    reading: PatternReading,
    place: int,
    signal: Signal,
    teams: list[int],
    known: Mapping[tuple[str, str], tuple[UUID, datetime]],
) -> PatternSignal:
    standing_id, since = known.get((signal.kind.slug, signal.key), (new_id(), reading.read_at))
    return PatternSignal(
        reading=reading,
        place=place,
        standing_id=standing_id,
        first_seen_at=since,
        is_new=since == reading.read_at,
        pattern=signal.kind.slug,
        key=signal.key,
        sentence=signal.sentence,
        numbers=[list(pair) for pair in signal.numbers],
        request_ids=list(signal.rows),
        request_count=len(signal.rows),
        people=list(signal.people),
        team_ids=teams,
        p_value=signal.p_value,
        adjusted=signal.adjusted,
    )


def _queue(actor: Actor, at: datetime) -> Job:
    return queue_job(kind=KIND, actor=actor, at=at)


def _busy_teams(from_at: datetime, to_at: datetime) -> list[int]:
    """List the teams that were asked anything; one by itself is not several."""
    asked = RefundRequest.objects.filter(submitted_at__gte=from_at, submitted_at__lt=to_at)
    first, *more = sorted(asked.order_by().values_list("team", flat=True).distinct()) or [0]
    return [first, *more] if more else []


def _check_may(actor: User) -> None:
    if not actor.has_perm(READS):
        raise NotPermitted(
            "not_permitted", said("Reading the patterns anew needs the right “{permission}”.", permission=READS)
        )
