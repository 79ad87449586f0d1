"""The virus scanner, when there is one: clamd, asked over a socket, with patience for a bounded time.

`CLAMD_ADDRESS` is `host:port` or the path of a socket; empty, nothing is scanned. A scanner that does not answer stops
nothing from arriving, but what it has not seen is not shown.
"""

from __future__ import annotations

import logging
import socket
import struct
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from .vocabulary import ScanState

LONGEST_INFECTION = 120

_log = logging.getLogger(__name__)
_PIECE_BYTES: Final = 64 * 1024
_LONGEST_ANSWER_BYTES: Final = 4096


class ScannerIsSilent(Exception):
    """The scanner did not answer, or not in words that we know."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What came of a scan; `infection` is the scanner's name for what it found."""

    state: ScanState
    infection: str = ""


def scan(content: bytes) -> Scan:
    """Ask the scanner about a file; call it outside any transaction."""
    if not settings.CLAMD_ADDRESS:
        return Scan(ScanState.UNSCANNED)
    try:
        answer = _ask(content)
    except (OSError, ScannerIsSilent) as error:
        _log.warning("The virus scanner did not answer: %s", error)
        return Scan(ScanState.WAITING)
    if answer.endswith("FOUND"):
        infection = answer.removesuffix("FOUND").partition(":")[2].strip()
        return Scan(ScanState.INFECTED, (infection or "unnamed")[:LONGEST_INFECTION])
    return Scan(ScanState.CLEAN)


def _ask(content: bytes) -> str:
    """Speak INSTREAM: pieces with their length in front, a zero, one line back.

    :raises ScannerIsSilent: for an answer that is neither OK nor FOUND
    """
    with _connected() as connection:
        connection.sendall(b"zINSTREAM\0")
        for place in range(0, len(content), _PIECE_BYTES):
            piece = content[place : place + _PIECE_BYTES]
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER_BYTES:
            heard = connection.recv(_LONGEST_ANSWER_BYTES)
            if not heard:
                break
            answer += heard
    words = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if not words.endswith((" OK", " FOUND")):
        raise ScannerIsSilent(words[:200] or "nothing")
    return words


def _connected() -> socket.socket:
    address, seconds = settings.CLAMD_ADDRESS, settings.CLAMD_SECONDS
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
