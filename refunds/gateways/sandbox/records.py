"""What the sandbox's books hold: payments, refunds, disputes, warnings, events, and answers kept for idempotency keys.

Amounts are in Stripe's units, currencies in small letters, times in Unix seconds: the words of the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

UNDONE = frozenset({"failed", "canceled"})


@dataclass(slots=True)
class Payment:
    """A captured card payment; without `intent` it is a bare charge, as old integrations made them."""

    id: str
    charge: str
    intent: str | None
    amount: int
    currency: str
    created: int
    method: str = "card"
    metadata: dict[str, str] = field(default_factory=dict)
    destination: str = ""


@dataclass(slots=True)
class Refund:
    """Money given back on a payment; `turns` says what it will become by itself, and when.

    `shared` names what is taken back with it on a destination charge: the transfer, and the fee.
    """

    id: str
    payment: str
    amount: int
    currency: str
    created: int
    status: str
    reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    failure_reason: str | None = None
    undone_at: int | None = None
    turns: str | None = None
    turns_at: float | None = None
    shared: tuple[str, ...] = ()


@dataclass(slots=True)
class Dispute:
    """A customer's complaint at the bank; from `taken_at` on the money is gone, until it is won."""

    id: str
    payment: str
    amount: int
    currency: str
    created: int
    due_by: int
    reason: str = "fraudulent"
    status: str = "needs_response"
    taken_at: int | None = None
    closed_at: int | None = None

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks; no money was taken."""
        return self.status.startswith("warning_")

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered or decided."""
        return self.status not in {"won", "lost", "warning_closed"}


@dataclass(slots=True)
class FraudWarning:
    """What the card network heard from the customer's bank before there is a dispute."""

    id: str
    payment: str
    created: int
    fraud_type: str = "made_with_stolen_card"


@dataclass(slots=True)
class Outgoing:
    """Money a platform moves besides refunds; `kind` is payout, transfer, reversal, fee, fee_refund or credit.

    A fee is what was taken from a charge, the others leave: `about` names the transfer or fee one takes back, or the
    customer who is credited, whose amount is negative as at Stripe. An automatic payout pays out what moved from
    `since` on and before `until`; Stripe says what, once it is reconciled.
    """

    id: str
    kind: str
    amount: int
    currency: str
    created: int
    status: str = ""
    about: str = ""
    destination: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    is_automatic: bool = False
    since: int = 0
    until: int = 0
    is_reconciled: bool = False
    failed_at: int | None = None


@dataclass(slots=True)
class Event:
    """Something that happened to an object; `snapshot` holds what was different then, `guise` how it is to be sent."""

    id: str
    type: str
    created: int
    object_id: str
    snapshot: dict[str, Any] = field(default_factory=dict)
    previous: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    copies: int = 1
    delivered: bool = False
    guise: str = ""


@dataclass(slots=True)
class Answer:
    """The first answer a key got, and what it was asked for."""

    key: str
    asked: str
    status: int
    body: str
    saved_at: int


def as_entry(row: Payment | Refund | Dispute | FraudWarning | Outgoing | Event | Answer) -> dict[str, Any]:
    """Write a row down for the journal, leaving out what is empty."""
    values = {one.name: getattr(row, one.name) for one in fields(row)}
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}
