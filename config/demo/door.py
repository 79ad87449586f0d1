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


@transaction.atomic
def record_becoming(user: User, *, before: str, at: datetime) -> None:
    """Put on record that somebody, until now `before`, became this person, or confirmed to be her."""
    ledger.record(
        subject=Subject("person", uuid5(NAMESPACE_URL, f"redress:person:{user.username}")),
        kind="demo.became",
        actor=CHOOSER,
        at=at,
        sentence=f"let somebody become {user.username}.",
        data={"username": user.username, "before": before},
    )
