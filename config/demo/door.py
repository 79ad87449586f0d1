"""The demo's door: who comes in without a password is put on record."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from config.kernel.people import Machine
from config.kernel.subjects import Subject
from evidence import ledger

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

CHOOSER = Machine("demo")
BECAME = "demo.became"
FIRST_MINUTES, ARE_SHOWN, ARE_HIDDEN = "first_minutes", "shown", "hidden"
"""Whether this browser is led through its first minutes; kept in the session, from one person to the next."""


@transaction.atomic
def record_becoming(user: User, *, before: str, at: datetime) -> None:
    """Put on record that somebody, until now `before`, became this person, or confirmed to be her."""
    ledger.record(
        subject=subject_of(user.username),
        kind=BECAME,
        actor=CHOOSER,
        at=at,
        sentence=f"let somebody become {user.username}.",
        data={"username": user.username, "before": before},
    )


def subject_of(username: str) -> Subject:
    """Name a person of the demo as the ledger does."""
    return Subject("person", uuid5(NAMESPACE_URL, f"redress:person:{username}"))
