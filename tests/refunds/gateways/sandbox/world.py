"""Small books for tests that need no process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.gateways.sandbox import deeds
from refunds.gateways.sandbox.books import Books
from refunds.gateways.sandbox.journal import Journal
from refunds.gateways.sandbox.records import Payment

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_000_000


def small_world(folder: Path) -> Books:
    """Keep books with one payment, one refund and one dispute."""
    books = Books(Journal(folder))
    payment = Payment("pi_1", "ch_1", "pi_1", amount=10_000, currency="gbp", created=NOW - 86_400)
    books.write(payment)
    books.write(
        *deeds.give_back(
            books,
            payment,
            amount=2_500,
            reason=None,
            metadata={"operation_id": "op-1"},
            key="op-1-1",
            fault=None,
            now=NOW,
            turns_after_seconds=1,
        ),
    )
    books.write(*deeds.dispute(books, payment, due_by=None, now=NOW + 1))
    return books
