"""Entries and checkpoints for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.ids import new_id
from config.kernel.people import Machine
from config.kernel.subjects import Subject
from evidence import ledger
from evidence.checkpoints.making import make_checkpoint
from evidence.ledger import NewEntry
from tests.harness.world import NOON

if TYPE_CHECKING:
    from datetime import datetime

    from evidence.models import Checkpoint

POLICY = Machine("policy")


def entries(count: int, subject: Subject | None = None) -> Subject:
    """Record some facts about one subject."""
    about = subject or Subject("plea", new_id())
    with transaction.atomic():
        ledger.record_all(
            [
                NewEntry(subject=about, kind="plea.said", actor=POLICY, at=NOON, sentence=f"said {number}.")
                for number in range(count)
            ]
        )
    return about


def checkpoint(minutes: int = 0, *, at: datetime = NOON) -> Checkpoint:
    """Make one that must come about, some minutes after noon."""
    made = make_checkpoint(at=at + timedelta(minutes=minutes))
    assert made is not None
    return made
