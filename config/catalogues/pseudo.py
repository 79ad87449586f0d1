"""A language for trying pages out: English that is longer, accented and in brackets, set from right to left.

What is not in brackets was never marked; what is cut off has no room for other languages.
"""

from __future__ import annotations

import re
from itertools import cycle
from typing import Final

ACCENTS: Final = str.maketrans("aceghijklnorstuwyzACEGHIJKLNORSTUWYZ", "āçéĝĥîĵķļñöŕšţûŵýžÅÇÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽ")
KEPT: Final = re.compile(r"(%\(\w+\)[-\d.]*[a-z]|%%|%[a-z]|\{\w*\}|</?[a-zA-Z][^>]*>|&\w+;)")
"""What a sentence is filled with, and markup."""

FILLER: Final = ("öñé", "ţŵö", "ţĥŕéé", "ƒöûŕ")
LONGER_BY_TENTHS: Final = 4


def pseudo(text: str) -> str:
    """Say it so that everybody sees it was translated: "Save" becomes "⟦Šāvé öñé⟧"."""
    parts = KEPT.split(text)
    accented = "".join(part if place % 2 else part.translate(ACCENTS) for place, part in enumerate(parts))
    missing = sum(map(len, parts[::2])) * LONGER_BY_TENTHS // 10
    more = cycle(FILLER)
    filling: list[str] = []
    while sum(map(len, filling)) + len(filling) < missing:
        filling.append(next(more))
    return f"⟦{' '.join([accented, *filling])}⟧"
