"""What a camera wrote into a picture: kept as a signal for whoever decides, never the place itself."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from .text import holds_card_number

if TYPE_CHECKING:
    from PIL import Image

LONGEST_WORD = 80

_MAKE, _MODEL, _SOFTWARE, _WRITTEN = 0x010F, 0x0110, 0x0131, 0x0132
_DETAILS, _PLACE = 0x8769, 0x8825
_TAKEN = 0x9003
_DATE = re.compile(r"(\d{4})[:-](\d{2})[:-](\d{2})")


@dataclass(frozen=True, slots=True)
class Signals:
    """When and with what a picture says it was taken, and whether it said where; empty where it says nothing.

    `taken_on` is the camera's own day, of whatever zone it was set to. Anybody can write these: they hint, they prove
    nothing.
    """

    taken_on: date | None = None
    camera: str = ""
    software: str = ""
    has_gps: bool = False


def signals_of(image: Image.Image) -> Signals:
    """Read the signals; what cannot be read says nothing."""
    try:
        exif = image.getexif()
        details = dict(exif.get_ifd(_DETAILS))
        has_gps = bool(exif.get_ifd(_PLACE))
        tags = dict(exif)
    except Exception:  # noqa: BLE001 - whatever a bent header makes of the reader, it only means that nothing is known
        return Signals()
    make, model = _word(tags.get(_MAKE)), _word(tags.get(_MODEL))
    camera = model if model.casefold().startswith(make.casefold()) else f"{make} {model}".strip()
    taken_on = _day(details.get(_TAKEN)) or _day(tags.get(_WRITTEN))
    return Signals(taken_on, camera[:LONGEST_WORD], _word(tags.get(_SOFTWARE)), has_gps)


def _word(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "ignore")
    if not isinstance(value, str):
        return ""
    visible = "".join(letter for letter in value if unicodedata.category(letter)[0] not in "CZ" or letter == " ")
    word = " ".join(visible.split())[:LONGEST_WORD]
    return "" if holds_card_number(word) else word


def _day(value: object) -> date | None:
    found = _DATE.match(_word(value))
    if found is not None:
        with suppress(ValueError):
            return date(*map(int, found.groups()))
    return None
