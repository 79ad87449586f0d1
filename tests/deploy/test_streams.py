"""The web server of `make run` under open streams: pages are answered beside them, who leaves gives a place back."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from config.deploy.portal import HOST, WEB
from config.live_hub import MOST_STREAMS
from tests.architecture.asking import client_of
from tests.deploy.test_portal import free_port
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE_SECONDS = 20.0


class Server:
    """Granian as the portal starts it, on the database of the tests."""

    def __init__(self) -> None:
        self.port = free_port()
        given = connection.get_connection_params()
        where = f"postgresql://{given['user']}@/{given['dbname']}?host={quote(str(given.get('host', '')), safe='')}"
        where += f"&port={given['port']}" if given.get("port") else ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", *WEB, "--host", HOST, "--port", str(self.port), "config.wsgi:application"],
            env={**os.environ, "DATABASE_URL": where, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def asked(self, path: str, cookie: str = "") -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Ask and hand over the connection with the answer, whose body may still be coming."""
        asking = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        asking.request("GET", path, headers={"Cookie": cookie})
        return asking, asking.getresponse()

    def status(self, path: str, cookie: str = "") -> int:
        """Ask and read it all."""
        asking, answer = self.asked(path, cookie)
        with closing(asking):
            answer.read()
            return answer.status


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    """Start one, and stop it."""
    started = Server()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            started.status("/healthz")
            break
        except OSError:
            time.sleep(0.1)
    yield started
    started.process.terminate()
    started.process.wait(10)


class TestTheWebServer:
    def test_answers_pages_beside_as_many_streams_as_it_takes(self, server: Server) -> None:
        viktor = client_of(settle("viktor"))
        cookie = f"{settings.SESSION_COOKIE_NAME}={viktor.cookies[settings.SESSION_COOKIE_NAME].value}"
        with ExitStack() as tabs:
            heard = []
            for _ in range(2 * MOST_STREAMS + 10):
                asking, answer = server.asked("/live/", cookie)
                tabs.enter_context(closing(asking))
                heard.append(answer.status)
                if answer.status == http.HTTPStatus.OK:
                    assert answer.readline().startswith(b"retry")
            assert heard.count(200) >= MOST_STREAMS
            assert heard.count(503) >= 10
            began = time.monotonic()
            assert [server.status("/queue/", cookie) for _ in range(8)] == [200] * 8
            assert time.monotonic() - began < PATIENCE_SECONDS / 2

        until = time.monotonic() + PATIENCE_SECONDS
        while server.status("/live/poll/", cookie) and time.monotonic() < until:
            asking, answer = server.asked("/live/", cookie)
            asking.close()
            if answer.status == http.HTTPStatus.OK:
                return
        pytest.fail("No place came free.")

    def test_stops_at_once_though_streams_are_open(self, server: Server) -> None:
        viktor = client_of(settle("viktor"))
        cookie = f"{settings.SESSION_COOKIE_NAME}={viktor.cookies[settings.SESSION_COOKIE_NAME].value}"
        asking, answer = server.asked("/live/", cookie)
        with closing(asking):
            assert answer.readline().startswith(b"retry")

            began = time.monotonic()
            server.process.terminate()
            server.process.wait(PATIENCE_SECONDS)

            assert time.monotonic() - began < 6
