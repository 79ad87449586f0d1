"""Proving the checkpoints: the whole tree hashed anew, every signature and every link verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection

from evidence.models import Checkpoint, CheckpointNode

from . import notes
from .copying import name_of
from .merkle import leaf_hash, node_hash
from .tree import LOWEST_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

COVERED_WITHIN: Final = timedelta(minutes=15)
"""An entry older than this, under no checkpoint, was missed; a checkpoint is made every five minutes."""

CLOCK: Final = timedelta(minutes=1)
"""A checkpoint takes its time before it gets the lock, so that a key may change in between."""

LEAVES_AT_ONCE: Final = 20_000
MOST_NAMED: Final = 100

_LEAVES = """
    SELECT leaf.position, leaf.entry_hash = entry.hash, entry.hash, entry.subject_kind, entry.subject_id, entry.seq
    FROM evidence_checkpointleaf AS leaf LEFT JOIN evidence_ledgerentry AS entry ON entry.id = leaf.entry_id
    WHERE leaf.position >= %s AND leaf.position < %s ORDER BY leaf.position
"""

_MISSED = """
    SELECT subject_kind, subject_id, seq, count(*) OVER () FROM evidence_ledgerentry AS entry
    WHERE recorded_at < %s AND NOT EXISTS (
        SELECT 1 FROM evidence_checkpointleaf AS leaf WHERE leaf.entry_id = entry.id AND leaf.position < %s
    )
    ORDER BY id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class TreeReport:
    """What was looked at, and a sentence for everything that is not as it was signed."""

    checkpoints: int
    leaves: int
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


class _Peaks:
    """A tree that grows leaf by leaf and remembers only the roots of its whole subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self.whole: dict[tuple[int, int], bytes] = {}
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, entry_hash: bytes) -> None:
        """Append a leaf."""
        level, reached = 0, leaf_hash(entry_hash)
        while self._peaks and self._peaks[-1][0] == level:
            reached = node_hash(self._peaks.pop()[1], reached)
            level += 1
            if level >= LOWEST_LEVEL:
                self.whole[level, self.size >> level] = reached
        self._peaks.append((level, reached))
        self.size += 1

    def root(self) -> bytes:
        """Fold the peaks from the right."""
        reached = self._peaks[-1][1]
        for _, peak in self._peaks[-2::-1]:
            reached = node_hash(peak, reached)
        return reached


def check_checkpoints(
    *, at: datetime, exported: Path | None = None, progress: Callable[[int], object] = lambda _count: None
) -> TreeReport:
    """Verify every checkpoint against the ledger as it is now; `progress` hears of leaves as they are hashed.

    1. Hash the tree from the entries' own hashes, in the order of the leaves; at each checkpoint's size compare roots.
    2. Verify signatures, the keys' times, and that each note names the one before it.
    3. Compare the kept subtrees, and what was copied to `exported` before somebody could have changed it.
    4. Name entries that should be under a checkpoint and are not.

    That the entries' hashes fit their content is for `evidence.verification` to say.
    """
    checkpoints = list(Checkpoint.objects.select_related("key").order_by("number"))
    faults = list(_links(checkpoints))
    size = max((each.size for each in checkpoints), default=0)
    peaks = _Peaks()
    faults += _roots(checkpoints, peaks, size, progress)
    faults += _nodes(peaks)
    if exported is not None:
        faults += _copies(checkpoints, exported)
    faults += _missed(size, at)
    return TreeReport(len(checkpoints), peaks.size, tuple(faults))


def _links(checkpoints: list[Checkpoint]) -> Iterator[str]:
    before: Checkpoint | None = None
    for place, each in enumerate(checkpoints, start=1):
        name, key = f"Checkpoint {each.number}", each.key
        if each.number != place and (before is None or each.number != before.number + 1):
            yield f"{name} follows {before.number if before else 'nothing'}: others between them are missing."
        try:
            said = notes.check_signed(each.note, name=key.name, public_key=bytes(key.public_key))
        except notes.NotANote as no:
            yield f"{name} is not signed: {no}"
            said = None
        if said is not None and (said.size, said.root, said.previous, said.at) != (
            each.size,
            bytes(each.root),
            each.previous,
            each.at,
        ):
            yield f"{name} was changed: its columns do not say what its note says."
        if key.since - CLOCK > each.at or (key.retired_at is not None and key.retired_at + CLOCK < each.at):
            yield f"{name} is signed with {key}, which was not in force then."
        if each.previous != (notes.BEFORE_ALL if before is None else notes.hash_of(before.note)):
            yield f"{name} does not follow the note before it."
        if before is not None and each.size < before.size:
            yield f"{name} covers less than the one before it."
        before = each


def _roots(checkpoints: list[Checkpoint], peaks: _Peaks, size: int, progress: Callable[[int], object]) -> Iterator[str]:
    due = sorted(checkpoints, key=lambda each: each.size, reverse=True)
    named = 0
    for start in range(0, size, LEAVES_AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES, [start, min(start + LEAVES_AT_ONCE, size)])
            rows = cursor.fetchall()
        for position, is_same, entry_hash, kind, subject_id, seq in rows:
            if position != peaks.size:
                yield f"Leaf {peaks.size} is missing; no checkpoint from there on can be recomputed."
                return
            if not is_same and named < MOST_NAMED:
                named += 1
                yield (
                    f"Leaf {position}: its entry is missing."
                    if is_same is None
                    else f"{kind} {subject_id}: entry {seq} was hashed anew after it was signed for."
                )
            peaks.add(bytes(entry_hash or b""))
            while due and due[-1].size == peaks.size:
                each = due.pop()
                if bytes(each.root) != peaks.root():
                    yield f"Checkpoint {each.number} signed another root than the ledger has now."
        progress(len(rows))
        if peaks.size < min(start + LEAVES_AT_ONCE, size):
            yield f"Leaf {peaks.size} is missing; no checkpoint from there on can be recomputed."
            return


def _nodes(peaks: _Peaks) -> Iterator[str]:
    rows = CheckpointNode.objects.values_list("level", "place", "hash").iterator(chunk_size=10_000)
    kept = {(level, place): bytes(hashed) for level, place, hashed in rows}
    wrong = [key for key, hashed in peaks.whole.items() if kept.get(key) != hashed]
    if wrong:
        yield f"{len(wrong):,} kept hashes of subtrees are not what their leaves say, first {wrong[0]}."


def _copies(checkpoints: list[Checkpoint], folder: Path) -> Iterator[str]:
    known = {name_of(each.number): each for each in checkpoints}
    for file in sorted(folder.glob("checkpoint-*.txt")):
        each = known.get(file.name)
        if each is None:
            yield f"{file.name} was exported, and there is no such checkpoint any more."
        elif file.read_bytes() != each.note.encode():
            yield f"Checkpoint {each.number} is not the one that was exported."


def _missed(size: int, at: datetime) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_MISSED, [at - COVERED_WITHIN, size, MOST_NAMED])
        rows = cursor.fetchall()
    if rows:
        kind, subject_id, seq, count = rows[0]
        yield f"{count:,} entries are under no checkpoint, first entry {seq} of {kind} {subject_id}."
