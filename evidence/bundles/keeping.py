"""Bundles from the wish to the removal: asked for, stopped, built anew, kept for a day, taken, swept away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, Final

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from config.kernel.jobs import Job, JobState, cancel_job, queue_job
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.models import Bundle, BundleDownload
from evidence.vocabulary import BundleKind

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User
    from config.kernel.subjects import Subject

JOB: Final = "bundle"
LIFETIME: Final = timedelta(hours=24)
MOST_UNDER_WAY: Final = 3
MOST_KEPT: Final = 20
MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to take home; `subject` is None for a population."""

    title: str
    parameters: dict[str, Any]
    subject: Subject | None = None
    has_files: bool = False
    known_checkpoint: int | None = None


class NotWanted(Exception):
    """What was built is not to be kept."""


def bundles_of(person: User) -> QuerySet[Bundle]:
    """List what somebody asked for, newest first; nobody else sees it."""
    return Bundle.objects.filter(asked_by=person).select_related("job", "asked_by").order_by("-asked_at", "-pk")


@transaction.atomic(durable=True)
def ask_for_bundle(*, wish: Wish, actor: User, at: datetime) -> Bundle:
    """Queue the building of a bundle. Whether the actor may see what is in it is asked by who knows what it is.

    :raises Refused: `too_many` while others of hers are under way, or while too many of hers are kept
    """
    _check_is_not_one_too_many(actor)
    bundle = Bundle(
        kind=BundleKind.POPULATION if wish.subject is None else BundleKind.REQUEST,
        subject_kind="" if wish.subject is None else wish.subject.kind,
        subject_id=None if wish.subject is None else wish.subject.id,
        title=wish.title,
        parameters=wish.parameters,
        has_files=wish.has_files,
        known_checkpoint=wish.known_checkpoint,
        asked_by=actor,
        asked_at=at,
    )
    bundle.job = queue_job(kind=JOB, subject_id=bundle.pk, actor=actor, at=at)
    bundle.save(force_insert=True)
    return bundle


def stop_bundle(*, bundle: Bundle, actor: User) -> None:
    """Ask a bundle's job to stop; it does at its next step and keeps nothing. :raises NotPermitted: for others"""
    _check_is_hers(bundle, actor)
    cancel_job(job_id=bundle.job_id)


@transaction.atomic(durable=True)
def build_again(*, bundle: Bundle, actor: User, at: datetime) -> Bundle:
    """Queue a bundle anew that failed, was stopped or has expired, with the same parameters and the same seed.

    :raises NotPermitted: for others
    :raises Refused: `not_over` while it is under way or can still be taken, or as `ask_for_bundle` does
    """
    _check_is_hers(bundle, actor)
    locked = Bundle.objects.select_for_update(of=("self",)).select_related("job").get(pk=bundle.pk)
    if not locked.job.is_over or (locked.built_at is not None and locked.removed_at is None):
        raise Refused("not_over", said("This bundle is under way, or waits to be taken."))
    _check_is_not_one_too_many(actor)
    locked.job = queue_job(kind=JOB, subject_id=locked.pk, actor=actor, at=at)
    locked.file, locked.size_bytes, locked.manifest_sha256 = "", 0, ""
    locked.built_at = locked.expires_at = locked.removed_at = None
    locked.save()
    return locked


def keep_bundle(*, bundle: Bundle, content: IO[bytes], manifest_sha256: str, at: datetime) -> None:
    """Store what was built, privately and for a day, and record in the ledger what its list of files hashes to.

    `bundle.team_ids` and `bundle.rights` say whose evidence is in it, and what it takes to see it.

    :raises NotWanted: when somebody stopped it, or something that may be in it was erased meanwhile; nothing is kept
    """
    stored = default_storage.save(f"bundles/{bundle.pk}.zip", File(content))
    try:
        with transaction.atomic(durable=True):
            _check_is_wanted(bundle)
            bundle.file, bundle.size_bytes = stored, default_storage.size(stored)
            bundle.manifest_sha256, bundle.built_at, bundle.expires_at = manifest_sha256, at, at + LIFETIME
            bundle.save(
                update_fields=["file", "size_bytes", "manifest_sha256", "built_at", "expires_at", "team_ids", "rights"]
            )
            _record(bundle, "bundle.built", "had an evidence bundle made.", bundle.asked_by, at)
    except BaseException:
        default_storage.delete(stored)
        raise


@transaction.atomic(durable=True)
def record_download(*, bundle: Bundle, actor: User, at: datetime) -> None:
    """Write down that somebody takes a bundle home: a row, and an entry in the ledger."""
    BundleDownload.objects.create(bundle=bundle, taken_by=actor, taken_at=at)
    _record(bundle, "bundle.taken", "took an evidence bundle home.", actor, at)


def expire_bundles_about(subject: Subject, *, at: datetime) -> int:
    """Let go of every kept bundle that may hold the texts of a subject; the next sweep removes the files.

    Which requests a population held is known only to its file, so all of those go. What is being built is stopped
    first: it has read the texts already, and whoever keeps it waits for us or is seen below.
    """
    about = Q(kind=BundleKind.POPULATION) | Q(subject_kind=subject.kind, subject_id=subject.id)
    building = Bundle.objects.filter(about, built_at__isnull=True)
    Job.objects.filter(pk__in=building.values("job"), state=JobState.RUNNING).update(is_cancel_wanted=True)
    kept = Bundle.objects.filter(built_at__isnull=False, removed_at__isnull=True)
    return kept.filter(about, expires_at__gt=at).update(expires_at=at)


def remove_expired(*, at: datetime) -> int:
    """Remove the files of bundles whose time is over; answers how many."""
    expired = Bundle.objects.filter(expires_at__lte=at, removed_at__isnull=True).order_by("expires_at", "pk")
    count = 0
    for bundle in expired[:MOST_AT_ONCE]:
        # The file first: should this be killed in between, the next sweep finds the row again.
        default_storage.delete(str(bundle.file))
        count += Bundle.objects.filter(pk=bundle.pk, removed_at__isnull=True).update(removed_at=at, file="")
    return count


def _check_is_wanted(bundle: Bundle) -> None:
    if Job.objects.select_for_update().get(pk=bundle.job_id).is_cancel_wanted:
        raise NotWanted


def _check_is_hers(bundle: Bundle, actor: User) -> None:
    if bundle.asked_by_id != actor.pk:
        raise NotPermitted("not_permitted", said("Whoever asked for a bundle decides about it."))


def _check_is_not_one_too_many(actor: User) -> None:
    hers = Bundle.objects.filter(asked_by=actor)
    if hers.filter(job__state__in=[JobState.QUEUED, JobState.RUNNING]).count() >= MOST_UNDER_WAY:
        raise Refused(
            "too_many", said("{most} bundles of yours are under way. Wait for one, or stop one.", most=MOST_UNDER_WAY)
        )
    if hers.filter(built_at__isnull=False, removed_at__isnull=True).count() >= MOST_KEPT:
        raise Refused(
            "too_many",
            said("{most} bundles of yours are kept. Each is removed a day after it was made.", most=MOST_KEPT),
        )


def _record(bundle: Bundle, kind: str, sentence: str, actor: User, at: datetime) -> None:
    ledger.record(
        subject=bundle.subject,
        kind=kind,
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "bundle": str(bundle.pk),
            "manifest_sha256": bundle.manifest_sha256,
            "size_bytes": bundle.size_bytes,
            "has_files": bundle.has_files,
        },
    )
