"""Where catalogues are, and which of them says what."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
LANGUAGES: Final = ("de", "fr")
"""What people translated; English is the source, the language for trying out is made of it."""

AREAS: Final = ("config", "evidence", "approvals", "policies", "refunds", "analytics", "admin")
"""Each with a catalogue of its own. What several say is translated once, in the first of them."""


def catalogue(area: str, language: str) -> Path:
    """Name the file of an area; the pages of the admin site have one beside the frame's."""
    home, name = ("config", "admin") if area == "admin" else (area, "django")
    return PROJECT / home / "locale" / language / "LC_MESSAGES" / f"{name}.po"


def area_of(source: Path) -> str:
    """Say to which area a file of the project belongs."""
    first, *rest = source.relative_to(PROJECT).parts
    if first == "templates" and rest:
        first = rest[0]
    return first if first in AREAS else "config"
