"""What every format of a file can do: say how sure it is that a file is its own, and read it whole or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from refunds.reconciliation.report import Report

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at to tell what it is."""

SURE = 60
"""From this confidence on, a file is taken for what it seems to be."""


@dataclass(frozen=True, slots=True, order=True)
class Confidence:
    """How sure a format is, 0 to 100, and why in a sentence."""

    score: int
    reason: str


class Format(Protocol):
    """One kind of file."""

    @property
    def name(self) -> str:
        """How it is stored."""
        ...

    @property
    def label(self) -> str:
        """How people call it."""
        ...

    @property
    def account(self) -> str:
        """Whose files they are."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How their names may end."""
        ...

    def detect(self, head: bytes) -> Confidence:
        """Say from its beginning how much a file looks like this format."""
        ...

    def read(self, content: bytes) -> Report:
        """Read a whole file.

        :raises BrokenReport: with every problem and its line
        """
        ...
