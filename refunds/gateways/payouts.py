"""The port for what a processor pays out by itself: which payouts there are, and what each consists of.

As in `base`: no Django, no model; amounts are ISO minor units, times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPayout:
    """A payout to our bank account as the processor's books have it now.

    `is_reconciled` says that the processor knows every line of it; a manual payout never is. One that is `paid` can
    turn `failed` days later.
    """

    external_id: str
    status: str
    amount_minor: int
    currency: str
    is_automatic: bool
    is_reconciled: bool
    created_at: datetime
    arrives_on: date
    failure: str = ""

    @property
    def is_back(self) -> bool:
        """Whether the money did not stay at the bank."""
        return self.status in {"failed", "canceled"}


@runtime_checkable
class PayoutGateway(Protocol):
    """Somebody who pays out by himself and says what of."""

    name: str

    def payout(self, external_id: str) -> ProviderPayout | None:
        """Read one payout; None when the processor does not know it.

        :raises GatewayUnreachable:
        """

    def payouts_since(self, at: datetime) -> Iterator[ProviderPayout]:
        """Walk through the payouts made since then, newest first.

        :raises GatewayUnreachable:
        """

    def payout_document(self, external_id: str) -> bytes:
        """Write down what a payout consists of, as JSON that a statement's format reads; equal bytes every time.

        :raises GatewayUnreachable:
        """
