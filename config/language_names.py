"""The languages pages speak, by their own names; settings read it, so it needs none of them."""

from __future__ import annotations

from typing import Final

from config.kernel.printing import PSEUDO

LANGUAGE_INFO: Final = {
    PSEUDO: {"bidi": True, "code": PSEUDO, "name": "Pseudo", "name_local": "⟦Þšéûðö⟧, right to left"},
}
"""What Django must know of a language that is none of its own."""

NAMES: Final = {"en-gb": "English", "de": "Deutsch", "fr": "Français", PSEUDO: "⟦Þšéûðö⟧"}


def offered(*, with_pseudo: bool) -> list[tuple[str, str]]:
    """List the languages people may choose from, each by its own name."""
    return [(code, name) for code, name in NAMES.items() if with_pseudo or code != PSEUDO]
