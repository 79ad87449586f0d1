"""What became of the refunds that were asked for, by both sides' books: none lost, none paid twice."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from .plan import HOST
from .stores import superuser_address

if TYPE_CHECKING:
    from collections.abc import Collection

    from .plan import Plan

PATIENCE_SECONDS = 120.0
SUCCEEDED = "succeeded"
FOUND = """
    SELECT request.reference, operation.id::text, operation.state FROM refunds_refundrequest request
      LEFT JOIN refunds_operation operation ON operation.refund_request_id = request.id
     WHERE request.reference = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Books:
    """Refunds that were answered 201, paid once, and what is wrong with the others."""

    asked: int
    paid: int
    lost: list[str]
    doubled: list[str]

    @property
    def is_well(self) -> bool:
        """Whether each was paid exactly once."""
        return self.paid == self.asked and not self.lost and not self.doubled


def compare(plan: Plan, references: Collection[str]) -> Books:
    """Wait until the workers are done, then count by our books and the processor's."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    books = _compare_now(plan, references)
    while not books.is_well and not books.doubled and time.monotonic() < deadline:
        time.sleep(1)
        books = _compare_now(plan, references)
    return books


def _compare_now(plan: Plan, references: Collection[str]) -> Books:
    with psycopg.connect(superuser_address(plan, "redress")) as connection:
        rows = connection.execute(FOUND, [list(references)]).fetchall()
    made = _made_by_processor(plan)
    operations: dict[str, list[str]] = {reference: [] for reference in references}
    for reference, operation, state in rows:
        if operation and state == SUCCEEDED:
            operations[reference].append(operation)
    paid = [one for one, ids in operations.items() if sum(made[each] for each in ids) == 1]
    doubled = [one for one, ids in operations.items() if len(ids) > 1 or any(made[each] > 1 for each in ids)]
    return Books(len(operations), len(paid), sorted(operations.keys() - set(paid) - set(doubled)), doubled)


def _made_by_processor(plan: Plan) -> Counter[str]:
    address = f"http://{HOST}:{plan.ports['sandbox']}/_sandbox/books"
    with urllib.request.urlopen(address, timeout=60) as answer:
        refunds = json.loads(answer.read())["refunds"]
    return Counter(refund["metadata"].get("operation_id", "") for refund in refunds)
