"""The standard codes a new installation starts with: 13 reasons, 18 departures from policy."""

from .entry import CodeEntry
from .exceptions import EXCEPTIONS
from .reasons import REASONS

__all__ = ["EXCEPTIONS", "REASONS", "CodeEntry"]
