"""A database whose disk is slow for a while."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

from config.deploy import warden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure
    from .premises import Premises

SLOW_SECONDS, SLOW_MICROSECONDS = 15.0, 1_500_000


def slow_the_disk(place: Premises) -> Iterator[Figure]:
    """Let each flush of the database take 1.5 s longer for a while. Needs root and strace.

    :raises FileNotFoundError: without strace
    """
    strace = shutil.which("strace")
    if strace is None:
        message = "This drill needs strace."
        raise FileNotFoundError(message)

    def deed() -> None:
        parent = warden.postmaster_pid(place.home.folder / "data") or 0
        pids = [parent, *(one.pid for one in psutil.Process(parent).children(recursive=True))]
        delay = f"inject=fsync,fdatasync:delay_enter={SLOW_MICROSECONDS}"
        command = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", delay, "-o", "/dev/null"]
        tracer = subprocess.Popen([*command, *(f"-p{pid}" for pid in pids)])
        time.sleep(SLOW_SECONDS)
        tracer.terminate()
        tracer.wait()

    yield place.drill("slow_disk", deed)
