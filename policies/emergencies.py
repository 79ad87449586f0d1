"""A change that cannot wait for its reader: a named second person puts it in force, a third reads it within a day."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.people import User, people_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said
from evidence.text import refuse_card_number

from .editions import (
    REVIEW_IT,
    check_did_not_write,
    check_document,
    check_is_explained,
    check_may,
    check_right,
    check_says,
    locked,
    record,
)
from .evidence_gates import refuse_without_evidence
from .succession import take_over
from .vocabulary import VersionState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from .models import PolicyVersion

PUBLISH = "policies.publish_policyversion"
REVIEW = "policies.review_policyversion"
READ_WITHIN = timedelta(hours=24)
SHORTEST_NOTE = 10


@transaction.atomic(durable=True)
def publish_emergency(*, version_id: UUID, actor: User, at: datetime, seen: str | None = None) -> PolicyVersion:
    """Put an emergency draft in force at once; a third person must read it within 24 hours.

    :raises NotPermitted: `self_approval` for whoever wrote any of it; for everybody but the second person it names
    :raises OutOfDate: when it is no draft any more, or says something else than what was read
    :raises Refused: for a normal change, and until it is explained; `evidence_missing` by the evidence map
    """
    version = locked(version_id)
    check_may_publish_at_once(actor, version)
    check_says(version, seen)
    check_document(version.document)
    check_is_explained(version, said("it is put in force"))
    refuse_without_evidence(version)
    sign = partial(version.publish_at_once, signed_by=actor, at=at, review_due_at=at + READ_WITHIN)
    take_over(version=version, move=sign, actor=actor, at=at, words="put in force, as an emergency change,")
    return version


def check_may_publish_at_once(actor: User, version: PolicyVersion) -> None:
    """Ask who it is, then what the version is.

    :raises NotPermitted: for writers, and everybody but the second person it names
    :raises OutOfDate: when it is no draft any more
    :raises Refused: for a normal change
    """
    check_did_not_write(actor, version)
    check_right(actor, PUBLISH)
    if version.is_emergency and actor.pk != version.second_person_id:
        raise NotPermitted(
            "not_permitted",
            said(
                "{version} names {person} to put it in force. Nobody else can.",
                version=version,
                person=version.second_person,
            ),
        )
    check_may(actor, PUBLISH, version, VersionState.DRAFT)
    if not version.is_emergency:
        raise Refused("refused", said("A normal change is read before it comes into force. Send it to review."))


@transaction.atomic(durable=True)
def review_emergency(*, version_id: UUID, actor: User, note: str, at: datetime) -> PolicyVersion:
    """Read an emergency change after it came into force, and say what was found. Late is better than never.

    :raises NotPermitted: `self_approval` for whoever wrote or published it
    :raises OutOfDate: when it waits for no reader
    :raises Refused: for a note of less than ten characters
    """
    version = locked(version_id)
    check_may_review(actor, version)
    note = note.strip()
    if len(note) < SHORTEST_NOTE:
        raise Refused(
            "refused", said("Say in at least {least} characters what you found.", least=SHORTEST_NOTE), "note"
        )
    refuse_card_number(note, field="note")
    version.reviewed_by, version.review_note, version.reviewed_at = actor, note, at
    version.save(update_fields=["reviewed_by", "review_note", "reviewed_at"])
    sentence = f"reviewed the emergency change, version {version.number} of {version.policy.slug}."
    record(version, "reviewed", actor, at, sentence)
    return version


def check_may_review(actor: User, version: PolicyVersion) -> None:
    """Let in a third person alone, while a reader is waited for.

    :raises NotPermitted: for writers and the publisher
    :raises OutOfDate: when it waits for no reader
    """
    check_did_not_write(actor, version, REVIEW_IT)
    if actor.pk == version.published_by_id:
        raise NotPermitted("self_approval", said("You put this version in force. A third person must review it."))
    check_right(actor, REVIEW)
    if not version.waits_for_its_reader:
        raise OutOfDate("out_of_date", said("{version} waits for no review.", version=version))


def second_people(version: PolicyVersion) -> QuerySet[User]:
    """Select who could put this draft in force at once: may publish, works for its team, wrote none of it."""
    may_publish = User.objects.with_perm(PUBLISH, backend="config.kernel.backend.PeopleBackend")
    at_hand = people_of(version.policy.team).filter(pk__in=may_publish.values("pk"))
    return at_hand.exclude(pk__in=version.writer_ids).order_by("username")


def check_second_person(person: User | None, version: PolicyVersion) -> None:
    """Refuse to name nobody, or somebody who could not sign. `version` counts everybody among its writers by now.

    :raises Refused: on `second_person`
    """
    if person is None:
        raise Refused("refused", said("Name who puts an emergency change in force."), "second_person")
    if person.pk in version.writer_ids:
        raise Refused(
            "refused", said("{person} wrote some of this version. Name somebody else.", person=person), "second_person"
        )
    if not second_people(version).filter(pk=person.pk).exists():
        raise Refused(
            "refused",
            said("{person} may not publish for {team}.", person=person, team=version.policy.team),
            "second_person",
        )
