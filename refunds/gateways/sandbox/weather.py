"""Weather: faults drawn from a seed, so that thousands of calls meet them without anybody arming each.

A draw depends on the seed, on what it is about (the payment, the kind of call) and on how many calls there were about
it, never on the order in which workers happen to come: the same seed brings the same weather to the same payment.
"""

from __future__ import annotations

import threading
from collections import Counter
from random import Random

from refunds.gateways.sandbox.faults import Fault

OF_CALLS: dict[Fault, int] = {
    Fault.RESET_BEFORE: 8,
    Fault.RESET_AFTER: 12,
    Fault.HANG: 3,
    Fault.CUT: 8,
    Fault.SLOW_AFTER: 5,
    Fault.IN_FLIGHT: 4,
    Fault.SERVER_ERROR_DONE: 9,
    Fault.SERVER_ERROR_NOT_DONE: 5,
    Fault.SERVER_ERROR_LATE: 5,
    Fault.BAD_GATEWAY_DONE: 6,
    Fault.BAD_GATEWAY_NOT_DONE: 4,
    Fault.RATE_LIMIT: 6,
    Fault.CONFLICT: 6,
    Fault.KEY_REFUSED: 1,
    Fault.PENDING: 5,
    Fault.PENDING_FAILS: 2,
    Fault.FAIL_LATER: 5,
}
"""How often each befalls a refund call, among themselves."""

OF_REPLAYS: dict[Fault, int] = {Fault.RESET_AFTER: 4, Fault.CUT: 3, Fault.HANG: 1, Fault.BAD_GATEWAY_DONE: 2}
"""The wire may break again while a kept answer is repeated."""

OF_LOOK_UPS: dict[Fault, int] = {Fault.LOOK_UP_500: 15, Fault.LOOK_UP_RESET: 14, Fault.LOOK_UP_HANG: 1}
OF_MESSAGES: dict[Fault, int] = {
    Fault.DROP_WEBHOOK: 25,
    Fault.DOUBLE_WEBHOOK: 15,
    Fault.LATE_WEBHOOK: 30,
    Fault.TWIN_WEBHOOK: 10,
    Fault.FORGED_WEBHOOK: 10,
    Fault.TAMPERED_WEBHOOK: 10,
}

SHORTEST_LATE_SECONDS = 60
LONGEST_LATE_SECONDS = 20 * 3600
"""A refund behind a stored 500, a message or a failure comes so late."""


class Weather:
    """Draws faults at a rate; fair until it is told a seed."""

    def __init__(self) -> None:
        """Begin with fair weather."""
        self._lock = threading.Lock()
        self.clear()

    def begin(self, seed: str, rate: float) -> None:
        """Draw from this seed from now on; `rate` is the share of calls that meet a fault."""
        with self._lock:
            self._seed, self._rate = seed, rate
            self._asked.clear()
            self.drawn.clear()

    def clear(self) -> None:
        """Let it be fair."""
        self._seed, self._rate = "", 0.0
        self._asked: Counter[str] = Counter()
        self.drawn: Counter[str] = Counter()

    @property
    def is_fair(self) -> bool:
        """Whether nothing is drawn."""
        return not self._rate

    def of_call(self, payment: str) -> Fault | None:
        """Draw for a new refund call about a payment."""
        return self._draw("call", payment, OF_CALLS)

    def of_replay(self, payment: str) -> Fault | None:
        """Draw for the repetition of a kept answer."""
        return self._draw("replay", payment, OF_REPLAYS)

    def of_look_up(self, path: str) -> Fault | None:
        """Draw for a question."""
        return self._draw("look-up", path, OF_LOOK_UPS)

    def of_message(self, about: str) -> Fault | None:
        """Draw for one event."""
        return self._draw("message", about, OF_MESSAGES)

    def late_seconds(self, about: str) -> float:
        """Draw how late something comes."""
        return self._dice("late", about).uniform(SHORTEST_LATE_SECONDS, LONGEST_LATE_SECONDS)

    def _draw(self, kind: str, about: str, weights: dict[Fault, int]) -> Fault | None:
        if self.is_fair:
            return None
        dice = self._dice(kind, about)
        if dice.random() >= self._rate:
            return None
        fault = dice.choices(list(weights), weights=list(weights.values()))[0]
        with self._lock:
            self.drawn[fault] += 1
        return fault

    def _dice(self, kind: str, about: str) -> Random:
        with self._lock:
            name = f"{self._seed} {kind} {about}"
            self._asked[name] += 1
            return Random(f"{name} {self._asked[name]}")  # noqa: S311 - weather, not a secret
