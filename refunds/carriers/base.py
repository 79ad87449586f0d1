"""The port: a parcel of an order as a carrier's books have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One parcel, under an id of its own in the order; without `delivered_at` it is under way, or nobody knows."""

    external_id: str
    carrier: str = ""
    tracking: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


class Carrier(Protocol):
    """Whoever can say where the parcels of an order are. Never called inside a transaction."""

    def parcels(self, order: str) -> list[Parcel]:
        """Read the parcels of an order, by its id outside; none when it does not know any.

        :raises ShopUnreachable:
        :raises OddAnswer:
        """
