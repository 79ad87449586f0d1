"""The journal: every change as one line of JSON, appended before anybody is told of it.

A line goes to the operating system in one write, so kill -9 loses nothing that was answered. It goes to the disk once
a second and at the stop, so a power cut may lose the last second: this is play money, and 1,000 refunds a second
matter more to the tests.
"""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class JournalInUse(RuntimeError):
    """Another sandbox keeps its books in this folder."""


class Journal:
    """An append-only file of changes, owned by one process."""

    def __init__(self, folder: Path) -> None:
        """Open or begin the journal in `folder`.

        :raises JournalInUse:
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / "journal.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            os.close(self._file)
            message = f"Another sandbox keeps its books in {folder}."
            raise JournalInUse(message) from held
        self._is_dirty = False

    def read(self) -> Iterator[dict[str, Any]]:
        """Replay every change; a last line torn by a crash was never answered for and is cut off."""
        with os.fdopen(os.dup(self._file), "rb") as lines:
            lines.seek(0)
            sound = 0
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                sound += len(line)
                yield json.loads(line)
        os.ftruncate(self._file, sound)

    def append(self, change: dict[str, Any]) -> None:
        """Write one change down."""
        line = json.dumps(change, separators=(",", ":")).encode() + b"\n"
        while line:
            line = line[os.write(self._file, line) :]
        self._is_dirty = True

    def clear(self) -> None:
        """Begin with empty books."""
        os.ftruncate(self._file, 0)
        self._is_dirty = True

    def settle(self) -> None:
        """Bring what was written to the disk."""
        if self._is_dirty:
            self._is_dirty = False
            os.fsync(self._file)

    def close(self) -> None:
        """Settle and let go of the folder."""
        self.settle()
        os.close(self._file)
