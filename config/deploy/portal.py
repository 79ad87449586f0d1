"""The programs of one checkout and the order in which one needs the other."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from config.deploy import postgres
from config.deploy.broker import install_broker
from config.deploy.connection import database_url
from config.deploy.processes import MARK, Child, kill_group, stop_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.environment import Environment

HOST = "127.0.0.1"
READY_SECONDS = 60.0
LOOK_SECONDS = 0.2
# A live stream holds a thread for minutes; of these, config.live_hub leaves eight to pages.
THREADS = ("--workers", "2", "--blocking-threads", "48", "--workers-kill-timeout", "3")
WEB = ("granian", "--interface", "wsgi", *THREADS, "--respawn-failed-workers")
WORKER = ("celery", "-A", "config", "worker", "--concurrency", "2", "-O", "fair", "--loglevel", "INFO")
# Gossip and mingling are spoken over queues whose names are longer than PGMQ allows.
WORKER_ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")
SCHEDULER = ("celery", "-A", "config", "beat", "--loglevel", "INFO")


class CannotRunError(RuntimeError):
    """The portal does not come up, or does not stay up; says why in one sentence and the last lines of a log."""


class Portal:
    """Everything ``make run`` starts."""

    def __init__(self, environment: Environment, port: int, say: Callable[[str], None]) -> None:
        self.environment, self.port, self.say = environment, port, say
        self.var: Path = environment.var_dir.absolute()
        self.words = os.environ | {
            MARK: str(self.var),
            "PORT": str(port),
            "SANDBOX_PORT": str(environment.sandbox_port),
            "SANDBOX_DATA": str(self.var / "sandbox"),
            "PYTHONUNBUFFERED": "1",
        }
        self.children: list[Child] = []

    @property
    def address(self) -> str:
        """What people open."""
        return f"http://{HOST}:{self.port}"

    def refuse_busy_ports(self) -> None:
        """Say which port is taken before anything is started. :raises CannotRunError: when one is"""
        if is_taken(self.port):
            raise CannotRunError(f"Port {self.port} is in use by another program; choose another: make run PORT=8001")
        if self.environment.starts_sandbox and is_taken(self.environment.sandbox_port):
            raise CannotRunError(
                f"Port {self.environment.sandbox_port}, the sandbox gateway's, is in use by another program; "
                "choose another: SANDBOX_PORT=12112 make run"
            )

    def start(self, *, is_empty: bool) -> None:
        """Bring everything up. :raises CannotRunError: when a part of it does not"""
        if not self.environment.database_url:
            self.say("Starting the embedded PostgreSQL.")
            postgres.ensure_running()
        if self.half_made.exists():
            self.say("The demo world was left half made; starting over.")
            self.forget_world()
        if not self.environment.celery_broker_url:
            install_broker(database_url(self.environment))
        if self.environment.starts_sandbox:
            port = self.environment.sandbox_port
            self._begin("sandbox gateway", "refunds.gateways.sandbox", "--port", f"{port}")
            self._wait_until("listen", lambda: is_listening(port))
        self._prepare(*(["--empty"] if is_empty else []))
        if not self.environment.database_url:
            self.words |= {"DATABASE_ROLE": postgres.APPLICATION_ROLE}
        self.say("Starting the web server, the worker and the scheduler.")
        self._begin("web server", *WEB, "--host", HOST, "--port", f"{self.port}", "config.wsgi:application")
        self._begin("worker", *WORKER, *WORKER_ALONE)
        self._begin("scheduler", *SCHEDULER)
        self._wait_until("get ready", self.is_ready)

    def stop(self) -> None:
        """Stop every program, then the database unless somebody else uses it."""
        for name in stop_all(self.children):
            self.say(f"The {name} did not stop and was killed.")
        if not self.environment.database_url:
            postgres.stop_if_unused()

    def watch(self) -> None:
        """Return never, unless a program dies. :raises CannotRunError: naming it"""
        while True:
            self._bury()
            time.sleep(LOOK_SECONDS)

    @property
    def half_made(self) -> Path:
        """The file that is there while the demo world is being made."""
        return self.var / "demo-is-half-made"

    def forget_world(self) -> None:
        """Drop what the demo made: database, uploaded files and the sandbox's books."""
        if self.environment.database_url:
            raise CannotRunError("DATABASE_URL names a database that is not ours to drop; empty it yourself.")
        postgres.embedded().recreate_database()
        for name in ("sandbox", "media"):
            shutil.rmtree(self.var / name, ignore_errors=True)
        self.half_made.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Ask the portal itself."""
        asking = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            asking.request("GET", "/readyz", headers={"Host": self._own_name})
            return asking.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()

    @property
    def _own_name(self) -> str:
        """A name the portal answers to."""
        names = [name.lstrip(".") for name in self.environment.allowed_hosts if name != "*"]
        return names[0] if names else HOST

    def _begin(self, name: str, *module: str) -> None:
        log = self.var / "log" / f"{name.replace(' ', '-')}.log"
        child = Child(name, [sys.executable, "-m", *module], log, self.words)
        self.children.append(child)
        child.start()

    def _prepare(self, *options: str) -> None:
        command = [sys.executable, "-m", "config.deploy.prepare", *options]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=self.words, start_new_session=True)
        try:
            status = process.wait()
        finally:
            kill_group(process.pid)
        if status:
            raise CannotRunError("The portal could not be prepared; the lines above say why.")

    def _wait_until(self, what: str, is_true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not is_true():
            self._bury()
            if time.monotonic() > deadline:
                late = self.children[-1]
                raise CannotRunError(f"The {late.name} did not {what}; its log is {late.log}.")
            time.sleep(LOOK_SECONDS)

    def _bury(self) -> None:
        for child in self.children:
            if obituary := child.obituary():
                raise CannotRunError(f"{child.last_words()}\n{obituary} Its log is {child.log}.")


def is_taken(port: int) -> bool:
    """Whether another program has the port; one that was closed a moment ago is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def is_listening(port: int) -> bool:
    """Whether somebody answers on the port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
