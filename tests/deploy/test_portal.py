"""`make run` from the outside: one process that brings everything up, says what died and leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
from celery import Celery
from kombu import Connection

from config.deploy import portal
from config.deploy.connection import pgmq_conninfo
from config.deploy.portal import HOST, CannotRunError, Portal
from config.deploy.postgres import Home
from config.deploy.processes import MARK
from config.environment import load

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 180.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Run:
    """One `make run EMPTY=1` in a folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        words = {"VAR_DIR": str(var), "PORT": str(self.port), "SANDBOX_PORT": str(free_port())}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.deploy.supervisor", "run"],
            cwd=PROJECT,
            env=os.environ | words | {"EMPTY": "1", "NO_BROWSER": "1", "DJANGO_SETTINGS_MODULE": "config.settings"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_ready(self) -> str:
        """Read what it says up to its address."""
        words = ""
        for line in self.process.stdout or ():
            words += line
            if "is ready at" in line:
                return words
        pytest.fail(f"it never got ready:\n{words}")

    def readiness(self) -> dict[str, str]:
        asking = http.client.HTTPConnection(HOST, self.port, timeout=30)
        asking.request("GET", "/readyz")
        answer: dict[str, str] = json.loads(asking.getresponse().read())
        asking.close()
        return answer

    def programs(self) -> list[psutil.Process]:
        """Whatever it started that still lives."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == str(self.var):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def end(self) -> str:
        """Wait for it and return its last words."""
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]


def waiting(database: psycopg.Connection[tuple[int]]) -> int:
    """Count the messages nobody has done."""
    row = database.execute("SELECT queue_length FROM pgmq.metrics('redress')").fetchone()
    return row[0] if row else 0


@pytest.fixture(scope="class")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep one folder for all runs: whoever is first sets everything up, whoever follows finds it stopped."""
    var = tmp_path_factory.mktemp("portal") / "var"
    yield var
    home = Home(var / "postgres")
    assert home.stop_if_unused()
    shutil.rmtree(home.folder)


@pytest.mark.servers
@pytest.mark.slow
class TestMakeRun:
    def test_comes_up_survives_its_database_and_stops_when_asked(self, var: Path) -> None:
        run = Run(var)
        assert f"http://127.0.0.1:{run.port}" in run.until_ready()
        assert set(run.readiness().values()) == {"ok"}
        lock = Home(var / "postgres").folder / "data" / "postmaster.pid"

        os.kill(int(lock.read_text().split("\n")[0]), signal.SIGKILL)

        deadline = time.monotonic() + PATIENCE_SECONDS
        while set(run.readiness().values()) != {"ok"} and time.monotonic() < deadline:
            time.sleep(0.2)
        run.process.send_signal(signal.SIGTERM)
        assert "Stopped; the data stays." in run.end()
        assert run.process.returncode == 0
        assert run.programs() == []

    def test_works_off_a_backlog_faster_than_it_looks_for_work(self, var: Path) -> None:
        run = Run(var)
        run.until_ready()
        url = pgmq_conninfo(Home(var / "postgres").url)
        with Connection("pgmq://localhost", transport_options={"conn_string": url, "init_extension": False}) as broker:
            for _ in range(100):
                Celery(broker=broker.as_uri()).send_task(
                    "kernel.sweep_outbox", connection=broker, queue="redress", exchange="redress", routing_key="redress"
                )
        with psycopg.connect(Home(var / "postgres").url, autocommit=True) as database:
            deadline = time.monotonic() + 40
            while waiting(database) and time.monotonic() < deadline:
                time.sleep(0.5)
            assert waiting(database) < 3

        run.process.send_signal(signal.SIGTERM)
        run.end()

    def test_says_which_program_died_and_stops_the_others(self, var: Path) -> None:
        run = Run(var)
        run.until_ready()
        worker = next(
            program for program in run.programs() if "worker" in program.cmdline() and program.ppid() == run.process.pid
        )

        worker.kill()

        assert "The worker was killed by SIGKILL." in run.end()
        assert run.process.returncode == 1
        assert run.programs() == []

    def test_starts_again_after_it_was_killed(self, var: Path) -> None:
        first = Run(var)
        first.until_ready()
        first.process.kill()
        first.end()

        second = Run(var)

        assert "that an earlier run left behind" in second.until_ready()
        second.process.send_signal(signal.SIGINT)
        second.end()
        assert second.process.returncode == 0


class TestRefuseBusyPorts:
    def test_says_which_port_is_taken(self, tmp_path: Path) -> None:
        said: list[str] = []
        with socket.socket() as taken:
            taken.bind((HOST, 0))
            taken.listen()
            port = taken.getsockname()[1]
            run = Portal(load().model_copy(update={"var_dir": tmp_path}), port, said.append)

            with pytest.raises(CannotRunError, match=f"Port {port} is in use"):
                run.refuse_busy_ports()

        assert not portal.is_taken(port)
