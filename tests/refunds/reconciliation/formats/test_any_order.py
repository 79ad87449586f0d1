"""However a file is shuffled, repeated or cut in days, its lines keep their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from refunds.reconciliation.formats.adyen import SettlementDetail
from refunds.reconciliation.formats.mt940 import CustomerStatement
from refunds.reconciliation.references import Entry, keys_of
from tests.refunds.reconciliation.files import ADYEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from refunds.reconciliation.report import Report

Movement = tuple[int, int, str]
"""A day of November 2026, pence, and the bank's reference or none."""

movements = st.lists(
    st.tuples(st.integers(1, 9), st.integers(-500_00, 500_00).filter(bool), st.sampled_from(["", "B1", "B2"])),
    min_size=1,
    max_size=12,
)


def statement(lines: Sequence[Movement], *, opening: int = 100_000_00) -> str:
    """Print movements as MT940."""
    closing = opening + sum(minor for _, minor, _ in lines)
    printed = "".join(
        f":61:2611{day:02}11{day:02}{'C' if minor > 0 else 'D'}{_printed(abs(minor))}NTRFNONREF"
        f"{f'//{reference}' if reference else ''}\n:86:TEXT\n"
        for day, minor, reference in lines
    )
    return (
        f":20:S\n:25:GB33BUKB20201555555555\n:28C:1/1\n:60F:C261101GBP{_printed(opening)}\n{printed}"
        f":62F:C261109GBP{_printed(closing)}\n-\n"
    )


def _printed(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"


def named(read: Report) -> dict[str, tuple[object, ...]]:
    return {line.external_id: (line.booked_at, line.net_minor, line.source_id) for line in read.lines}


class TestLines:
    @settings(max_examples=40, deadline=None)
    @given(movements, st.randoms(use_true_random=False))
    def test_of_a_bank_have_the_same_names_in_any_order(self, lines: list[Movement], luck: object) -> None:
        shuffled = list(lines)
        luck.shuffle(shuffled)  # type: ignore[attr-defined]
        reader = CustomerStatement()

        assert named(reader.read(statement(shuffled).encode())) == named(reader.read(statement(lines).encode()))

    @settings(max_examples=40, deadline=None)
    @given(movements, st.integers(1, 9))
    def test_of_a_bank_have_the_same_names_in_files_by_day(self, lines: list[Movement], until: int) -> None:
        reader = CustomerStatement()
        parts = [[line for line in lines if line[0] <= until], [line for line in lines if line[0] > until]]

        together: dict[str, tuple[object, ...]] = {}
        for part in filter(None, parts):
            together |= named(reader.read(statement(part).encode()))

        assert together == named(reader.read(statement(lines).encode()))

    @given(st.permutations(ADYEN.splitlines()[1:]))
    def test_of_a_processor_have_the_same_names_in_any_order(self, rows: list[str]) -> None:
        reader = SettlementDetail()
        shuffled = reader.read("\n".join([ADYEN.splitlines()[0], *rows, ""]).encode())

        assert named(shuffled) == named(reader.read(ADYEN.encode()))

    @given(st.lists(st.tuples(st.sampled_from(["", "R1", "NONREF"]), st.sampled_from(["a", "b"])), max_size=8))
    def test_never_share_a_name(self, told: list[tuple[str, str]]) -> None:
        keys = keys_of([Entry("GB33", reference, said) for reference, said in told])

        assert len(set(keys)) == len(keys)
