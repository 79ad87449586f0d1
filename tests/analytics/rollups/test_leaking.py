"""How what left of an order splits: laws that hold of every case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.rollups.leaking import Outflow, split

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

OUTFLOWS = st.lists(
    st.tuples(st.integers(1, 200), st.integers(0, 200), st.booleans(), st.booleans(), st.integers(0, 5)), max_size=6
)


def outflows(drawn: list[tuple[int, int, bool, bool, int]]) -> list[Outflow]:
    return [
        Outflow(
            key=place,
            left_at=NOON + timedelta(hours=hours),
            minor=minor,
            allowed_minor=allowed,
            is_governed=governed,
            is_goodwill=goodwill,
        )
        for place, (minor, allowed, governed, goodwill, hours) in enumerate(drawn)
    ]


class TestSplit:
    @given(OUTFLOWS, st.integers(0, 400), st.integers(0, 400))
    def test_counts_no_unit_twice(
        self, drawn: list[tuple[int, int, bool, bool, int]], captured: int, lost: int
    ) -> None:
        some = outflows(drawn)

        found = split(some, captured_minor=captured, lost_minor=lost)

        for one in some:
            parts = found[one.key]
            whole = parts.override_minor + parts.ungoverned_minor + parts.over_minor + parts.double_loss_minor
            assert 0 <= whole + parts.goodwill_minor <= one.minor
        gone = sum(one.minor for one in some)
        assert sum(parts.over_minor for parts in found.values()) == max(gone - captured, 0)
        assert sum(parts.double_loss_minor for parts in found.values()) <= lost

    @given(OUTFLOWS)
    def test_says_nothing_of_a_payment_nobody_knows(self, drawn: list[tuple[int, int, bool, bool, int]]) -> None:
        found = split(outflows(drawn), captured_minor=None, lost_minor=0)

        assert all(parts.over_minor == 0 for parts in found.values())
