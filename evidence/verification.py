"""Proving the ledger: every entry in its place, chained to the one before it, saying what its columns say."""

from __future__ import annotations

import json
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from config.kernel.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH_ENTRIES = 50_000
BATCHES_AHEAD = 2

_BEFORE_ALL = Subject("", UUID(int=0))

_NEXT_EDGE = """
    SELECT subject_kind, subject_id FROM evidence_ledgerentry
    WHERE (subject_kind, subject_id) > (%s, %s)
    ORDER BY subject_kind, subject_id, seq OFFSET %s LIMIT 1
"""

_JUDGE = """
    WITH linked AS (
        SELECT entry.*,
            subject_kind || ':' || subject_id AS subject,
            lag(seq) OVER chain AS seq_before,
            lag(hash) OVER chain AS hash_before,
            '{{"acting_for":' || coalesce(to_json('user:' || acting_for_id)::text, 'null')
                || ',"actor":' || to_json(coalesce('user:' || actor_id, 'machine:' || machine))
                || ',"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","data":{{'
                AS opening,
            '}},"kind":' || to_json(kind) || ',"sentence":' || to_json(sentence)
                || ',"subject_id":"' || subject_id || '","subject_kind":' || to_json(subject_kind) || '}}' AS closing
        FROM evidence_ledgerentry AS entry
        WHERE {range}
        WINDOW chain AS (PARTITION BY subject_kind, subject_id ORDER BY seq)
    ), judged AS (
        SELECT subject_kind, subject_id, seq, seq_before, CASE
            WHEN seq <> coalesce(seq_before, 0) + 1
                THEN 'follows entry ' || coalesce(seq_before, 0) || ': entries between them are missing'
            WHEN prev_hash <> coalesce(hash_before, sha256(convert_to(subject, 'UTF8')))
                THEN 'is not chained to the entry before it'
            WHEN hash <> sha256(decode('00', 'hex') || prev_hash || int4send(seq) || convert_to(payload, 'UTF8'))
                THEN 'was changed: its hash does not fit its payload'
            WHEN NOT (starts_with(payload, opening) AND right(payload, length(closing)) = closing)
                THEN 'was changed: its columns do not say what its payload says'
            END AS what
        FROM linked
    )
    SELECT count(*), count(*) FILTER (WHERE seq_before IS NULL),
        coalesce(
            json_agg(json_build_array(subject_kind, subject_id, seq, what) ORDER BY subject_kind, subject_id, seq)
                FILTER (WHERE what IS NOT NULL),
            '[]'
        )::text
    FROM judged
"""
"""RFC 8785 sorts names and escapes as PostgreSQL's to_json does, so the columns are compared without parsing JSON."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry that is not as it was written, and in what way."""

    subject: Subject
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.subject.kind} {self.subject.id}: entry {self.seq} {self.what}."


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification looked at and found."""

    entries: int
    subjects: int
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    def __add__(self, other: Report) -> Report:
        return Report(self.entries + other.entries, self.subjects + other.subjects, self.faults + other.faults)


NOTHING = Report(0, 0, ())


def verify(
    subject: Subject | None = None, progress: Callable[[int], object] | None = None, *, connections: int = 1
) -> Report:
    """Verify one chain, or all of them; `progress` hears how many entries each batch had.

    PostgreSQL does the hashing, some ten thousand entries at a time, whole chains in each batch. With several
    `connections` it does so on several processors; other connections see only what was committed. What a chain cannot
    show by itself is that its last entries, or all of it, were cut off: that is for the checkpoints.
    """
    if subject is not None:
        return _judge("subject_kind = %s AND subject_id = %s", subject)
    if connections == 1:
        return sum((_heard(_judge(*batch), progress) for batch in _batches()), NOTHING)
    report, at_work = NOTHING, set[Future[Report]]()
    with ThreadPoolExecutor(connections) as pool:
        for batch in _batches():
            at_work.add(pool.submit(_judge_apart, *batch))
            if len(at_work) >= connections * BATCHES_AHEAD:
                done, at_work = wait(at_work, return_when=FIRST_COMPLETED)
                report += sum((_heard(each.result(), progress) for each in done), NOTHING)
        return sum((_heard(each.result(), progress) for each in as_completed(at_work)), report)


def _batches() -> Iterator[tuple[str, *tuple[Subject, ...]]]:
    """Cut the ledger into ranges of whole chains."""
    lower = _BEFORE_ALL
    while (upper := _next_edge(lower)) is not None:
        yield "(subject_kind, subject_id) > (%s, %s) AND (subject_kind, subject_id) <= (%s, %s)", lower, upper
        lower = upper
    yield "(subject_kind, subject_id) > (%s, %s)", lower


def _heard(report: Report, progress: Callable[[int], object] | None) -> Report:
    if progress is not None:
        progress(report.entries)
    return report


def _judge_apart(within: str, *edges: Subject) -> Report:
    """Judge on the connection of this thread, and give it back."""
    try:
        return _judge(within, *edges)
    finally:
        connection.close()


def _next_edge(after: Subject) -> Subject | None:
    """Find the last subject of the next batch; None when the rest is one batch."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_EDGE, [*after, BATCH_ENTRIES])
        row = cursor.fetchone()
    return None if row is None else Subject(*row)


def _judge(within: str, *edges: Subject) -> Report:
    with connection.cursor() as cursor:
        cursor.execute(_JUDGE.format(range=within), [part for edge in edges for part in edge])
        entries, subjects, faults = cursor.fetchone()
    return Report(
        entries,
        subjects,
        tuple(Fault(Subject(kind, UUID(subject_id)), seq, what) for kind, subject_id, seq, what in json.loads(faults)),
    )
