"""One long-running program: started apart from its starter, found by what it wrote down, ended by its pid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from config.deploy.processes import MARK, kill_group

from .programs import CannotStandError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

READY_SECONDS = 180.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A program of the topology. `user` is the account a server needs that refuses to run as root."""

    name: str
    command: list[str]
    environment: dict[str, str]
    directory: Path
    cwd: Path
    is_ready: Callable[[Member], bool] = field(default=lambda _member: True)
    patience_seconds: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None

    @property
    def badge(self) -> Path:
        """The file that says which process it is."""
        return self.directory / "pids" / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """Its words."""
        return self.directory / "log" / f"{self.name}.log"

    def start(self) -> None:
        """Start it unless it runs. A pid that the system gave to somebody else meanwhile is not ours."""
        if self.process() is not None:
            return
        for path in (self.badge, self.log):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            begins_at = log.tell()
            started = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment | {MARK: str(self.directory)},
                cwd=self.cwd,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        born = psutil.Process(started.pid).create_time()
        self.badge.write_text(
            json.dumps({"pid": started.pid, "born": born, "checkout": str(self.cwd), "log": begins_at})
        )

    def process(self) -> psutil.Process | None:
        """The running process, if it is still the one that was started."""
        try:
            told = json.loads(self.badge.read_text())
            process = psutil.Process(told["pid"])
            is_ours = process.create_time() == told["born"] and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return process if is_ours else None

    def wait_until_ready(self) -> None:
        """Wait until it does its work. :raises CannotStandError: with its last words"""
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready(self):
            if self.process() is None:
                raise CannotStandError(f"{self.last_words()}\n{self.name} did not stay up; its log is {self.log}.")
            if time.monotonic() > deadline:
                raise CannotStandError(f"{self.last_words()}\n{self.name} did not get ready; its log is {self.log}.")
            time.sleep(LOOK_SECONDS)

    def checkout(self) -> str:
        """Answer from which checkout the running process was started."""
        return str(json.loads(self.badge.read_text())["checkout"])

    def has_said(self, words: str) -> bool:
        """Whether its log has these words since it was started."""
        with self.log.open("rb") as log:
            log.seek(json.loads(self.badge.read_text())["log"])
            return words.encode() in log.read()

    def ask_to_stop(self) -> None:
        """Send the signal to the main process alone, which stops its own."""
        if process := self.process():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(self.stop_signal)

    def end(self) -> bool:
        """Stop it, after its patience by force; return whether it went by itself."""
        process = self.process()
        if process is None:
            self.badge.unlink(missing_ok=True)
            return True
        family = _family(process)
        self.ask_to_stop()
        went = not psutil.wait_procs([process], timeout=self.patience_seconds)[1]
        kill_group(process.pid)
        # Some children make a group of their own.
        for left in psutil.wait_procs(family, timeout=0)[1]:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
        self.badge.unlink(missing_ok=True)
        return went

    def last_words(self, count: int = 12) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:]) if self.log.exists() else ""


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []
