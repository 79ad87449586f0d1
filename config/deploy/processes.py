"""Child processes of the supervisor: each in its own group, its words in a log, stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Whatever a killed supervisor left behind carries this word and is found by it.
MARK = "REDRESS_SUPERVISED_BY"
PATIENCE_SECONDS = 20.0


@dataclass
class Child:
    """One long-running program. ``name`` is what people call it."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it in a group of its own, so that Ctrl-C at the terminal reaches the supervisor alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )

    def obituary(self) -> str | None:
        """Return how it died, or nothing while it lives."""
        status = self.process.poll() if self.process else None
        if status is None:
            return None
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"stopped with exit status {status}"
        return f"The {self.name} {how}."

    def last_words(self, count: int = 15) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the main process only: a Celery pool whose every process gets it may hang."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def is_gone_by(self, deadline: float) -> bool:
        """Wait until the deadline at most, then end the whole group; return whether it went by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            kill_group(self.process.pid)
            self.process.wait()
            return False
        # Grandchildren of a main process that was killed.
        kill_group(self.process.pid)
        return True


def kill_group(leader: int) -> None:
    """Kill what is left of a process group we made."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def stop_all(children: Iterable[Child]) -> list[str]:
    """Stop the children, the last started first; return the names of those that had to be killed."""
    children = list(children)[::-1]
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE_SECONDS
    return [child.name for child in children if not child.is_gone_by(deadline)]


def end_leftovers(mark: str) -> int:
    """End the programs of an earlier supervisor of this folder that was killed; return how many there were."""
    leftovers = [process for process in psutil.process_iter() if _mark_of(process) == mark]
    for process in leftovers:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    for process in psutil.wait_procs(leftovers, timeout=5)[1]:
        process.kill()
    return len(leftovers)


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK) if process.pid != os.getpid() else None
    except (psutil.Error, OSError):
        return None
