"""Replaying many decisions: batch by batch, in several processes, with a report of what came out otherwise."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from django.db import connections

from .models import PolicyDecision, PolicyVersion
from .replaying import COLUMNS, Stored, document_of, replay_stored, was_rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from .engine.document import PolicyDocument
    from .replaying import Difference

BATCH_DECISIONS = 5_000
"""A batch is judged by one process; its rows come through a cursor, so that memory stays the same at any number."""

READ_AT_ONCE = 500
MOST_NAMED = 20


class Differing(NamedTuple):
    """A decision that does not replay: what people call it, its id, and everything that differs."""

    reference: str
    id: UUID
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        told = "; ".join(str(difference) for difference in self.differences)
        return f"{self.reference or 'no reference'} ({self.id}): {told}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which decisions: of the policy with this slug, decided since a moment; all of them when nothing is said."""

    policy: str = ""
    since: datetime | None = None

    @property
    def decisions(self) -> QuerySet[PolicyDecision]:
        """The rows in the order of their ids."""
        found = PolicyDecision.objects.order_by("pk")
        if self.policy:
            found = found.filter(version__in=PolicyVersion.objects.filter(policy__slug=self.policy))
        return found if self.since is None else found.filter(decided_at__gte=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a replay found; of the decisions that differ, the first `MOST_NAMED` by id are named.

    `rewritten` counts trials of a version in shadow that was made a draft again afterwards: the edition that said them
    is gone, and they moved nothing.
    """

    equal: int = 0
    different: int = 0
    rewritten: int = 0
    named: tuple[Differing, ...] = ()

    @property
    def checked(self) -> int:
        """How many were judged again."""
        return self.equal + self.different

    @property
    def read(self) -> int:
        """How many rows were looked at."""
        return self.checked + self.rewritten

    def __add__(self, other: Report) -> Report:
        return Report(
            equal=self.equal + other.equal,
            different=self.different + other.different,
            rewritten=self.rewritten + other.rewritten,
            named=(self.named + other.named)[:MOST_NAMED],
        )


def replay_all(
    wanted: Wanted,
    *,
    limit: int | None = None,
    jobs: int = 1,
    progress: Callable[[int], object] = lambda _read: None,
) -> Report:
    """Replay the wanted decisions, oldest id first, at most `limit`, in `jobs` processes.

    `progress` hears how many rows each batch had. With more than one process the caller's own connection is closed, so
    it must not be in a transaction; with one the work is done right here.
    """
    batches = list(_batches(wanted, limit))
    report = Report()
    found: Iterator[Report]
    if jobs == 1 or len(batches) <= 1:
        found = map(partial(_replay_batch, wanted), batches)
    else:
        # A connection must not be shared with a child; each opens its own.
        connections.close_all()
        pool = ProcessPoolExecutor(min(jobs, len(batches)), mp_context=get_context("fork"))
        found = pool.map(partial(_replay_batch, wanted), batches)
    for part in found:
        report += part
        progress(part.read)
    return report


class _Batch(NamedTuple):
    """Decisions with an id above `after` and not above `until`."""

    after: UUID | None
    until: UUID


def _batches(wanted: Wanted, limit: int | None) -> Iterator[_Batch]:
    """Cut the ids into ranges before anything is judged; decisions that come meanwhile are the next run's."""
    after, left = None, limit
    while left is None or left > 0:
        size = BATCH_DECISIONS if left is None else min(BATCH_DECISIONS, left)
        rest = wanted.decisions if after is None else wanted.decisions.filter(pk__gt=after)
        ids = rest.values_list("pk", flat=True)
        until = ids[size - 1 : size].first() or ids.order_by("-pk").first()
        if until is None:
            return
        yield _Batch(after, until)
        after, left = until, None if left is None else left - size


def _replay_batch(wanted: Wanted, batch: _Batch) -> Report:
    rows = wanted.decisions.filter(pk__lte=batch.until)
    if batch.after is not None:
        rows = rows.filter(pk__gt=batch.after)
    documents: dict[UUID, PolicyDocument | str] = {}
    equal = different = rewritten = 0
    named: list[Differing] = []
    for row in rows.values_list(*COLUMNS).iterator(chunk_size=READ_AT_ONCE):
        stored = Stored(*row)
        if was_rewritten(is_trial=stored.is_trial, decided_at=stored.decided_at, shadow_since=stored.shadow_since):
            rewritten += 1
            continue
        document = documents.get(stored.version_id)
        if document is None:
            document = documents[stored.version_id] = document_of(stored.version_id)
        differences = replay_stored(stored, document).differences
        if not differences:
            equal += 1
            continue
        different += 1
        if len(named) < MOST_NAMED:
            named.append(Differing(stored.reference, stored.id, differences))
    return Report(equal=equal, different=different, rewritten=rewritten, named=tuple(named))
