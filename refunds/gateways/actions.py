"""The port for money a platform moves besides refunds: payouts, transfers, what is taken back of them, lost disputes.

As in `base`: no Django, no model; amounts are ISO minor units, times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from refunds.gateways.base import Outcome

ACTION_ID = "governed_action"
"""The word in a processor's metadata under which our action travels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionInstruction:
    """One try at a governed action; equal for equal keys, or the processor refuses the second.

    `category` is the policies' word. `about` is the transfer, fee, dispute or customer it is done to, `destination` the
    account a transfer or payout goes to, empty for the usual one. `since` is before its first try: a look-up begins
    there.
    """

    action_id: str
    category: str
    amount_minor: int
    currency: str
    about: str
    destination: str
    reference: str
    idempotency_key: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMovement:
    """Money that left besides refunds, as the processor's books have it now; `is_undone` says that it came back.

    `is_automatic` says that the processor pays out on its own schedule, to our own account: nobody decides on that.
    """

    external_id: str
    category: str
    amount_minor: int
    currency: str
    left_at: datetime
    about: str = ""
    destination: str = ""
    is_undone: bool = False
    is_automatic: bool = False
    failure_reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class ActionGateway(Protocol):
    """Somebody who carries governed actions out. Never raises a processor's exception."""

    name: str

    def carry_out(self, instruction: ActionInstruction) -> Outcome:
        """Send the instruction once, without retrying, and say what is known afterwards. Never raises."""

    def find_action(self, instruction: ActionInstruction) -> list[ProviderMovement]:
        """Look up what carries our action's id, whatever try made it.

        :raises GatewayUnreachable:
        """

    def movements_of(self, external_id: str) -> list[ProviderMovement]:
        """Read a payout, a transfer with its reversals, or the refunds of a fee; empty for what nobody knows.

        :raises GatewayUnreachable:
        """

    def movements_hinted_since(self, at: datetime) -> Iterator[str]:
        """Name the objects that events since then were about, oldest news last, each perhaps more than once.

        :raises GatewayUnreachable:
        """
