"""A database whose disk is full for a while."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .premises import premises

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure

FULL_SECONDS = 10.0
DISK = "1200m"
BLOCK = b"\0" * 65536


def fill_the_disk() -> Iterator[Figure]:
    """Put the database on a disk of its own in memory, fill that to the last byte, make room again. Needs root."""
    with _small_disk() as disk, premises(database_folder=disk / "postgres") as place:
        ballast = disk / "ballast"

        def deed() -> None:
            ends_at = time.monotonic() + FULL_SECONDS
            while time.monotonic() < ends_at:
                # What the server gave up meanwhile is taken as well.
                _fill(ballast)
                time.sleep(0.5)

        yield place.drill("full_disk", deed, ballast.unlink)


def _fill(ballast: Path) -> None:
    try:
        with ballast.open("ab", buffering=0) as file:
            while file.write(BLOCK):
                pass
    except OSError:
        return


@contextmanager
def _small_disk() -> Iterator[Path]:
    """Mount one, and take it away whatever happens. :raises FileNotFoundError: without mount"""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        message = "This drill needs mount and umount."
        raise FileNotFoundError(message)
    disk = Path(tempfile.mkdtemp(prefix="drill-disk-", dir="/var/tmp"))
    subprocess.run([mount, "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run([umount, "-l", str(disk)], check=True)
        disk.rmdir()
