"""Who looks after a break, what people say about it, and the files that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from config.kernel.people import Team, User, people_of, team_ids_of
from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.attachments import attach

from .holding import check_state, hold, words_in
from .permissions import RESOLVES, breaks_visible_to
from .vocabulary import STANDING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from evidence.models import Attachment
    from refunds.models import Break, BreakComment

LONGEST_COMMENT: Final = 2000
MOST_PEOPLE: Final = 50
BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


@transaction.atomic
def assign_break(*, break_id: UUID, owner: User | None, actor: User, at: datetime) -> Break:
    """Let somebody look after a break, oneself for instance; or nobody.

    :raises OutOfDate: when it is resolved
    :raises Refused: `not_an_owner` for somebody who could not resolve it
    """
    found = hold(break_id, actor=actor)
    check_state(found, *STANDING)
    if owner is not None and not _may_own(owner, found):
        raise Refused("not_an_owner", said("{owner} may not resolve this break.", owner=owner), "owner")
    if found.owner == owner:
        return found
    found.owner = owner
    found.save(update_fields=["owner"])
    sentence = "gave the break back." if owner is None else f"gave the break to {owner}."
    ledger.record(
        subject=found.subject,
        kind="break.assigned",
        actor=actor,
        at=at,
        sentence="took the break." if owner == actor else sentence,
        data={"owner": owner.pk if owner is not None else None},
    )
    return found


@transaction.atomic
def comment_on_break(*, break_id: UUID, text: str, actor: User, at: datetime) -> BreakComment:
    """Say something about a break, resolved or not.

    :raises Refused: for nothing, too much, or a card number
    """
    found = hold(break_id, actor=actor)
    words = words_in(text, field="text", missing=said("Say something."), most=LONGEST_COMMENT)
    comment = found.comments.create(author=actor, written_at=at, text=words)
    ledger.record(
        subject=found.subject,
        kind="break.commented",
        actor=actor,
        at=at,
        sentence="said something about the break.",
        data={"comment": str(comment.pk), "text_sha256": ledger.salted_digest(found.subject, words)},
    )
    return comment


def attach_to_break(*, break_id: UUID, kind: str, file: UploadedFile[bytes], actor: User, at: datetime) -> Attachment:
    """Keep a file that proves what a break was. Of a break of no team it is the file of the actor's first team.

    :raises Refused: `no_team` to somebody of no team, or as `evidence.attachments.attach`
    """
    with transaction.atomic():
        found = hold(break_id, actor=actor)
    team = found.team or Team.objects.filter(pk__in=team_ids_of(actor)).order_by("pk").first()
    if team is None:
        raise Refused("no_team", said("Files belong to a team, and you work for none."), "file")
    return attach(subject=found.subject, team=team, kind=kind, file=file, actor=actor, at=at)


def people_who_resolve() -> QuerySet[User]:
    """Select the people who may resolve breaks, by name."""
    people = User.objects.with_perm(RESOLVES, backend=BACKEND, include_superusers=False)
    return people.filter(is_active=True, is_service_account=False).order_by("first_name", "username")


def owners_of(found: Break) -> list[User]:
    """List who could look after a break, by name."""
    people = people_who_resolve()
    if found.team is not None:
        people = people.filter(pk__in=people_of(found.team).values("pk"))
    return list(people[:MOST_PEOPLE])


def _may_own(person: User, found: Break) -> bool:
    able = person.is_active and not person.is_service_account and person.has_perm(RESOLVES)
    return able and breaks_visible_to(person).filter(pk=found.pk).exists()
