"""Building a bundle, as a job of the worker that signs."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final

from config.kernel.jobs import Job, JobState, StillRunning, alone_at, end_job, report_progress, start_job
from evidence.bundles.chains import Prover
from evidence.bundles.keeping import JOB, NotWanted, keep_bundle
from evidence.bundles.packing import Packer
from evidence.bundles.texts import SEES_SALTS
from evidence.checkpoints.keys import UnableToSign
from evidence.checkpoints.making import catch_up
from evidence.checkpoints.proving import latest_checkpoint
from evidence.models import Bundle
from evidence.permissions import VIEWS_SENSITIVE

from .contents import Building, UnableToBuild, pack
from .records import SEES_POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID


MOST_LOOKED_AT: Final = 50
MATTERING_RIGHTS: Final = (
    "evidence.view_attachment",
    VIEWS_SENSITIVE,
    "evidence.view_customermessage",
    SEES_POLICIES,
    SEES_SALTS,
)


class Stopped(Exception):
    """Whoever asked for it wants it no more."""


def build_next(*, at: datetime) -> bool:
    """Build the bundle that waits longest and that nobody is at; answers whether there was one."""
    waiting = Job.objects.filter(kind=JOB, state__in=[JobState.QUEUED, JobState.RUNNING])
    for job_id in list(waiting.order_by("created_at", "pk").values_list("pk", flat=True)[:MOST_LOOKED_AT]):
        try:
            run_bundle(job_id=job_id, at=at)
        except StillRunning:
            continue
        return True
    return False


def run_bundle(*, job_id: UUID | str, at: datetime) -> None:
    """Build the bundle of a queued job; after a killed worker it begins again.

    1. Sign a checkpoint, so that what was recorded until now is under one.
    2. Go through the population and draw the sample.
    3. Read, print and pack request by request, saying after each how far it is.
    4. Add checkpoints, keys, policies, and the list of files; seal that list.
    5. Keep the file for a day.

    :raises StillRunning: while another worker is at it
    """
    job = start_job(job_id=job_id)
    if job is None:
        return
    with alone_at(job):
        bundle = Bundle.objects.select_related("asked_by").get(job=job)

        def go_on(done: int, total: int) -> None:
            if not report_progress(job=job, done=done, total=total):
                raise Stopped

        try:
            _build(bundle, at=at, go_on=go_on)
        except (Stopped, NotWanted):
            end_job(job=job, state=JobState.CANCELLED, at=at)
        except (UnableToBuild, UnableToSign, OSError) as no:
            end_job(job=job, state=JobState.FAILED, at=at, error=f"It could not be built: {no}")
        else:
            result: dict[str, object] = {"bundle": str(bundle.pk), "size_bytes": bundle.size_bytes}
            end_job(job=job, state=JobState.SUCCEEDED, at=at, result=result)


def _build(bundle: Bundle, *, at: datetime, go_on: Callable[[int, int], None]) -> None:
    catch_up(at=at)
    latest = latest_checkpoint()
    if latest is None:
        raise UnableToBuild("There is no checkpoint yet; one is made within five minutes of the first entry.")
    with tempfile.TemporaryFile() as file:
        with Packer(file) as packer:
            building = Building(bundle, packer, Prover(latest), at)
            manifest_sha256 = pack(building, latest, go_on)
        file.seek(0)
        bundle.team_ids = sorted(building.team_ids)
        bundle.rights = [right for right in MATTERING_RIGHTS if building.viewer.has_perm(right)]
        keep_bundle(bundle=bundle, content=file, manifest_sha256=manifest_sha256, at=at)
