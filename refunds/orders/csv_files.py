"""Open what a shop exported: CSV, plain or packed with gzip, read as a stream of bytes and never as a whole."""

from __future__ import annotations

import csv
import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

CHUNK_BYTES = 256 * 1024
LONGEST_HEADER_BYTES = 16 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


class BrokenFile(Exception):
    """A file that cannot be read at all; one sentence says which and why, and nothing was written."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file whose header was read: its columns in their order, and the rest as chunks of bytes."""

    name: str
    columns: tuple[str, ...]
    chunks: Iterator[bytes]


@contextmanager
def opened(path: Path, *, required: Sequence[str]) -> Iterator[OpenFile]:
    """Open a file and check that its header names every required column.

    :raises BrokenFile: now or while the chunks are read
    """
    try:
        with path.open("rb") as packed, _unpacked(packed) as stream:
            columns = _columns(path.name, stream.readline(LONGEST_HEADER_BYTES), required)
            yield OpenFile(path.name, columns, _chunks(path.name, stream))
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        message = f"{path.name} is cut off or damaged: it cannot be unpacked to its end."
        raise BrokenFile(message) from error
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}."
        raise BrokenFile(message) from error


def _unpacked(packed: BinaryIO) -> BinaryIO | gzip.GzipFile:
    magic = packed.read(2)
    packed.seek(0)
    return gzip.GzipFile(fileobj=packed) if magic == _GZIP_MAGIC else packed


def _columns(name: str, header: bytes, required: Sequence[str]) -> tuple[str, ...]:
    try:
        text = header.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        message = f"{name} is not a CSV file in UTF-8."
        raise BrokenFile(message) from None
    if "\x00" in text or not text.strip():
        message = f"{name} is empty." if not text.strip("\x00 \r\n") else f"{name} is not a CSV file in UTF-8."
        raise BrokenFile(message)
    columns = tuple(column.strip() for column in next(csv.reader([text])))
    missing = [column for column in required if column not in columns]
    if missing:
        message = (
            f"{name} has no column {', '.join(missing)}; its first line must name the columns, with commas between."
        )
        raise BrokenFile(message)
    if len(set(columns)) < len(columns) or not all(columns):
        message = f"{name} names a column twice or not at all."
        raise BrokenFile(message)
    return columns


def _chunks(name: str, stream: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        message = f"{name} is cut off or damaged: it cannot be unpacked to its end."
        raise BrokenFile(message) from error
