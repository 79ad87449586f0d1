"""Reading a year from the database: exactly what was written, whoever asks, in few queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.patterns.finding import signals_in
from analytics.patterns.identity import Identity
from analytics.patterns.reading import observe

from .year import FROM_AT, LIMIT, SERIAL, TEAM, TO_AT

if TYPE_CHECKING:
    from analytics.patterns.rows import Asked, Observed

    from .year import Year


def look(**more: Any) -> Observed:
    return observe(**{"teams": [TEAM], "from_at": FROM_AT, "to_at": TO_AT, **more})


def plain(read: Observed) -> list[Asked]:
    """Take the limits of people off that the made-up year knows nothing of."""
    return [replace(one, limits=(LIMIT.minor,)) for one in read.requests]


class TestObserve:
    def test_reads_exactly_what_was_written(self, year: Year, db: None) -> None:
        written, read = year.observed(), look()
        known = {one.id: one for one in read.requests}

        # Dana may sign up to 500.00, which is a limit too.
        assert {one.limits for one in read.requests} == {(LIMIT.minor, 500_00)}
        assert plain(read) == written.requests
        assert read.decisions == [
            replace(one, rationale=one.rationale.casefold(), request=known[one.request.id]) for one in written.decisions
        ]
        assert LIMIT in read.limits
        assert read.photos == written.photos
        assert read.linked == {SERIAL: Identity(SERIAL, 3, ("mailbox",))}
        assert read.disputed == written.disputed
        assert (read.from_at, read.to_at) == (written.from_at, written.to_at)

    def test_finds_the_same_signals_as_the_plain_rows(self, year: Year, db: None) -> None:
        written, read = signals_in(year.observed()), signals_in(look())

        # Three accounts of one somebody are three that bought; else nothing tells the two apart.
        assert {(one.kind.slug, one.key, one.rows) for one in written} == {
            (one.kind.slug, one.key, one.rows) for one in read
        }

    def test_asks_as_many_queries_however_many_rows(self, year: Year, db: None) -> None:
        late = TO_AT - timedelta(days=30)
        counts = []
        look(from_at=late)
        for since in (late, FROM_AT):
            with CaptureQueriesContext(connection) as asked:
                look(from_at=since)
            counts.append(len(asked))

        assert counts[0] == counts[1] <= 24

    def test_reads_nothing_of_other_teams(self, year: Year, db: None) -> None:
        read = look(teams=[TEAM + 1])

        assert (read.requests, read.decisions, read.photos, read.order_count) == ([], [], [], 0)
        assert signals_in(read) == []

    def test_keeps_to_the_newest_and_says_from_when(self, year: Year, db: None) -> None:
        read = look(most=500)

        newest = year.observed().requests[-500:]
        assert read.is_cut
        assert plain(read) == newest
        assert year.observed().requests[-501].submitted_at < read.from_at <= newest[0].submitted_at
        assert read.to_at == TO_AT
