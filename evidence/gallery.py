"""The files of a subject as one person sees them: tiles in a grid, and one of them large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .attachments import Seen, attachments_of
from .links import SMALL, link_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import User
    from config.kernel.subjects import Subject

    from .models import Attachment


@dataclass(frozen=True, slots=True)
class Tile:
    """One file in the grid: its place from 1 on, and the address of its thumbnail, empty while it is not shown."""

    attachment: Attachment
    number: int
    small: str
    is_opened: bool


def seen_of(tiles: Sequence[Tile]) -> Seen:
    """Count the files of a grid that can be opened, and those that were, as `seen_by` counts them."""
    shown = [tile for tile in tiles if tile.attachment.is_shown]
    return Seen(len(shown), sum(tile.is_opened for tile in shown))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of one file, large, with its neighbours: the pages of a file, then the next file."""

    attachment: Attachment
    number: int
    count: int
    page: int
    picture: str
    previous: str
    following: str


def tiles_of(subject: Subject, *, viewer: User) -> list[Tile]:
    """List the files that this person may know of, oldest first."""
    return [
        Tile(found, number, link_to(found, viewer=viewer, page=SMALL) if found.is_shown else "", found.is_opened)
        for number, found in enumerate(attachments_of(subject, viewer=viewer), start=1)
    ]


def sheet_of(attachment: Attachment, *, viewer: User, page: int) -> Sheet:
    """Show a page of a file; the neighbours are addresses, empty at the ends. A page that is not there is the first."""
    page = page if 1 <= page <= attachment.page_count else 1
    files = list(attachments_of(attachment.subject, viewer=viewer))
    sheets: list[tuple[Attachment, int]] = [
        (found, number) for found in files for number in range(1, found.page_count + 1)
    ]
    place = sheets.index((attachment, page))
    return Sheet(
        attachment=attachment,
        number=[found.pk for found in files].index(attachment.pk) + 1,
        count=len(files),
        page=page,
        picture=link_to(attachment, viewer=viewer, page=page) if attachment.is_shown else "",
        previous=_address(*sheets[place - 1]) if place else "",
        following=_address(*sheets[place + 1]) if place + 1 < len(sheets) else "",
    )


def _address(attachment: Attachment, page: int) -> str:
    return attachment.get_absolute_url() + (f"?page={page}" if page > 1 else "")
