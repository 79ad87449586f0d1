"""The books: everything the sandbox knows, in memory, and the journal it can be rebuilt from."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from refunds.gateways.sandbox.records import (
    UNDONE,
    Answer,
    Dispute,
    Event,
    FraudWarning,
    Outgoing,
    Payment,
    Refund,
    as_entry,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refunds.gateways.sandbox.journal import Journal

Row = Payment | Refund | Dispute | FraudWarning | Outgoing | Event | Answer

KEY_SECONDS = 24 * 3600
"""Stripe may forget a key after a day; this one surely does, so that whoever relies on it longer is found out."""

_KINDS: dict[str, type[Row]] = {
    "payment": Payment,
    "refund": Refund,
    "dispute": Dispute,
    "warning": FraudWarning,
    "outgoing": Outgoing,
    "event": Event,
    "answer": Answer,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class Books:
    """Payments, refunds, disputes, warnings, events and kept answers.

    Every reader and writer holds `lock`; `write` is the only way in, one call per atomic change.
    """

    def __init__(self, journal: Journal) -> None:
        """Rebuild everything from the journal."""
        self.lock = threading.RLock()
        self._journal = journal
        self._empty()
        for change in journal.read():
            self._apply(_KINDS[name](**values) for name, values in change["rows"])

    def write(self, *rows: Row) -> None:
        """Write rows down, then hold them to be true; a row with a known id replaces the old one."""
        with self.lock:
            self._journal.append({"rows": [(_NAMES[type(row)], as_entry(row)) for row in rows]})
            self._apply(rows)

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self._journal.clear()
            self._empty()

    def payment(self, reference: str) -> Payment | None:
        """Find a payment by the id of its intent or its charge."""
        return self.payments.get(reference) or self.payments_by_charge.get(reference)

    def refunds_of(self, payment: Payment) -> list[Refund]:
        """List the refunds of a payment, oldest first, undone ones too."""
        return [self.refunds[refund_id] for refund_id in self._refund_ids[payment.id]]

    def refunded(self, payment: Payment) -> int:
        """Sum what was given back and not undone."""
        return sum(refund.amount for refund in self.refunds_of(payment) if refund.status not in UNDONE)

    def dispute_of(self, payment: Payment) -> Dispute | None:
        """Find the latest dispute of a payment, if there was one."""
        return self.disputes.get(self._dispute_ids.get(payment.id, ""))

    def taken_back(self, outgoing: Outgoing) -> list[Outgoing]:
        """List what was taken back of a transfer or a fee, oldest first."""
        return [row for row in self.outgoings.values() if row.about == outgoing.id]

    def answer(self, key: str, now: float) -> Answer | None:
        """Find the answer kept for a key, unless it is a day old."""
        kept = self._answers.get(key)
        return kept if kept and kept.saved_at > now - KEY_SECONDS else None

    def next_id(self, prefix: str) -> str:
        """Make an id of Stripe's shape that sorts by its making."""
        with self.lock:
            self._made_count += 1
            return f"{prefix}_3Sbx{self._made_count:012d}"

    def totals(self) -> dict[str, dict[str, int]]:
        """Sum captured and refunded amounts per currency."""
        captured: dict[str, int] = defaultdict(int)
        refunded: dict[str, int] = defaultdict(int)
        for payment in self.payments.values():
            captured[payment.currency] += payment.amount
        for refund in self.refunds.values():
            if refund.status not in UNDONE:
                refunded[refund.currency] += refund.amount
        return {"captured": dict(captured), "refunded": dict(refunded)}

    def mark_delivered(self, event: Event) -> None:
        """Note that the webhook endpoint took an event, so that a restart does not send it again."""
        with self.lock:
            if event.id in self.events:
                self.write(replace(self.events[event.id], delivered=True))

    def settle(self) -> None:
        """Bring the journal to the disk."""
        self._journal.settle()

    def close(self) -> None:
        """Settle and let go of the journal."""
        with self.lock:
            self._journal.close()

    def _empty(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.disputes: dict[str, Dispute] = {}
        self.warnings: dict[str, FraudWarning] = {}
        self.outgoings: dict[str, Outgoing] = {}
        self.events: dict[str, Event] = {}
        self._answers: dict[str, Answer] = {}
        self.payments_by_charge: dict[str, Payment] = {}
        self._refund_ids: dict[str, list[str]] = defaultdict(list)
        self._dispute_ids: dict[str, str] = {}
        self._made_count = 0

    def _apply(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._keep(row)
            if not isinstance(row, Answer):
                self._made_count = max(self._made_count, _ordinal(row.id))

    def _keep(self, row: Row) -> None:
        match row:
            case Payment():
                self.payments[row.id] = row
                self.payments_by_charge[row.charge] = row
            case Refund():
                if row.id not in self.refunds:
                    self._refund_ids[row.payment].append(row.id)
                self.refunds[row.id] = row
            case Dispute():
                self.disputes[row.id] = row
                self._dispute_ids[row.payment] = row.id
            case FraudWarning():
                self.warnings[row.id] = row
            case Outgoing():
                self.outgoings[row.id] = row
            case Event():
                self.events[row.id] = row
            case Answer():
                self._answers[row.key] = row


def _ordinal(made_id: str) -> int:
    digits = made_id.rpartition("_3Sbx")[2]
    return int(digits) if digits.isdigit() and "_3Sbx" in made_id else 0
