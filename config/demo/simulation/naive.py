"""A rule that is wrong on purpose: a new key with every retry. The audit must find what it does.

It reads as care (every try is a new request) and pays twice whenever an answer was lost. Kept here, in the simulation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .mortal import MortalGateway

if TYPE_CHECKING:
    from refunds.gateways.base import Outcome, RefundInstruction


class NaiveGateway(MortalGateway):
    """Sends each try under a key of its own."""

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Send, with the number of the try in the key."""
        key = f"{instruction.idempotency_key}-try-{instruction.attempt}"
        return super().refund(replace(instruction, idempotency_key=key))
