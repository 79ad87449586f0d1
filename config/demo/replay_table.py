"""The table at the end of a replay: every penny of the file in exactly one row, and the books beside it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.kernel.money import Money
from refunds.models import RefundRequest
from refunds.vocabulary import State

from .returns import no_requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .replay import Filed
    from .returns import ReturnLine

PAID = {State.REFUNDED, State.RECONCILED}
UNDONE = {"failed", "canceled"}
NOT_IMPORTED = "refused: unknown order"


@dataclass(slots=True)
class Row:
    """How many, and what they come to."""

    count: int = 0
    minor: int = 0

    def add(self, minor: int) -> None:
        """Count one more."""
        self.count += 1
        self.minor += minor


@dataclass(slots=True)
class Table:
    """All rows, by name; `faults` says what does not tie, in sentences."""

    currency: str
    input: Row = field(default_factory=Row)
    apart: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    requests: Row = field(default_factory=Row)
    verdicts: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    ends: dict[str, Row] = field(default_factory=lambda: defaultdict(Row))
    sandbox: Row = field(default_factory=Row)
    faults: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether every sum ties."""
        return not self.faults

    def lines(self) -> list[str]:
        """Print it."""
        rows = [("Lines of the file", self.input)]
        rows += [(f"  {name}", row) for name, row in sorted(self.apart.items())]
        rows += [("Requests", self.requests)]
        rows += [(f"  {name}", self.verdicts[name]) for name in VERDICTS if name in self.verdicts]
        rows += [("What became of them", self.requests)]
        rows += [(f"  {name}", row) for name, row in sorted(self.ends.items())]
        rows += [("Refunded by the sandbox's own books", self.sandbox)]
        printed = [f"{'':40}{'count':>8}{'sum':>18}"]
        printed += [f"{name:40}{row.count:>8,}{Money(row.minor, self.currency)!s:>18}" for name, row in rows]
        return [*printed, *self.faults]


VERDICTS = (
    "auto-approved",
    "approved by a person",
    "exception granted, outside the window",
    "exception declined, outside the window",
    "exception declined, other rule",
    "blocked",
    "undecided",
)


def tabulate(lines: Sequence[ReturnLine], filed: Iterable[Filed], books: Mapping[str, Any], *, currency: str) -> Table:
    """Count everything from the database as it is now, and lay the sandbox's books beside it."""
    table = Table(currency)
    for line in lines:
        table.input.add(line.amount_minor)
    for why, amounts in no_requests(lines).items():
        for amount in amounts:
            table.apart[why].add(amount)
    made = list(filed)
    now = RefundRequest.objects.select_related("decision").in_bulk(
        [one.refund_request.pk for one in made if one.refund_request is not None]
    )
    for one in made:
        if one.above_price_minor:
            table.apart["goods: part above the price paid"].add(one.above_price_minor)
        if one.refund_request is None:
            if one.asked_minor:
                table.apart[f"refused: {one.refusal.replace('_', ' ')}"].add(one.asked_minor)
            continue
        refund_request = now[one.refund_request.pk]
        if refund_request.requested_minor != one.asked_minor:
            table.faults.append(f"{refund_request} asks for another amount than {one.goods.credit_note}.")
        table.requests.add(refund_request.requested_minor)
        table.verdicts[_verdict(refund_request)].add(refund_request.requested_minor)
        table.ends[str(refund_request.state)].add(refund_request.amount_minor)
    _lay_beside(table, now.values(), books)
    _check(table)
    return table


def _verdict(refund_request: RefundRequest) -> str:
    decision = refund_request.decision
    if refund_request.state == State.BLOCKED:
        return "blocked"
    if refund_request.state == State.DECLINED:
        rules = {str(finding["rule"]) for finding in decision.failed} if decision is not None else set()
        return f"exception declined, {'outside the window' if 'return_window' in rules else 'other rule'}"
    if refund_request.approved_minor is None:
        return "undecided"
    if refund_request.exception_code:
        return "exception granted, outside the window"
    return "auto-approved" if refund_request.approved_by_id is None else "approved by a person"


def _lay_beside(table: Table, requests: Iterable[RefundRequest], books: Mapping[str, Any]) -> None:
    theirs: dict[str, int] = defaultdict(int)
    for refund in books["refunds"]:
        if refund["status"] not in UNDONE:
            theirs[refund["metadata"].get("refund_request", "")] += refund["amount"]
    for refund_request in requests:
        paid = theirs.get(refund_request.reference, 0)
        ours = refund_request.amount_minor if refund_request.state in PAID else 0
        if paid:
            table.sandbox.add(paid)
        if paid != ours:
            table.faults.append(f"{refund_request}: we say {ours}, the sandbox says {paid}.")


def _check(table: Table) -> None:
    parts = table.requests.minor + sum(row.minor for row in table.apart.values())
    if parts != table.input.minor:
        table.faults.append(f"The rows come to {parts}, the file to {table.input.minor}.")
    if NOT_IMPORTED in table.apart:
        count = table.apart[NOT_IMPORTED].count
        table.faults.append(f"{count} returns name orders that are not here; load them with import_orders first.")
    for kind, rows in (("verdicts", table.verdicts), ("ends", table.ends)):
        if sum(row.count for row in rows.values()) != table.requests.count:
            table.faults.append(f"The {kind} do not add up to the requests.")
    for state, row in table.ends.items():
        if state not in {State.RECONCILED, State.DECLINED, State.BLOCKED}:
            table.faults.append(f"{row.count} requests did not come to an end: {state}.")
    if table.ends[State.RECONCILED].minor != table.sandbox.minor:
        table.faults.append("What is reconciled is not what the sandbox paid.")
