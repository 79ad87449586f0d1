"""What a shop tells us of an order, before we believe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """Somebody who bought, under the shop's own id; what the shop leaves empty stays as we know it."""

    external_id: str
    name: str = ""
    email: str = ""
    country: str = ""
    language: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One position: `quantity` pieces at `unit_price_minor` each."""

    line: str
    sku: str
    quantity: int
    unit_price_minor: int
    title: str = ""
    category: str = ""
    final_sale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A captured charge under the processor's own id."""

    gateway: str
    external_id: str
    captured_minor: int
    currency: str
    captured_at: datetime
    method: str = ""
    last4: str = ""
    is_destination_charge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """One order of one channel; `team` is a slug, times carry a zone.

    `currency` is what an order without payments is in; `changed_at` is when a shop that we ask last changed it.
    """

    channel: str
    external_id: str
    team: str
    placed_at: datetime
    lines: Sequence[LineFacts]
    payments: Sequence[PaymentFacts] = ()
    customer: CustomerFacts | None = None
    delivered_at: datetime | None = None
    shipping_minor: int = 0
    currency: str = ""
    changed_at: datetime | None = None
