"""Hundreds of refunds in bad weather by workers that are killed, and a wrong rule that must be found out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from config.deploy import warden
from config.deploy.postgres import Home
from refunds.models import Operation
from refunds.processing.performing import LEASE, perform_operation
from refunds.vocabulary import OperationState, State
from tests.refunds.gateways.stage import eventually

from .conftest import Stage, fresh, request_of
from .simulation import CHECKS, LONGEST_SECONDS, PROJECT, Printed, command, run, surroundings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SEED = "20261121"
OPERATIONS = "250"


@pytest.fixture
def unused_database(transactional_db: None) -> str:
    """Name a migrated database that nobody is connected to: copied faster than migrated."""
    return f"{connection.settings_dict['NAME']}_untouched"


class TestHundredsOfRefunds:
    def test_are_paid_once_each_in_any_weather(self, unused_database: str) -> None:
        ran = run("simulate_money", "--operations", OPERATIONS, "--seed", SEED, "--like", unused_database)

        assert {check: ran.count(check) for check in CHECKS} == dict.fromkeys(CHECKS, 0), ran.text
        assert ran.status == 0, ran.text
        assert ran.count("exceptions in the portal's log") == 0, ran.text
        assert ran.total("faults at 35%") > 250
        assert ran.total("workers killed") > 30
        assert min(ran.count(phase) for phase in ("after the claim", "during the call", "after the call")) > 0
        assert ran.count("false not taken") > 12


class TestANewKeyWithEveryRetry:
    def test_pays_twice_and_is_found_out(self, unused_database: str) -> None:
        ran = run("simulate_money", "--operations", "40", "--seed", "1", "--naive", "--like", unused_database)

        assert ran.status == 1, ran.text
        assert ran.count("refunded twice") > 0, ran.text
        assert ran.count("currencies that do not tie") > 0, ran.text


class TestTheStoryOfAKilledWorker:
    def test_ends_with_one_refund(self, unused_database: str) -> None:
        ran = run("show_killed_worker", "--like", unused_database)

        assert ran.status == 0, ran.text
        assert "is killed with SIGKILL" in ran.text
        assert "The customer was paid once." in ran.text
        assert ran.text.count("The processor's books: 1 refund.") == 2


class TestAnInterruptedSimulation:
    def test_leaves_nothing_behind(self, unused_database: str) -> None:
        before = _databases()
        words = command("simulate_money", "--operations", "400", "--like", unused_database)
        running = subprocess.Popen(
            words,
            cwd=PROJECT,
            env=surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert eventually(lambda: _databases() > before, 60)
        time.sleep(3)
        started = psutil.Process(running.pid).children(recursive=True)
        assert any("refunds.gateways.sandbox" in one.cmdline() for one in started)

        running.send_signal(signal.SIGINT)

        assert running.wait(60) == 130
        assert running.communicate()[1].endswith(b"Interrupted; database, sandbox and workers are gone.\n")
        assert _databases() == before
        assert [one for one in started if one.is_running()] == []


class TestARestartedDatabase:
    def test_loses_nothing_and_pays_nobody_twice(self, tmp_path: Path, unused_database: str) -> None:
        home = Home(tmp_path / "own")
        url = home.ensure_running()
        try:
            _copy_to(home, unused_database)
            words = ("--operations", "30", "--seed", "5", "--faults", "0.2", "--like", unused_database)
            running = subprocess.Popen(
                command("simulate_money", *words),
                cwd=PROJECT,
                env=surroundings(DATABASE_URL=url),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for succeeded in (5, 12, 20):
                assert eventually(lambda least=succeeded: _succeeded(url) >= least, 120)  # type: ignore[misc]
                _stop_at_once(home)
            ran = Printed(running.wait(LONGEST_SECONDS), running.communicate()[0])
        finally:
            assert home.stop_if_unused()

        assert {check: ran.count(check) for check in CHECKS} == dict.fromkeys(CHECKS, 0), ran.text
        assert ran.status == 0, ran.text


@pytest.mark.django_db(transaction=True)
class TestAKilledWorker:
    def test_in_the_middle_of_a_call_pays_once(self, stage: Stage) -> None:
        operation = stage.approved()
        Operation.objects.filter(pk=operation.pk).update(next_try_at=timezone.now())
        stage.sandbox.arm("hang")
        database = connection.settings_dict["NAME"]
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", database, stage.sandbox.address, str(operation.pk)],
            cwd=PROJECT,
            env=surroundings(),
        )
        assert eventually(lambda: bool(stage.refunds_of(operation)), 60)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(10) == -signal.SIGKILL
        assert fresh(operation).state == OperationState.SENDING
        assert not perform_operation(operation_id=operation.pk, at=timezone.now())

        operation = stage.perform(operation, timezone.now() + LEASE)

        assert (operation.state, request_of(operation).state) == (OperationState.SUCCEEDED, State.REFUNDED)
        assert [one["amount"] for one in stage.refunds_of(operation)] == [operation.amount_minor]
        assert [attempt.ended_at is None for attempt in operation.attempts.all()] == [True, False]


def _databases() -> set[str]:
    """List the simulations' databases on the tests' server."""
    parameters = connection.get_connection_params()
    names = ("user", "host", "port", "password")
    with psycopg.connect(
        dbname="postgres", **{name: parameters[name] for name in names if parameters.get(name)}
    ) as raw:
        return {name for (name,) in raw.execute("SELECT datname FROM pg_database WHERE datname LIKE 'simulation_%'")}


def _copy_to(home: Home, database: str) -> None:
    """Copy a database of the tests' server to a server of one's own."""
    server = connection.get_connection_params()
    options = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    there = {name: str(server[option]) for option, name in options.items() if server.get(option)}
    with psycopg.connect(home.url, autocommit=True) as raw:
        raw.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    written = subprocess.run([home.program("pg_dump"), database], env=there, capture_output=True, check=True)
    psql = [home.program("psql"), "--quiet", "--set", "ON_ERROR_STOP=1"]
    copied = [*psql, home.url.replace("/redress?", f"/{database}?")]
    subprocess.run(copied, input=written.stdout, stdout=subprocess.DEVNULL, check=True)


def _succeeded(url: str) -> int:
    """Count what the simulation on this server has paid; 0 while it cannot be asked."""
    try:
        with psycopg.connect(url) as raw:
            found = raw.execute("SELECT datname FROM pg_database WHERE datname LIKE 'simulation_%'").fetchone()
        with psycopg.connect(url.replace("/redress?", f"/{found[0] if found else ''}?")) as raw:
            counted = raw.execute("SELECT count(*) FROM refunds_operation WHERE state = 'succeeded'").fetchone()
    except psycopg.Error:
        return 0
    return int(counted[0]) if counted else 0


def _stop_at_once(home: Home) -> None:
    """Do what `pg_ctl -m immediate stop` does, which does not run as root; the warden starts the server again."""
    pid = warden.postmaster_pid(home.folder / "data")
    assert pid
    os.kill(pid, signal.SIGQUIT)
    assert eventually(lambda: not warden.is_postgres(pid), 20)
