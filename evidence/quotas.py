"""How much may be uploaded: by file, by subject, by team and day, by person and day; all of it set from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Q, Sum

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .models import Attachment

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

MEGA = 1024 * 1024
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force; megabytes are counted in bytes as they came, a day is the last 24 hours."""

    file_bytes: int
    file_pixels: int
    pdf_pages: int
    files_per_subject: int
    subject_bytes: int
    team_day_files: int
    team_day_bytes: int
    person_day_files: int


def limits() -> Limits:
    """Read the limits in force."""
    chosen = settings.EVIDENCE_LIMITS
    return Limits(
        file_bytes=chosen["file_megabytes"] * MEGA,
        file_pixels=chosen["file_megapixels"] * 10**6,
        pdf_pages=chosen["pdf_pages"],
        files_per_subject=chosen["files_per_subject"],
        subject_bytes=chosen["subject_megabytes"] * MEGA,
        team_day_files=chosen["team_day_files"],
        team_day_bytes=chosen["team_day_megabytes"] * MEGA,
        person_day_files=chosen["person_day_files"],
    )


def check_file_size(size_bytes: int) -> None:
    """Refuse a file that is too large by itself.

    :raises Refused: `too_large`
    """
    most = limits().file_bytes
    if size_bytes > most:
        raise Refused("too_large", said("A file may have at most {most} MB.", most=most // MEGA), field="file")


def check_room(*, subject: Subject, team: Team, actor: User, size_bytes: int, at: datetime) -> None:
    """Refuse a file for which the subject, or the team or this person for it today, has no room left.

    A service account brings what a whole shop sends, so only its team is counted.

    Asked before the slow part and once more under the lock of the subject. Uploads of one team to different subjects
    do not wait for each other, so a team may pass its day by the few that arrive in the same instant.

    :raises Refused: `too_many` or `quota_reached`, on the field `file`
    """
    chosen = limits()
    held = Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id).aggregate(
        files=Count("pk"), bytes=Sum("size_bytes", default=0)
    )
    if held["files"] >= chosen.files_per_subject:
        raise Refused(
            "too_many",
            said("{most} files are attached; there is no room for more.", most=chosen.files_per_subject),
            field="file",
        )
    if held["bytes"] + size_bytes > chosen.subject_bytes:
        most = chosen.subject_bytes // MEGA
        raise Refused(
            "quota_reached",
            said("The files here may have {most} MB together; this one is too much.", most=most),
            "file",
        )
    today = Attachment.objects.filter(team=team, added_at__gt=at - DAY, added_at__lte=at).aggregate(
        files=Count("pk"), bytes=Sum("size_bytes", default=0), hers=Count("pk", filter=Q(added_by=actor))
    )
    if not actor.is_service_account and today["hers"] >= chosen.person_day_files:
        most = chosen.person_day_files
        raise Refused(
            "quota_reached",
            said("You added {most} files for {team} within a day; go on tomorrow.", most=most, team=team),
            "file",
        )
    if today["files"] >= chosen.team_day_files:
        most = chosen.team_day_files
        raise Refused(
            "quota_reached",
            said("{team} added {most} files within a day; go on tomorrow.", team=team, most=most),
            "file",
        )
    if today["bytes"] + size_bytes > chosen.team_day_bytes:
        most = chosen.team_day_bytes // MEGA
        raise Refused(
            "quota_reached", said("{team} added {most} MB within a day; go on tomorrow.", team=team, most=most), "file"
        )
