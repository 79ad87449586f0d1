"""The same month told in any order, twice, or cut into files that overlap leaves the same matches and books."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.kernel.money import Money
from refunds.books.posting import post_journal
from refunds.models import JournalEntry, Match, StatementLine
from refunds.reconciliation.importing import run_import, upload_statement
from tests.harness.known import payment_behind
from tests.refunds.books import LATER, csv_file, fresh, paid
from tests.refunds.journal.lines import balances

from .reports import report, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import Team, User
    from refunds.models import Operation

pytestmark = pytest.mark.django_db

Row = dict[str, str]
KINDS = ("right", "penny apart", "twice", "back", "unknown", "by payment", "fee")


def told(number: int, kind: str, operation: Operation) -> list[Row]:
    """Tell of one refund as a processor would, right or with something the matter."""
    own = str(operation.pk)
    amount = f"-{operation.amount.major}"
    name = f"txn_{number}"
    return {
        "right": [row(name, amount, operation=own)],
        "penny apart": [row(name, f"-{Money(operation.amount_minor + 1, 'GBP').major}", operation=own)],
        "twice": [row(name, amount, operation=own), row(f"{name}_again", amount, operation=own)],
        "back": [
            row(name, amount, operation=own),
            row(f"{name}_back", amount[1:], category="refund_failure", operation=own),
        ],
        "unknown": [row(name, amount, operation="01a1fb00-0000-7000-8000-000000000000")],
        "by payment": [row(name, amount, source_id="", payment_intent_id=payment_behind(operation).external_id)],
        "fee": [row(name, amount, operation=own, fee="0.20"), row(f"{name}_fee", "-0.30", category="fee")],
    }[kind]


def taken_in(files: Sequence[Sequence[Row]], lena: User) -> None:
    """Upload one file after the other and let each be matched."""
    for rows in files:
        if not rows:
            continue
        _, job = upload_statement(account="stripe", file=csv_file(report(rows)), actor=lena, at=LATER)
        if job is not None:
            run_import(job_id=job.pk, at=LATER)


def outcome(operations: Sequence[Operation]) -> tuple[object, ...]:
    """Say what came of it. Of two lines about one refund either may be the first, so these are only counted."""
    lines = list(StatementLine.objects.values_list("external_id", "result", "result_note"))
    told_again = {name.removesuffix("_again") for name, *_ in lines if name.endswith("_again")}
    singles = sorted(one for one in lines if one[0].removesuffix("_again") not in told_again)
    doubles = sorted(Counter(one[1:] for one in lines if one not in singles).items())
    matched = sorted(map(str, Match.objects.values_list("operation_id", flat=True)))
    states = [str(fresh(one.refund_request).state) for one in operations]
    post_journal(at=LATER)
    kinds = sorted(Counter(JournalEntry.objects.values_list("kind", flat=True)).items())
    return singles, doubles, matched, states, sorted(balances().items()), kinds


@st.composite
def files_of(draw: st.DrawFn, count: int) -> list[list[int]]:
    """Put the numbers of all lines into files: in any order, each at least once, some in several files."""
    order = draw(st.permutations(range(count)))
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=1)))
    pieces = [list(order[a:b]) for a, b in zip([0, *cuts], [*cuts, count], strict=True)]
    overlap = draw(st.lists(st.integers(0, count - 1), max_size=4, unique=True))
    return [list(dict.fromkeys([*piece, *overlap])) for piece in pieces if piece]


class TestAMonth:
    @pytest.mark.slow
    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
    def test_is_the_same_however_it_is_told(
        self, lena: User, north: Team, data: st.DataObject, kinds: list[str]
    ) -> None:
        outcomes = []
        start = transaction.savepoint()
        operations = [paid(team=north, amount_minor=1000 + 10 * number) for number, _ in enumerate(kinds)]
        rows = [one for number, kind in enumerate(kinds) for one in told(number, kind, operations[number])]
        files = data.draw(files_of(len(rows)), label="files")
        for told_as in ([rows], [[rows[place] for place in file] for file in files]):
            here = transaction.savepoint()
            taken_in(told_as, lena)
            outcomes.append(outcome(operations))
            transaction.savepoint_rollback(here)
        transaction.savepoint_rollback(start)

        assert outcomes[0] == outcomes[1]
