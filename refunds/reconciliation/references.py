"""What a line's references say: our operation, a processor's payout, and the name a line keeps in every file."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

_OURS = re.compile(r"(?:RD)?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_PAYOUT = re.compile(r"\bpo_[A-Za-z0-9]{6,100}\b")
NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "UNKNOWN", "N/A", "NA", "0"})
"""What banks write where a reference is demanded and they have none."""


def operation_in(text: str) -> str:
    """Read our operation id, as `RD` and 32 digits or as it is shown; empty when the whole text is not one."""
    found = _OURS.fullmatch(text.strip())
    return str(UUID(found[1])) if found else ""


def payout_in(*texts: str) -> str:
    """Find the payout of a processor that a bank's line names."""
    return next((found[0] for text in texts if (found := _PAYOUT.search(text))), "")


def digest_of(raw: str | bytes) -> str:
    """Name a line that has no name, by what it says."""
    return hashlib.sha256(raw if isinstance(raw, bytes) else raw.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Entry:
    """What names one entry of a bank's file: on which account, by which reference of the bank, saying what."""

    account: str
    reference: str
    said: str

    @property
    def name(self) -> str:
        """The bank's own reference where it gives one, else what the entry says."""
        has_none = self.reference.upper() in NO_REFERENCE
        return f"{self.account[-8:]}:{digest_of(self.said) if has_none else self.reference}"


def keys_of(entries: Sequence[Entry]) -> list[str]:
    """Name every entry of a whole file so that no order of them matters: its name, and which of several with it."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        places[entry.name].append(place)
    keys = [""] * len(entries)
    for name, same in places.items():
        for ordinal, place in enumerate(sorted(same, key=lambda one: entries[one].said), start=1):
            keys[place] = f"{name}:{ordinal}"
    return keys


def category_at_bank(minor: int, *, is_ours: bool, is_payout: bool, is_fee: bool) -> str:
    """Say in the processors' words what a bank's line is; `credit` and `debit` are what nothing else is known of."""
    if is_ours:
        return "refund_failure" if minor > 0 else "refund"
    if is_payout:
        return "payout" if minor > 0 else "payout_reversal"
    if is_fee:
        return "fee"
    return "credit" if minor > 0 else "debit"
