"""The port: what a shop's refund is to us, and how one may fail to say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from refunds.carriers.base import Carrier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from config.kernel.money import Money
    from refunds.models import ShopConnection
    from refunds.orders.sold import OrderFacts


class ShopUnreachable(Exception):
    """The shop gave no usable answer; ask again later."""


class OddAnswer(Exception):
    """The shop answered what cannot be true; a person must look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a message is about, by the shop's own ids; an empty id was not told.

    Without a refund it is about the order, and everything that was given back of it.
    """

    order: str = ""
    refund: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money that went back; `external_id` is unique in its shop, `amount` is more than nothing."""

    external_id: str
    amount: Money
    left_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRefund:
    """A refund as the shop's books have it now; `words` are all words in it that may name an operation of ours.

    `is_settled` is no as long as money in it is still on its way.
    """

    order: str
    movements: Sequence[Movement]
    words: str = ""
    is_settled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A refund of ours that a shop is to know; `lines` are the pieces that came back, by the shop's own ids."""

    order: str
    operation: str
    reference: str
    amount: Money
    lines: Mapping[str, int]

    @property
    def words(self) -> str:
        """Say by which the refund is found again, and known to be ours."""
        return f"Refunded by Redress: {self.reference}, {self.amount}, operation {self.operation}."


class Shop(Carrier, Protocol):
    """A shop that can be asked. Never called inside a transaction."""

    def refunds(self, hint: Hint) -> list[ToldRefund]:
        """Read what was given back; nothing when the shop does not know it.

        :raises ShopUnreachable:
        :raises OddAnswer:
        """

    def changed_since(self, at: datetime) -> Iterator[tuple[str, str, datetime]]:
        """Walk through refunds that changed since then, oldest first: id, order, when. Empty for shops that only tell.

        :raises ShopUnreachable:
        :raises OddAnswer:
        """

    def order(self, external_id: str, connection: ShopConnection) -> OrderFacts | None:
        """Read an order with what was captured for it; nothing when the shop does not know it.

        :raises ShopUnreachable:
        :raises OddAnswer:
        """

    def orders_changed_since(self, at: datetime) -> Iterator[tuple[str, datetime]]:
        """Walk through orders that changed since then, oldest first: id, when.

        :raises ShopUnreachable:
        :raises OddAnswer:
        """

    def knows_of(self, notice: Notice) -> str:
        """Look for a refund of ours by its operation; answers what the shop calls it, or nothing.

        :raises ShopUnreachable:
        :raises OddAnswer:
        """

    def tell(self, notice: Notice) -> str:
        """Write a refund of ours down in the shop, moving no money; answers what the shop calls it.

        :raises ShopUnreachable: whether it was written or not
        :raises OddAnswer: when it refused
        """
