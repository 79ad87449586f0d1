"""The parent of one embedded PostgreSQL: starts it, starts it again when it was killed, stops it when nobody holds it.

Runs by path under the bare interpreter, ``python -I -S warden.py HOME UID GID POSTGRES [ARGUMENT...]``: standard
library only, outside every terminal and process group. Being the parent matters: a killed postmaster is reaped here,
where a container's first process may leave a zombie that PostgreSQL takes for a living owner of its data.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.1
# Long enough that one command after another does not stop and start the server between them.
LINGER_SECONDS = 2.0
QUICK_DEATH_SECONDS = 1.0
QUICK_DEATHS_ALLOWED = 30
LOG_BYTES_KEPT = 16 * 1024 * 1024


def may_lock(file: IO[str]) -> bool:
    """Take the exclusive lock if nobody holds the file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def postmaster_pid(data: Path) -> int | None:
    """Return the process PostgreSQL wrote into its lock file, alive or not."""
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_postgres(pid: int) -> bool:
    """Whether the process is a living PostgreSQL: not a zombie, and no stranger who inherited the number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
        return state != "Z" and program.endswith(b"/postgres")
    except FileNotFoundError:
        return not Path("/proc/self").exists()


def disown_dead_owner(data: Path) -> None:
    """Let PostgreSQL start over the lock file of a zombie or of a stranger with a recycled number.

    The first line becomes our own number: PostgreSQL ignores its parent there, and still refuses to start while an
    orphaned backend holds the old shared memory, which deleting the file would forget.
    """
    pid = postmaster_pid(data)
    if pid is not None and not is_postgres(pid):
        lock = data / "postmaster.pid"
        lines = lock.read_text().split("\n")
        lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))


class Warden:
    """Watches one server for as long as somebody holds ``home/lease``."""

    def __init__(self, home: Path, uid: int, gid: int, command: list[str]) -> None:
        self.home, self.data, self.uid, self.gid, self.command = home, home / "data", uid, gid, command
        self.child: subprocess.Popen[bytes] | None = None
        self.adopted = postmaster_pid(self.data)
        self.quick_deaths = 0
        self.started_at = 0.0
        self.is_asked_to_stop = False

    def ask_to_stop(self, *_: object) -> None:
        """Skip the linger: stop at the next look unless somebody holds the lease."""
        self.is_asked_to_stop = True

    def watch(self, lease: IO[str]) -> None:
        """Keep the server running while it is held; return once it is stopped."""
        idle_since: float | None = None
        while True:
            if not self.is_running():
                if self.quick_deaths > QUICK_DEATHS_ALLOWED:
                    return
                self.start()
            if may_lock(lease):
                idle_since = idle_since or time.monotonic()
                if self.is_asked_to_stop or time.monotonic() - idle_since >= LINGER_SECONDS:
                    # Whoever comes now waits for the lease until we are gone, then starts anew.
                    self.stop()
                    return
                fcntl.flock(lease, fcntl.LOCK_UN)
            else:
                idle_since = None
            self.is_asked_to_stop = False
            time.sleep(POLL_SECONDS)

    def is_running(self) -> bool:
        """Whether our child, or the server an earlier warden left behind, is alive."""
        if self.child is not None:
            return self.child.poll() is None
        return self.adopted is not None and is_postgres(self.adopted)

    def start(self) -> None:
        """Start the server; when it keeps dying at once, wait longer each time."""
        died_quickly = self.child is not None and time.monotonic() - self.started_at < QUICK_DEATH_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if died_quickly else 0
        time.sleep(min(0.1 * self.quick_deaths, 1.0))
        disown_dead_owner(self.data)
        log_path = self.home / "server.log"
        keeps = log_path.exists() and log_path.stat().st_size < LOG_BYTES_KEPT
        with log_path.open("ab" if keeps else "wb") as log:
            is_root = os.geteuid() == 0
            self.child = subprocess.Popen(
                self.command,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                user=self.uid if is_root else None,
                group=self.gid if is_root else None,
                extra_groups=[] if is_root else None,
            )
        self.started_at = time.monotonic()

    def stop(self) -> None:
        """Shut down fast: sessions are cut, nothing committed is lost."""
        pid = self.child.pid if self.child is not None else self.adopted
        if pid is None or not self.is_running():
            return
        os.kill(pid, signal.SIGINT)
        while self.is_running():
            time.sleep(0.01)


def main() -> None:
    """Become the warden of this home, unless it has one."""
    home, uid, gid, command = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    badge = (home / "warden").open("a+")
    if not may_lock(badge):
        return
    # The lock goes along with the fork, so the starter returns only when there is a warden.
    if number := os.fork():
        badge.truncate(0)
        badge.write(str(number))
        badge.flush()
        os._exit(0)
    warden = Warden(home, uid, gid, command)
    signal.signal(signal.SIGTERM, warden.ask_to_stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with (home / "lease").open("a+") as lease:
        warden.watch(lease)


if __name__ == "__main__":
    main()
