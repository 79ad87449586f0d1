"""Give a role that carries authority: one person asks for it, another confirms, and neither is the one who gets it.

Roles that sign, and roles that confirm what others may sign for, are guarded. All others are given at once, and every
role is taken away at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.module_loading import import_string

from approvals.conflicts import sentences_of
from approvals.guards import check_right, check_words
from approvals.limit_changes import ANSWERS
from approvals.models import RoleGrant
from approvals.roles import GUARDED_ROLES
from approvals.vocabulary import ANSWERED, ChangeState
from config.kernel.means import has_means, has_own_means, take_means
from config.kernel.people import User
from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import said
from evidence import ledger

from .roles import record_means, record_roles, subject_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID


@transaction.atomic
def withhold_roles(
    *, person: User, wanted: Collection[str], before: Collection[str], review: str, actor: User, at: datetime
) -> frozenset[str]:
    """Ask for the guarded ones among the roles somebody newly ticked. Answers those that are not given yet."""
    withheld = GUARDED_ROLES & (frozenset(wanted) - frozenset(before))
    if withheld:
        # Two who ask at once meet here.
        ledger.hold_chain(subject_of(person))
    known = set(RoleGrant.objects.filter(person=person, state=ChangeState.PROPOSED).values_list("role", flat=True))
    for role in sorted(withheld - known):
        grant = RoleGrant.objects.create(person=person, role=role, review=review, proposed_by=actor, proposed_at=at)
        _record(grant, "proposed", f"proposed the role {role} for {person.username}.", actor, at)
    return withheld


def waits_for_role(person: User) -> bool:
    """Tell whether somebody is to be given a guarded role: whoever confirms it has seen her mailbox, so it stays."""
    return RoleGrant.objects.filter(person=person, state=ChangeState.PROPOSED).exists()


@transaction.atomic
def confirm_grant(*, grant_id: UUID, note: str = "", actor: User, at: datetime) -> RoleGrant:
    """Give a proposed role.

    :raises NotPermitted: without the right, for one's own proposal, or for a role of one's own
    :raises OutOfDate: once it is answered, or when its proposer lost the right to give roles
    :raises Refused: when it excludes a role she was given meanwhile, or no link would reach her
    """
    grant = _waiting(grant_id, actor)
    # An administrator who sets her password at this moment waits, and then hears that she signs.
    grant.person = User.objects.select_for_update().get(pk=grant.person_id)
    if not (grant.proposed_by.is_active and grant.proposed_by.has_perm("kernel.change_user")):
        raise OutOfDate(
            "out_of_date",
            said("{who} gives nobody roles any more. Refuse it and propose anew.", who=grant.proposed_by),
        )
    before = grant.person.role_names
    conflicts = sentences_of({*before, grant.role})
    if conflicts and not grant.review:
        raise Refused.of([Reason("refused", sentence) for sentence in conflicts])
    _answer(grant, ChangeState.CONFIRMED, note.strip() and check_words(note, "note"), actor, at)
    if not GUARDED_ROLES & before:
        _begin_anew(grant, actor, at)
    grant.person.groups.add(Group.objects.get(name=grant.role))
    grant.person.__dict__.pop("_role_names", None)
    record_roles(person=grant.person, before=before, review=grant.review, actor=actor, at=at)
    return grant


@transaction.atomic
def refuse_grant(*, grant_id: UUID, note: str, actor: User, at: datetime) -> RoleGrant:
    """Turn a proposed role down, and say why.

    :raises NotPermitted: as for confirming
    :raises Refused: without words
    :raises OutOfDate: once it is answered
    """
    grant = _waiting(grant_id, actor)
    _answer(grant, ChangeState.REFUSED, check_words(note, "note"), actor, at)
    return grant


@transaction.atomic
def withdraw_grant(*, grant_id: UUID, actor: User, at: datetime) -> RoleGrant:
    """Take one's own proposal back.

    :raises Refused: for somebody else's
    :raises OutOfDate: once it is answered
    """
    grant = _locked(grant_id)
    if grant.proposed_by_id != actor.pk:
        raise Refused("not_yours", said("{who} proposed this. You may refuse it instead.", who=grant.proposed_by))
    _answer(grant, ChangeState.WITHDRAWN, "", actor, at)
    return grant


def why_not_answer(grant: RoleGrant, person: User) -> str:
    """Say why somebody with the right may not answer this proposal; empty when she may."""
    if person.pk == grant.proposed_by_id:
        return said("You proposed this. Somebody else must answer it.")
    return said("This role is your own. Somebody else must answer it.") if person.pk == grant.person_id else ""


def _begin_anew(grant: RoleGrant, actor: User, at: datetime) -> None:
    """Take what she signed in with until now, and have a link mailed to the mailbox that whoever confirms has seen.

    Before she signed, an administrator alone could set her password or change her mailbox, and add passkeys as her.
    """
    person = grant.person
    if not has_means(person):
        return
    needs_link = has_own_means(person)
    if needs_link and not import_string(settings.LINKS_SENT)([person], why="signs"):
        raise Refused(
            "refused",
            said(
                "{person} has no mail address, so no link to set a new password would arrive. Refuse this, enter the "
                "address, and propose the role anew.",
                person=person,
            ),
        )
    take_means(person=person, at=at)
    link = "; a link to set a new password is on its way" if needs_link else ""
    sentence = f"ended what {person.username} signed in with before the role {grant.role}{link}."
    record_means(person=person, sentence=sentence, actor=actor, at=at)


def _waiting(grant_id: UUID, actor: User) -> RoleGrant:
    check_right(actor, ANSWERS)
    grant = _locked(grant_id)
    if why_not := why_not_answer(grant, actor):
        raise NotPermitted("own_proposal", why_not)
    return grant


def _locked(grant_id: UUID) -> RoleGrant:
    related = ("person", "proposed_by", "answered_by")
    grant = RoleGrant.objects.select_for_update(of=("self",)).select_related(*related).get(pk=grant_id)
    if grant.state != ChangeState.PROPOSED:
        word = ANSWERED[ChangeState(grant.state)]
        raise OutOfDate(
            "already_answered",
            said("This was {word} by {who} meanwhile.", word=word, who=grant.answered_by),
        )
    return grant


def _answer(grant: RoleGrant, state: ChangeState, note: str, actor: User, at: datetime) -> None:
    grant.state, grant.answer, grant.answered_by, grant.answered_at = state, note, actor, at
    grant.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    verb = {ChangeState.CONFIRMED: "confirmed", ChangeState.REFUSED: "refused", ChangeState.WITHDRAWN: "took back"}
    asked = f"the role {grant.role} for {grant.person.username}, proposed by {grant.proposed_by.username}."
    _record(grant, state.value, f"{verb[state]} {asked} {note}".strip(), actor, at)


def _record(grant: RoleGrant, word: str, sentence: str, actor: User, at: datetime) -> None:
    ledger.record(
        subject=subject_of(grant.person),
        kind=f"person.role_{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"grant": str(grant.pk), "person": grant.person_id, "role": grant.role, "review": grant.review},
    )
