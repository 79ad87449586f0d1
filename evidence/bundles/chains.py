"""The part of a bundle that proves: chains led to one checkpoint, the checkpoints, and the keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from evidence.checkpoints.copying import name_of
from evidence.checkpoints.merkle import consistency_path, inclusion_path
from evidence.checkpoints.proving import public_keys
from evidence.checkpoints.tree import StoredTree
from evidence.models import Checkpoint, CheckpointLeaf, LedgerEntry

from .packing import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config.kernel.subjects import Subject

MOST_DAYS: Final = 400
"""How many days back the last checkpoint of each goes along, so that whoever holds one of them can be led from it."""

MOST_RECENT: Final = 24
ENTRIES_BEFORE_FORGETTING: Final = 1_000
"""How many proofs the hashes that were read are kept for; a tile of 256 leaves may belong to each."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The record of one subject, line by line, what its payloads say, and how many entries have no proof yet."""

    content: bytes
    payloads: list[dict[str, Any]]
    unproven_count: int


class Prover:
    """Leads chains to one checkpoint."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Prove everything under this checkpoint."""
        self.checkpoint = checkpoint
        self._tree = StoredTree()
        self._proven = 0

    def chain_of(self, subject: Subject) -> Chain:
        """Write the chain of a subject with a proof for each entry that the checkpoint covers."""
        about = LedgerEntry.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
        entries = list(about.order_by("seq"))
        covered = CheckpointLeaf.objects.filter(entry__in=entries, position__lt=self.checkpoint.size)
        places = dict(covered.values_list("entry_id", "position"))
        if self._proven + len(places) > ENTRIES_BEFORE_FORGETTING:
            self._tree, self._proven = StoredTree(), 0
        self._proven += len(places)
        return Chain(
            content=b"".join(self._line(entry, places.get(entry.pk)) for entry in entries),
            payloads=[json.loads(entry.payload) for entry in entries],
            unproven_count=len(entries) - len(places),
        )

    def _line(self, entry: LedgerEntry, position: int | None) -> bytes:
        path = [] if position is None else inclusion_path(position, self.checkpoint.size, self._tree.hash_of)
        return one_line(
            {
                "seq": entry.seq,
                "prev_hash": bytes(entry.prev_hash).hex(),
                "hash": bytes(entry.hash).hex(),
                "payload": entry.payload,
                "position": position,
                "path": [step.hex() for step in path],
            }
        )


def checkpoint_files(latest: Checkpoint, *, known: int | None) -> Iterator[tuple[str, bytes]]:
    """Write the checkpoints that an auditor may hold already up to the latest, the growth between them, the keys.

    Those are the last one of each of the last days, the latest few, and the one that she named.
    """
    older = Checkpoint.objects.filter(number__lte=latest.number)
    days = older.filter(closes_on__isnull=False).order_by("-number").values_list("number", flat=True)[:MOST_DAYS]
    recent = older.order_by("-number").values_list("number", flat=True)[:MOST_RECENT]
    wanted = Q(number__in=list(days)) | Q(number__in=list(recent)) | Q(number=known or latest.number)
    checkpoints = list(older.filter(wanted).order_by("number"))
    for each in checkpoints:
        yield f"checkpoints/{name_of(each.number)}", each.note.encode()
    tree = StoredTree()
    yield "consistency.jsonl", b"".join(_growth(old, new, tree) for old, new in pairwise(checkpoints))
    yield "keys.json", one_line(_keys())


def moment(at: datetime) -> str:
    """Write a time as the ledger and the checkpoints do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _growth(old: Checkpoint, new: Checkpoint, tree: StoredTree) -> bytes:
    path = [] if old.size == new.size else consistency_path(old.size, new.size, tree.hash_of)
    return one_line({"from": old.number, "to": new.number, "path": [step.hex() for step in path]})


def _keys() -> list[dict[str, Any]]:
    return [
        {
            "key_id": key.key_id,
            "name": key.name,
            "public_key": bytes(key.public_key).hex(),
            "since": moment(key.since),
            "retired_at": None if key.retired_at is None else moment(key.retired_at),
        }
        for key in public_keys()
    ]
