"""Writing a ZIP bit by bit: safe names, the same bytes for the same files, and the hash of each for the list."""

from __future__ import annotations

import hashlib
import json
import re
from typing import IO, TYPE_CHECKING, Final, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable

MEDIA_TYPE: Final = "application/zip"

_SAFE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99}/){0,4}[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_FROM_UNIX = 3
_READ_BY_ALL = 0o100644 << 16


class Packer:
    """Packs files into an open file as they come, holding none of them."""

    def __init__(self, file: IO[bytes]) -> None:
        """Begin an empty archive."""
        self._archive = ZipFile(file, "w")
        self.hashes: dict[str, str] = {}

    def add(self, name: str, content: bytes) -> str:
        """Add a file; answers its SHA-256 in hex."""
        return self.add_chunks(name, [content])

    def add_chunks(self, name: str, chunks: Iterable[bytes], *, is_packed: bool = False) -> str:
        """Add a file that comes in parts; one that `is_packed` already, as pictures are, is stored as it is.

        :raises ValueError: for a name that is not plain, or that was given before
        """
        if _SAFE.fullmatch(name) is None or ".." in name or name in self.hashes:
            raise ValueError(f"{name!r} names no file of a bundle.")
        info = ZipInfo(name, _NO_TIME)
        info.create_system, info.external_attr = _FROM_UNIX, _READ_BY_ALL
        info.compress_type = ZIP_STORED if is_packed else ZIP_DEFLATED
        digest = hashlib.sha256()
        with self._archive.open(info, "w", force_zip64=is_packed) as entry:
            for chunk in chunks:
                digest.update(chunk)
                entry.write(chunk)
        self.hashes[name] = digest.hexdigest()
        return self.hashes[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Write the table of contents."""
        self._archive.close()


def one_line(value: object) -> bytes:
    """Write JSON in the one way that `verify.py` accepts, with the end of its line."""
    text = json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"
