"""What the sources mark for translation: Python as Babel reads it, templates as Django turns them into Python."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from babel.messages.extract import extract
from django.utils.translation.template import templatize

from .places import AREAS, PROJECT, area_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS: Final = ("config", "evidence", "approvals", "policies", "refunds", "analytics", "templates")
MARKS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "said": None,
    "said_as": ((1, "c"), 2),
    "counted": (1, 2),
}
"""Which calls mark a text, and which of their arguments it is."""


class Marked(NamedTuple):
    """A text as the catalogue knows it."""

    context: str
    one: str
    many: str = ""

    @property
    def id(self) -> str | tuple[str, str]:
        """What Babel calls it."""
        return (self.one, self.many) if self.many else self.one


def marked_by_area() -> dict[str, set[Marked]]:
    """Find every marked text; what several areas say belongs to the first of them."""
    found: dict[str, set[Marked]] = {area: set() for area in AREAS}
    for path in source_files():
        found[area_of(path)].update(marked_in(path))
    known: set[tuple[str, str]] = set()
    for area in AREAS:
        # A text with a plural and the same text without one are the same entry.
        plural = {(text.context, text.one) for text in found[area] if text.many}
        found[area] = {
            text
            for text in found[area]
            if (text.context, text.one) not in known and (text.many or (text.context, text.one) not in plural)
        }
        known |= {(text.context, text.one) for text in found[area]}
    return found


def source_files() -> Iterator[Path]:
    """List what may hold marked texts."""
    for folder in FOLDERS:
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def marked_in(path: Path) -> Iterator[Marked]:
    """Find the marked texts of one file."""
    text = path.read_text()
    if path.suffix != ".py":
        text = templatize(text, origin=str(path))
    elif not any(f"{mark}(" in text for mark in MARKS):
        return
    for _line, ids, _comments, context in extract("python", BytesIO(text.encode()), keywords=MARKS):
        one, many = ids if isinstance(ids, tuple) else (ids, "")
        if one:
            yield Marked(context or "", one, many)
