"""Write down who was given which roles and, where they exclude each other, who looks after that; and new passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from approvals.conflicts import sentences_of
from config.kernel.subjects import Subject
from evidence import ledger

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from config.kernel.people import User

KIND = "person"


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


def subject_of(person: User) -> Subject:
    """Name a person in the ledger."""
    return Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{person.pk}"))
