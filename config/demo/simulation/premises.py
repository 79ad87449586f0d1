"""A database and a processor of one's own, both gone afterwards: nothing of the portal's is read or written."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import requests
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import ProgrammingError, connection, connections
from psycopg import sql

from refunds.gateways.sandbox_client import SandboxGateway

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API_KEY = "sk_test_simulation"
SECRET = "whsec_simulation"  # noqa: S105 - signs play money's messages
CONNECT_AND_READ_SECONDS = (2.0, 0.7)
"""A worker of the product waits for 30 seconds; nothing is proved by waiting longer for an answer that never comes."""

PENDING_SECONDS = 1800
STOP_SECONDS = 5


@contextmanager
def own_database(like: str = "") -> Iterator[str]:
    """Work in a new database on the configured server, migrated or copied, and drop it afterwards.

    :raises CommandError: when the database's user may not create one
    """
    portals, name = connection.settings_dict["NAME"], f"simulation_{os.getpid()}_{secrets.token_hex(3)}"
    template = sql.SQL(" TEMPLATE {}").format(sql.Identifier(like)) if like else sql.SQL("")
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), template))
    except ProgrammingError as refused:
        raise CommandError(f"The simulation needs a database of its own: {refused}") from refused
    try:
        _move_to(name)
        if not like:
            call_command("migrate", verbosity=0, interactive=False)
        yield name
    finally:
        _move_to(portals)
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.close()


def _move_to(name: str) -> None:
    connections.close_all()
    connection.settings_dict["NAME"] = name


class OwnSandbox:
    """A sandbox process with books of its own."""

    def __init__(self, data: Path, *, webhook_url: str = "") -> None:
        """Start it on any free port of loopback and wait until it answers."""
        options = ["--port", "0", "--data", str(data), "--webhook-url", webhook_url, "--webhook-secret", SECRET]
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", "refunds.gateways.sandbox", *options, "--settle-seconds", str(PENDING_SECONDS)],
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=(data.parent / "sandbox.log").open("w"),
            text=True,
            # Ctrl-C is for the command alone, which then stops this.
            start_new_session=True,
        )
        told = self._process.stdout.readline() if self._process.stdout else ""
        if "http://" not in told:
            self.stop()
            raise CommandError("The simulation's sandbox does not start.")
        self.address = told.split()[-1]

    def gateway(self) -> SandboxGateway:
        """Make the product's own gateway to it."""
        return SandboxGateway(API_KEY, [SECRET], api_base=self.address, timeout_seconds=CONNECT_AND_READ_SECONDS)

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Speak to its own addresses."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, self.address + path, json=body, timeout=60)
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
        return told

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
