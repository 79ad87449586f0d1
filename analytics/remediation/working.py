"""Working on an item: who owns it, what the cause is, what was changed, what people say, the files that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from approvals.guards import check_right
from config.kernel.people import Team, User, team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.attachments import attach

from .lifecycle import advance, hold_locked
from .permissions import OVERSEES, REOPENS, SEES, WORKS
from .saying import LONGEST_VERSION, link_in, words_in
from .vocabulary import ItemState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from analytics.models import RemediationItem, RemediationNote
    from evidence.models import Attachment

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


@transaction.atomic
def assign_item(*, item_id: UUID, owner: User | None, actor: User, at: datetime) -> RemediationItem:
    """Let somebody own an item, oneself for instance; or nobody.

    :raises OutOfDate: once closing was agreed to
    :raises Refused: `not_an_owner` for somebody who could not work on it
    """
    item = _hold(item_id, actor)
    if not item.is_unfinished:
        state = item.get_state_display().lower()
        raise OutOfDate("out_of_date", said("This item is in another state by now: {state}.", state=state))
    if owner is not None and not people_who_work().filter(pk=owner.pk).exists():
        raise Refused("not_an_owner", said("{owner} may not work on remediation items.", owner=owner), "owner")
    if item.owner == owner:
        return item
    item.owner = owner
    item.save(update_fields=["owner"])
    given = "gave the item back." if owner is None else f"gave the item to {owner}."
    ledger.record(
        subject=item.subject,
        kind="remediation_item.assigned",
        actor=actor,
        at=at,
        sentence="took the item." if owner == actor else given,
        data={"owner": owner.pk if owner is not None else None},
    )
    return item


@transaction.atomic
def find_cause(*, item_id: UUID, hypothesis: str, actor: User, at: datetime) -> RemediationItem:
    """Say what the cause is thought to be.

    :raises Refused: without words, or without an owner
    """
    item = _hold(item_id, actor)
    written = words_in(hypothesis, field="hypothesis", missing=said("Say what you think the cause is."))
    advance(
        item,
        "find_cause",
        actor=actor,
        at=at,
        sentence="said what the cause is.",
        columns={"hypothesis": written},
        data={"hypothesis_sha256": ledger.salted_digest(item.subject, written)},
    )
    return item


@transaction.atomic
def make_change(
    *, item_id: UUID, change: str, sop_link: str, sop_version: str, actor: User, at: datetime
) -> RemediationItem:
    """Say what was changed, and in which edition of which procedure it is written, where it is.

    :raises Refused: without words, for a link that is none, or a link without a version
    """
    item = _hold(item_id, actor)
    written = words_in(change, field="change", missing=said("Say what was changed."))
    link, version = link_in(sop_link, field="sop_link"), words_in(sop_version, field="sop_version")
    if len(version) > LONGEST_VERSION:
        raise Refused("invalid", said("A version has at most {most} characters.", most=LONGEST_VERSION), "sop_version")
    if bool(link) != bool(version):
        raise Refused(
            "invalid", said("Name the procedure and its version, or neither."), "sop_version" if link else "sop_link"
        )
    advance(
        item,
        "make_change",
        actor=actor,
        at=at,
        sentence="made the change." if not link else f"made the change, in version {version} of the procedure.",
        columns={"change": written, "sop_link": link, "sop_version": version},
        data={
            "change_sha256": ledger.salted_digest(item.subject, written),
            "sop_link_sha256": ledger.salted_digest(item.subject, link) if link else "",
            "sop_version": version,
        },
    )
    return item


@transaction.atomic
def step_back(*, item_id: UUID, why: str, actor: User, at: datetime) -> RemediationItem:
    """Begin again by hand: the cause was another one.

    :raises Refused: without a reason
    """
    check_right(actor, REOPENS)
    item = _hold(item_id, actor)
    written = words_in(why, field="why", missing=said("Say why it begins again."))
    advance(
        item,
        "reopen",
        actor=actor,
        at=at,
        sentence="opened the item again.",
        columns={"reopened_why": written},
        data={"why_sha256": ledger.salted_digest(item.subject, written)},
    )
    return item


@transaction.atomic
def note_on_item(*, item_id: UUID, text: str, actor: User, at: datetime) -> RemediationNote:
    """Say something about an item, closed or not.

    :raises Refused: for nothing, too much, or a card number
    """
    item = _hold(item_id, actor)
    written = words_in(text, field="text", missing=said("Say something."))
    note = item.notes.create(author=actor, written_at=at, text=written)
    ledger.record(
        subject=item.subject,
        kind="remediation_item.noted",
        actor=actor,
        at=at,
        sentence="said something about the item.",
        data={"note": str(note.pk), "text_sha256": ledger.salted_digest(item.subject, written)},
    )
    return note


def attach_to_item(*, item_id: UUID, kind: str, file: UploadedFile[bytes], actor: User, at: datetime) -> Attachment:
    """Keep a file that proves something about an item, as a file of the actor's first team.

    :raises Refused: `no_team` to somebody of no team, or as `evidence.attachments.attach`
    """
    with transaction.atomic():
        item = _hold(item_id, actor)
    if item.state == ItemState.CLOSED:
        raise OutOfDate("out_of_date", said("This item is closed."))
    team = Team.objects.filter(pk__in=team_ids_of(actor)).order_by("pk").first()
    if team is None:
        raise Refused("no_team", said("Files belong to a team, and you work for none."), "file")
    return attach(subject=item.subject, team=team, kind=kind, file=file, actor=actor, at=at)


def people_who_work() -> QuerySet[User]:
    """Select the people who may work on items, by name."""
    return _people_with(WORKS)


def people_who_oversee() -> QuerySet[User]:
    """Select the leads: who hears of what stays overdue."""
    return _people_with(OVERSEES)


def _people_with(permission: str) -> QuerySet[User]:
    people = User.objects.with_perm(permission, backend=BACKEND, include_superusers=False)
    return people.filter(is_active=True, is_service_account=False).order_by("first_name", "username")


def _hold(item_id: UUID, actor: User) -> RemediationItem:
    check_right(actor, SEES)
    check_right(actor, WORKS)
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("Remediation is done by people."))
    return hold_locked(item_id=item_id)
