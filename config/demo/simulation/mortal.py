"""Workers that die: the product's gateway, and a worker around it who is killed or stopped for too long at each step.

Which try ends how is drawn from the seed, the payment and the number of the try, so a seed kills the same tries again.
"""

from __future__ import annotations

import os
import signal
from enum import IntEnum
from random import Random
from threading import Timer
from typing import TYPE_CHECKING

from refunds.gateways.sandbox_client import SandboxGateway

from .premises import API_KEY, CONNECT_AND_READ_SECONDS, SECRET

if TYPE_CHECKING:
    from refunds.gateways.base import Outcome, ProviderRefund, RefundInstruction

    from .floor import Bench

CALL_TAKES_SECONDS = 0.02
RECORD_TAKES_SECONDS = 0.05


class Phase(IntEnum):
    """Where in a try a worker can be hit."""

    CLAIMED = 0  # the claim is committed, nothing was sent
    CALLING = 1  # the request is on its way
    ANSWERED = 2  # the answer is here, nothing is recorded
    RECORDING = 3  # in the middle of recording, or just after
    LOOKING_UP = 4

    @property
    def words(self) -> str:
        """Say it for the summary."""
        return (
            "after the claim, before the call",
            "during the call",
            "after the call, before the record",
            "while recording, or just after",
            "during a look-up",
        )[self]


OF_A_CALL = (Phase.CLAIMED, Phase.CALLING, Phase.ANSWERED, Phase.RECORDING)


class MortalGateway(SandboxGateway):
    """The gateway as the product has it, in the hands of a worker who may not live to see the answer."""

    def __init__(self, address: str, bench: Bench) -> None:
        """Take a seat at the bench, which counts the deaths."""
        super().__init__(API_KEY, [SECRET], api_base=address, timeout_seconds=CONNECT_AND_READ_SECONDS)
        self._bench = bench

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Send, unless it ends before, meanwhile or after."""
        dice = self._dice(instruction)
        self._maybe_freeze(dice)
        phase = dice.choice(OF_A_CALL) if dice.random() < self._bench.terms.death_rate else None
        if phase is Phase.CLAIMED:
            self._die(phase)
        if phase is Phase.CALLING:
            self._die_in(dice.uniform(0, CALL_TAKES_SECONDS), phase)
        outcome = super().refund(instruction)
        if phase is Phase.ANSWERED:
            self._die(phase)
        if phase is Phase.RECORDING:
            self._die_in(dice.uniform(0, RECORD_TAKES_SECONDS), phase)
        return outcome

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        """Look up, unless it ends meanwhile."""
        dice = self._dice(instruction)
        if dice.random() < self._bench.terms.death_rate / 2:
            self._die_in(dice.uniform(0, CALL_TAKES_SECONDS), Phase.LOOKING_UP)
        return super().find(instruction)

    def _maybe_freeze(self, dice: Random) -> None:
        """Stand still with the claim in hand until the lease is over and somebody else has taken it, then go on."""
        if dice.random() < self._bench.terms.freeze_rate:
            self._bench.note_freeze()
            os.kill(os.getpid(), signal.SIGSTOP)

    def _die_in(self, seconds: float, phase: Phase) -> None:
        killer = Timer(seconds, self._die, [phase])
        killer.daemon = True
        killer.start()

    def _die(self, phase: Phase) -> None:
        self._bench.note_death(phase)
        os.kill(os.getpid(), signal.SIGKILL)

    def _dice(self, instruction: RefundInstruction) -> Random:
        tried = f"{self._bench.terms.seed} {instruction.payment_external_id} {instruction.attempt}"
        return Random(tried)  # noqa: S311 - dice, not a secret
