"""Children are watched, stopped and, if need be, ended with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from config.deploy import processes
from config.deploy.processes import MARK, Child, end_leftovers, stop_all

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.servers

WAITS = "import time; print('up', flush=True); time.sleep(60)"
IGNORES = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
HAS_A_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(child.pid, flush=True)
time.sleep(60)
"""


def begun(tmp_path: Path, code: str, name: str = "program") -> Child:
    """A child that has said its first words."""
    child = Child(name, [sys.executable, "-c", code], tmp_path / "log" / f"{name}.log", dict(os.environ))
    child.start()
    deadline = time.monotonic() + 20
    while not child.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    return child


def pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


class TestChild:
    def test_has_no_obituary_while_it_lives(self, tmp_path: Path) -> None:
        child = begun(tmp_path, WAITS)

        assert child.obituary() is None
        stop_all([child])

    def test_tells_how_it_died(self, tmp_path: Path) -> None:
        failed = begun(tmp_path, "print('no luck', flush=True); raise SystemExit(3)", "worker")
        killed = begun(tmp_path, WAITS, "web server")
        os.kill(pid_of(killed), signal.SIGKILL)
        for child in (failed, killed):
            assert child.process is not None
            child.process.wait(20)

        assert failed.obituary() == "The worker stopped with exit status 3."
        assert failed.last_words() == "no luck"
        assert killed.obituary() == "The web server was killed by SIGKILL."

    def test_is_out_of_reach_of_the_terminal(self, tmp_path: Path) -> None:
        child = begun(tmp_path, WAITS)

        assert os.getpgid(pid_of(child)) != os.getpgid(0)
        stop_all([child])


class TestStopAll:
    def test_leaves_nobody(self, tmp_path: Path) -> None:
        children = [begun(tmp_path, WAITS, "one"), begun(tmp_path, WAITS, "two")]

        assert stop_all(children) == []
        assert all(child.obituary() for child in children)

    def test_names_whoever_had_to_be_killed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.3)
        children = [begun(tmp_path, IGNORES, "stubborn"), begun(tmp_path, WAITS, "obedient")]

        assert stop_all(children) == ["stubborn"]

    def test_ends_the_children_of_a_killed_child(self, tmp_path: Path) -> None:
        child = begun(tmp_path, HAS_A_CHILD)
        grandchild = psutil.Process(int(child.log.read_text()))
        os.kill(pid_of(child), signal.SIGKILL)

        stop_all([child])

        assert psutil.wait_procs([grandchild], timeout=20)[1] == []


class TestEndLeftovers:
    def test_ends_what_carries_our_mark_and_nothing_else(self, tmp_path: Path) -> None:
        ours = subprocess.Popen([sys.executable, "-c", WAITS], env=os.environ | {MARK: str(tmp_path)})
        other = subprocess.Popen([sys.executable, "-c", WAITS], env=os.environ | {MARK: str(tmp_path / "elsewhere")})
        try:
            assert end_leftovers(str(tmp_path)) == 1
            assert ours.poll() is not None
            assert other.poll() is None
        finally:
            other.kill()
            other.wait()
