"""What a drill prints."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One drill: how many accepted messages are not there, how many are there twice, seconds until work went on."""

    name: str
    lost: int
    doubled: int
    back_in: float
    more: dict[str, object] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether nothing was lost or doubled."""
        return self.lost == 0 and self.doubled == 0

    def __str__(self) -> str:
        rest = "".join(f" {name}={value}" for name, value in self.more.items())
        return f"DRILL {self.name} lost={self.lost} doubled={self.doubled} back_in={self.back_in:.1f}s{rest}"
