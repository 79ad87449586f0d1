"""The portal on granian with two workers, over the database of a benchmark."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served() -> Iterator[int]:
    """Serve it on a free port of loopback for a while."""
    port = _free_port()
    server = _serve(port)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def address_of_database() -> str:
    """Write the address of the benchmark's database, for a program that is told by DATABASE_URL."""
    parameters = connection.get_connection_params()
    host = quote(str(parameters.get("host", "")), safe="")
    where = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={host}"
    return where + (f"&port={parameters['port']}" if parameters.get("port") else "")


def _serve(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2"]
    command += ["--blocking-threads", "4", "--no-ws", "config.wsgi:application"]
    return subprocess.Popen(
        command,
        env={**os.environ, "DATABASE_URL": address_of_database()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            talk = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            talk.request("GET", "/healthz")
            if talk.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
