"""Note when somebody is away: nothing is routed to her then, or counted on; it takes no right away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from approvals.delegation_rules import words_for_time
from approvals.models import Absence
from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND = "absence"
LONGEST = timedelta(days=366)
LONGEST_NOTE = 200


@transaction.atomic(durable=True)
def enter_absence(
    *, user: User, from_at: datetime, until_at: datetime, note: str, actor: User, at: datetime
) -> Absence:
    """Enter a time in which somebody is away: her own, or anybody's for an administrator.

    :raises NotPermitted: for somebody else's without the right
    :raises Refused: naming each field that cannot be
    """
    _check_right(actor, user, "approvals.add_absence")
    refuse_card_number(note, field="note")
    reasons = []
    if until_at <= from_at:
        reasons.append(Reason("refused", said("It must end after it begins."), "until_at"))
    elif until_at <= at:
        reasons.append(Reason("refused", said("It must end in the future."), "until_at"))
    elif until_at - from_at > LONGEST:
        reasons.append(Reason("refused", said("At most {days} days.", days=LONGEST.days), "until_at"))
    if len(note) > LONGEST_NOTE:
        reasons.append(Reason("invalid", said("Say it in at most {most} characters.", most=LONGEST_NOTE), "note"))
    if user.is_service_account or not user.is_active:
        reasons.append(Reason("refused", said("{user} is nobody that work is routed to.", user=user), "user"))
    if reasons:
        raise Refused.of(reasons)
    absence = Absence.objects.create(
        user=user, from_at=from_at, until_at=until_at, note=note.strip(), entered_by=actor, entered_at=at
    )
    _record(absence, "entered", actor, at, f"noted that {user} is away, {_when(absence)}.")
    return absence


@transaction.atomic(durable=True)
def remove_absence(*, absence_id: UUID, actor: User, at: datetime) -> None:
    """Take an absence off the calendar: its owner is back, or never left. The record keeps it.

    :raises NotPermitted: for somebody else's without the right
    """
    absence = Absence.objects.select_for_update(of=("self",)).select_related("user").get(pk=absence_id)
    _check_right(actor, absence.user, "approvals.delete_absence")
    _record(absence, "removed", actor, at, f"took back that {absence.user} is away, {_when(absence)}.")
    absence.delete()


def subject_of(absence: Absence) -> Subject:
    """Name an absence in the ledger."""
    return Subject(KIND, absence.pk)


def _check_right(actor: User, user: User, permission: str) -> None:
    if actor.pk != user.pk and not actor.has_perm(permission):
        raise NotPermitted(
            "not_permitted", said("Somebody else's absence needs the right “{right}”.", right=permission)
        )


def _when(absence: Absence) -> str:
    return f"{words_for_time(absence.from_at)} to {words_for_time(absence.until_at)}"


def _record(absence: Absence, word: str, actor: User, at: datetime, sentence: str) -> None:
    ledger.record(
        subject=subject_of(absence),
        kind=f"absence.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "user": absence.user_id,
            "from_at": absence.from_at.isoformat(),
            "until_at": absence.until_at.isoformat(),
        },
    )
