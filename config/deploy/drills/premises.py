"""A whole portal in a folder of its own, whose programs are started again when they die, as systemd does."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import psycopg

from config.deploy import postgres
from config.deploy.portal import HOST, Portal
from config.deploy.processes import kill_group
from config.environment import load

from .figures import Figure
from .sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.deploy.processes import Child

RESTART_SECONDS = 2.0
"""As in the systemd units."""

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 180.0
TWICE = "SELECT count(*) - count(DISTINCT event_id) FROM refunds_delivery WHERE event_id LIKE 'evt_drill_%%'"
UNHANDLED = "SELECT count(*) FROM refunds_delivery WHERE event_id LIKE 'evt_drill_%%' AND handled_at IS NULL"


class Premises:
    """One portal that runs."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.is_over = Event()
        self.keeper = Thread(target=self._keep, daemon=True)

    @property
    def home(self) -> postgres.Home:
        """Where its database is."""
        return postgres.Home(self.portal.var / "postgres")

    def move(self, var: Path) -> None:
        """Let every program and command look for its database and files in another folder from now on."""
        self.portal.var = var
        self.portal.words["VAR_DIR"] = os.environ["VAR_DIR"] = str(var)
        for child in self.portal.children:
            child.environment["VAR_DIR"] = str(var)
        load.cache_clear()

    def child(self, name: str) -> Child:
        """Find one of its programs."""
        return next(child for child in self.portal.children if child.name == name)

    def kill(self, name: str) -> None:
        """Kill -9 a program with all its processes."""
        process = self.child(name).process
        if process is not None:
            kill_group(process.pid)

    def ask(self, question: str, *words: object) -> int:
        """Ask the database for one number, until it answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with psycopg.connect(self.home.url, connect_timeout=5) as connection:
                    row = connection.execute(question.encode(), words).fetchone()
                    return int(row[0]) if row else 0
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_SECONDS)

    def until(self, holds: Callable[[], bool], *, patience_seconds: float = PATIENCE_SECONDS) -> float:
        """Wait until it holds; answers how many seconds that took. :raises TimeoutError:"""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > patience_seconds:
                message = "It did not come back."
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began

    def drill(self, name: str, deed: Callable[[], None], undo: Callable[[], None] = lambda: None) -> Figure:
        """Break something while messages come in, undo it, and count.

        Back is the moment at which a message was accepted and worked off that was sent after the end of the fault;
        `all_in` says when the last of those was that were accepted meanwhile.
        """
        with Sender(self.portal.port) as sender:
            self.until(lambda: len(sender.accepted) >= 3)  # noqa: PLR2004 - it runs, then
            # What the first ones took tells of the start, not of the fault.
            sender.slowest_seconds = 0.0
            deed()
            undo()
            broken_at = time.monotonic()
            back_in = self.until(lambda: self.worked_off(sender, broken_at))
        self.until(lambda: self.ask(UNHANDLED) == 0)
        all_in = time.monotonic() - broken_at
        there = self.ask("SELECT count(*) FROM refunds_delivery WHERE event_id = ANY(%s)", list(sender.accepted))
        slowest = f"{sender.slowest_seconds:.1f}s"
        answers = ",".join(f"{status}:{count}" for status, count in sorted(sender.answers.items()))
        lost = len(sender.accepted) - there
        more = {"all_in": f"{all_in:.1f}s", "accepted": len(sender.accepted), "slowest": slowest, "answers": answers}
        return Figure(name, lost, self.ask(TWICE), back_in, more)

    def worked_off(self, sender: Sender, broken_at: float) -> bool:
        """Whether a message was accepted and worked off that was sent after this moment."""
        later = [name for name, at in list(sender.accepted.items()) if at > broken_at]
        handled = "SELECT count(*) FROM refunds_delivery WHERE event_id = ANY(%s) AND handled_at IS NOT NULL"
        return bool(later) and self.ask(handled, later) > 0

    def _keep(self) -> None:
        while not self.is_over.wait(LOOK_SECONDS):
            for child in self.portal.children:
                if child.obituary() and not self.is_over.wait(RESTART_SECONDS):
                    child.start()


@contextmanager
def premises(*, broker_url: str = "", database_folder: Path | None = None) -> Iterator[Premises]:
    """Bring a portal up, and leave nothing of it. The folder of the database may be on another disk."""
    var = Path(tempfile.mkdtemp(prefix="drill-", dir="/var/tmp"))
    var.chmod(0o755)
    if database_folder is not None:
        (var / "postgres").symlink_to(database_folder)
    environment = load().model_copy(
        update={"var_dir": var, "sandbox_port": free_port(), "celery_broker_url": broker_url, "database_url": ""}
    )
    os.environ |= {"VAR_DIR": str(var), "CELERY_BROKER_URL": broker_url, "DATABASE_URL": ""}
    load.cache_clear()
    portal = Portal(environment, free_port(), print)
    # Only what a drill sends is counted.
    portal.words["SANDBOX_WEBHOOK_URL"] = ""
    place = Premises(portal)
    try:
        portal.start(is_empty=True)
        place.keeper.start()
        yield place
    finally:
        place.is_over.set()
        if place.keeper.is_alive():
            place.keeper.join()
        portal.stop()
        shutil.rmtree(place.home.folder, ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
