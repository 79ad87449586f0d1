"""A version that comes into force later: signed now, put in force by the clock, called back until then."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .editions import check_may, locked, record
from .machines import CLOCK
from .models import PolicyVersion
from .succession import check_place_is_free, take_over
from .vocabulary import VersionState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

FURTHEST = timedelta(days=366)
"""Nobody signs for a policy that comes into force in the time of her successors."""


def schedule(*, version: PolicyVersion, publish_at: datetime, actor: User, at: datetime) -> PolicyVersion:
    """Sign for a version under the locks of the caller, to come into force at `publish_at`.

    :raises Refused: for a moment that has passed or is too far away, or while another version is scheduled
    """
    if publish_at <= at:
        raise Refused(
            "refused", said("This moment has passed. Name a later one, or none to publish now."), "publish_at"
        )
    if publish_at > at + FURTHEST:
        raise Refused("refused", said("Name a moment within a year."), "publish_at")
    check_place_is_free(version, VersionState.SCHEDULED)
    version.schedule(signed_by=actor, publish_at=publish_at)
    version.save(update_fields=["state", "published_by", "publish_at"])
    record(
        version,
        "scheduled",
        actor,
        at,
        f"scheduled version {version.number} of {version.policy.slug} for {moment_of(version, publish_at)}.",
        {"publish_at": publish_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    return version


@transaction.atomic(durable=True)
def recall_version(*, version_id: UUID, actor: User, at: datetime) -> PolicyVersion:
    """Make a scheduled version a draft again before its moment comes; its signature is gone with it.

    :raises OutOfDate: when it is not scheduled any more
    """
    version = locked(version_id)
    check_may(actor, "policies.change_policyversion", version, VersionState.SCHEDULED)
    return recalled(version=version, actor=actor, at=at)


def recalled(*, version: PolicyVersion, actor: User, at: datetime) -> PolicyVersion:
    """Call a scheduled version back under the locks of the caller."""
    version.recall()
    version.save(update_fields=["state", "published_by", "publish_at", "shadow_since"])
    record(version, "recalled", actor, at, f"called version {version.number} of {version.policy.slug} back.")
    return version


def put_in_force(*, at: datetime) -> list[PolicyVersion]:
    """Put every scheduled version whose moment has come in force, and answer those that were.

    Each has a transaction of its own: one that fails keeps no other back. Safe to run twice and at once, because
    whoever comes second finds it published under the lock.

    :raises ExceptionGroup: with what failed, after all others are in force
    """
    due = PolicyVersion.objects.filter(state=VersionState.SCHEDULED, publish_at__lte=at).order_by("publish_at", "pk")
    put, failed = [], []
    for version_id in due.values_list("pk", flat=True):
        try:
            version = _put_one_in_force(version_id, at)
        except Exception as error:  # noqa: BLE001 - it is raised again below
            failed.append(error)
        else:
            put += [version] if version is not None else []
    if failed:
        raise ExceptionGroup("Scheduled policy versions did not come into force.", failed)
    return put


@transaction.atomic(durable=True)
def _put_one_in_force(version_id: UUID, at: datetime) -> PolicyVersion | None:
    version = locked(version_id)
    if version.state != VersionState.SCHEDULED or version.publish_at is None or version.publish_at > at:
        return None
    sign = partial(version.publish, signed_by=version.published_by, at=at)
    take_over(version=version, move=sign, actor=CLOCK, at=at, words="put in force, as scheduled,")
    return version


def moment_of(version: PolicyVersion, moment: datetime) -> str:
    """Say a moment on the clock of the policy's team."""
    zone = version.policy.team.time_zone
    return f"{moment.astimezone(ZoneInfo(zone)):%-d %B %Y, %H:%M} ({zone})"
