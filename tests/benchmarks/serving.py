"""The portal on granian with two workers, over the database of a benchmark."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def served_as_in_production() -> Iterator[int]:
    """Serve it with its static files collected and packed, and its pages packed as a proxy would."""
    with tempfile.TemporaryDirectory() as folder:
        words = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.as_served", "BENCH_STATIC": folder}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput"]
        subprocess.run(collect, env={**os.environ, **words}, check=True, stdout=subprocess.DEVNULL)
        with served(words) as port:
            yield port


@contextmanager
def served(words: Mapping[str, str] = MappingProxyType({})) -> Iterator[int]:
    """Serve it on a free port of loopback for a while; `words` are told by the environment."""
    port = _free_port()
    server = _serve(port, words)
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


def _serve(port: int, words: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2"]
    command += ["--blocking-threads", "4", "--no-ws", "config.wsgi:application"]
    return subprocess.Popen(
        command,
        env={**os.environ, "DATABASE_URL": address_of_database(), **words},
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
