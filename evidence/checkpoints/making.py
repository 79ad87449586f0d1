"""Making a checkpoint: every new entry gets its place in the tree, and the root of all is signed."""

from __future__ import annotations

import time
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from evidence.models import Checkpoint, CheckpointErrand

from .keys import LOCK, key_to_sign_with
from .notes import BEFORE_ALL, Statement, hash_of, sign
from .tree import StoredTree

if TYPE_CHECKING:
    from datetime import date, datetime

MOST_LEAVES = 100_000
"""How many entries one checkpoint takes up; more wait for the next one, which follows at once."""

PATIENCE_SECONDS = 5.0

_TAKE_PLACES = """
    INSERT INTO evidence_checkpointleaf (position, entry_id, entry_hash)
    SELECT %(size)s::bigint + row_number() OVER (ORDER BY id) - 1, id, hash FROM (
        SELECT entry.id, entry.hash FROM evidence_ledgerentry AS entry
        WHERE entry.id > %(settled)s::bigint
            AND NOT EXISTS (SELECT 1 FROM evidence_checkpointleaf AS leaf WHERE leaf.entry_id = entry.id)
        ORDER BY entry.id LIMIT %(most)s::bigint
    ) AS fresh
    RETURNING position, entry_id, entry_hash
"""

_WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'evidence_ledgerentry'::regclass AND mode = 'RowExclusiveLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid IS DISTINCT FROM pg_backend_pid()
"""


def catch_up(*, at: datetime) -> Checkpoint | None:
    """Make checkpoints until every entry is under one; answers the last one made, None when there was nothing to do."""
    made = last = make_checkpoint(at=at)
    while made is not None:
        last = made
        made = make_checkpoint(at=at)
    return last


@transaction.atomic(durable=True)
def make_checkpoint(*, at: datetime) -> Checkpoint | None:
    """Give each new entry its place and sign the root of all; the first one of a day (UTC) closes the day before.

    1. One at a time: whoever does not get the lock leaves it to the one that has it.
    2. Note how far every transaction that could still write is known to be over.
    3. Append the entries that have no place yet, the oldest id first.
    4. Keep the hashes of the subtrees that became whole.
    5. Sign, and write down what is to be done with it elsewhere.

    All of it is one transaction: killed anywhere, nothing of it has happened. Answers None when nothing is new and no
    day is to be closed, or when somebody else is at it.

    :raises UnableToSign: without the private key
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    last = Checkpoint.objects.order_by("-number").first()
    old, settled = (last.size, last.settled_id) if last is not None else (0, 0)
    settled_now = _settled_since(settled)
    leaves = _take_places(size=old, settled=settled)
    closes_on = _day_to_close(last, at)
    if not leaves and (closes_on is None or not old):
        return None
    if len(leaves) == MOST_LEAVES:
        settled_now = min(settled_now, leaves[-1][1])
    size = old + len(leaves)
    tree = StoredTree()
    tree.know_leaves(old, (bytes(entry_hash) for _, _, entry_hash in leaves))
    tree.grow(old=old, new=size)
    checkpoint = _sign(last, size=size, root=tree.hash_of(0, size), at=at, settled_id=settled_now, closes_on=closes_on)
    _send_elsewhere(checkpoint, at)
    return checkpoint


def _settled_since(settled: int) -> int:
    """Answer an id below which nothing can appear any more; `settled` again when somebody writes for too long.

    Ids are given before transactions commit, so that a smaller one may appear after a larger one. Whoever was given an
    id holds the table's lock for writers until the end: once all who held it after we saw the largest id are gone,
    every smaller id is visible or will never be.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM evidence_ledgerentry")
        largest: int = cursor.fetchone()[0]
        cursor.execute(_WRITERS)
        writers = {row[0] for row in cursor.fetchall()}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while writers and time.monotonic() < deadline:
            time.sleep(0.02)
            cursor.execute(_WRITERS)
            writers &= {row[0] for row in cursor.fetchall()}
    return settled if writers else largest


def _take_places(*, size: int, settled: int) -> list[tuple[int, int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_PLACES, {"size": size, "settled": settled, "most": MOST_LEAVES})
        return sorted(cursor.fetchall())


def _day_to_close(last: Checkpoint | None, at: datetime) -> date | None:
    today = at.astimezone(UTC).date()
    is_over = last is not None and last.at.astimezone(UTC).date() < today
    return today - timedelta(days=1) if is_over else None


def _sign(
    last: Checkpoint | None, *, size: int, root: bytes, at: datetime, settled_id: int, closes_on: date | None
) -> Checkpoint:
    key, private = key_to_sign_with(at=at)
    previous = BEFORE_ALL if last is None else hash_of(last.note)
    statement = Statement(key.name, size, root, previous, at)
    return Checkpoint.objects.create(
        number=1 if last is None else last.number + 1,
        size=size,
        root=root,
        previous=previous,
        at=at,
        key=key,
        note=sign(statement, name=key.name, private_key=private),
        settled_id=settled_id,
        closes_on=closes_on,
    )


def _send_elsewhere(checkpoint: Checkpoint, at: datetime) -> None:
    kinds = [CheckpointErrand.Kind.COPY] if settings.CHECKPOINT_EXPORT else []
    if settings.TIMESTAMP_URL and checkpoint.closes_on is not None:
        kinds.append(CheckpointErrand.Kind.STAMP)
    CheckpointErrand.objects.bulk_create(
        CheckpointErrand(checkpoint=checkpoint, kind=kind, next_at=at) for kind in kinds
    )
