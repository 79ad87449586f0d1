"""What one simulation is told."""

from __future__ import annotations

from dataclasses import dataclass

DEATHS_FOR_EACH_FAULT = 0.4
FREEZES_FOR_EACH_FAULT = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How many refunds, from which seed, in which weather (`faults` is a share of calls), by how many workers.

    `is_naive` sends a new key with every retry, which is wrong on purpose. `like` names a database to copy instead of
    migrating an empty one; nobody may be connected to it.
    """

    operations: int
    seed: int = 1
    faults: float = 0.35
    workers: int = 2
    is_naive: bool = False
    like: str = ""

    @property
    def death_rate(self) -> float:
        """The share of tries in which the worker is killed."""
        return self.faults * DEATHS_FOR_EACH_FAULT

    @property
    def freeze_rate(self) -> float:
        """The share of tries in which the worker is stopped for longer than its lease."""
        return self.faults * FREEZES_FOR_EACH_FAULT
