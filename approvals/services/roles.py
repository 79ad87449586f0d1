"""Write down who was given which roles and, where they exclude each other, who looks after that; and new passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from approvals.conflicts import sentences_of
from config.kernel.people import Machine
from config.kernel.subjects import Subject
from evidence import ledger

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from config.kernel.people import User

KIND = "person"
INSTALLER = Machine("installer")
"""Whoever holds the server."""


def record_roles(*, person: User, before: Collection[str], review: str, actor: User, at: datetime) -> None:
    """Record a change of somebody's roles; `review` says how roles that exclude each other are looked after."""
    after = person.role_names
    if frozenset(before) == after and not review:
        return
    now = ", ".join(sorted(after)) or "none"
    sentence = f"gave {person.username} the roles {now}; before: {', '.join(sorted(before)) or 'none'}."
    conflicts = sentences_of(after)
    if conflicts:
        sentence += f" Small team. {' '.join(conflicts)} Compensating review: {review}"
    ledger.record(
        subject=subject_of(person),
        kind="person.roles_given",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "person": person.pk,
            "before": sorted(before),
            "after": sorted(after),
            "conflicts": conflicts,
            "review": review,
        },
    )


def record_password(*, person: User, actor: User, at: datetime) -> None:
    """Record that somebody set another's password; she knows it from then on."""
    ledger.record(
        subject=subject_of(person),
        kind="person.password_set",
        actor=actor,
        at=at,
        sentence=f"set the password of {person.username}.",
        data={"person": person.pk},
    )


def record_first(*, person: User, at: datetime) -> None:
    """Record that somebody was made an administrator before there was anybody to confirm it."""
    ledger.record(
        subject=subject_of(person),
        kind="person.first",
        actor=INSTALLER,
        at=at,
        sentence=f"made {person.username} an administrator while the portal was empty.",
        data={"person": person.pk, "after": sorted(person.role_names)},
    )


def record_token(*, person: User, days: int, step_up_until: datetime | None, at: datetime) -> None:
    """Record that whoever holds the server made a token that acts as this person."""
    ledger.record(
        subject=subject_of(person),
        kind="person.token_issued",
        actor=INSTALLER,
        at=at,
        sentence=f"issued a token that acts as {person.username} for {days} days, from the server's command line.",
        data={
            "person": person.pk,
            "days": days,
            "step_up_until": step_up_until.isoformat() if step_up_until else None,
        },
    )


def record_means(*, person: User, sentence: str, actor: User, at: datetime) -> None:
    """Record that what somebody signs in with has changed."""
    ledger.record(
        subject=subject_of(person),
        kind="person.means_changed",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"person": person.pk},
    )


def record_everybody_out(*, why: str, count: int, is_actor_too: bool, actor: User, at: datetime) -> None:
    """Record that an administrator ended everybody's sessions; it stands beside her own account."""
    ledger.record(
        subject=subject_of(actor),
        kind="person.signed_everybody_out",
        actor=actor,
        at=at,
        sentence=f"signed everybody out, {count} sessions. Why: {why}",
        data={"count": count, "is_actor_too": is_actor_too},
    )


def subject_of(person: User) -> Subject:
    """Name a person in the ledger."""
    return Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{person.pk}"))
