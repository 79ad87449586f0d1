"""The HTTP side: one thread per connection, kept alive, loopback only."""

from __future__ import annotations

import itertools
import logging
import select
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from refunds.gateways.sandbox.forms import parse_form
from refunds.gateways.sandbox.problems import Problem
from refunds.gateways.sandbox.routes import answer
from refunds.gateways.sandbox.wire import Mishap, Reply, Request, refused

if TYPE_CHECKING:
    from refunds.gateways.sandbox.desk import Desk

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 4 * 1024 * 1024
IDLE_SECONDS = 600
HANG_SECONDS = 120
LOOK_SECONDS = 0.1
SLOW_SECONDS = 0.3
WAITING_CONNECTIONS = 128


class SandboxServer(ThreadingHTTPServer):
    """The listening socket and the desk behind it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = WAITING_CONNECTIONS

    def __init__(self, port: int, desk: Desk) -> None:
        """Listen on loopback; port 0 takes any free one."""
        self.desk = desk
        self.request_numbers = itertools.count(1)
        super().__init__((LOOPBACK, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, has it answered, writes the answer or lets the mishap happen."""

    server: SandboxServer
    protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65536
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        """Answer a question."""
        self._respond()

    def do_POST(self) -> None:
        """Do what is asked."""
        self._respond()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        """Keep the terminal quiet unless somebody debugs."""
        log.debug(format, *args)

    def _respond(self) -> None:
        reply = self._reply()
        if reply.mishap is Mishap.HANG:
            self._hang()
        if reply.mishap in {Mishap.HANG, Mishap.RESET}:
            self._reset()
            return
        if reply.mishap is Mishap.SLOW:
            self.server.desk.stopping.wait(SLOW_SECONDS)
        payload = reply.text.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Request-Id", f"req_sandbox{next(self.server.request_numbers):012d}")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.mishap is Mishap.CUT:
            payload, self.close_connection = payload[: len(payload) // 2], True
        self.wfile.write(payload)

    def _reply(self) -> Reply:
        try:
            return answer(self.server.desk, self._request())
        except Problem as problem:
            self.close_connection = True
            return refused(problem)
        except Exception:
            # A processor answers its own bugs with a 500, and so the one that plays it does.
            log.exception("The sandbox stumbled over %s %s", self.command, self.path)
            self.close_connection = True
            return refused(Problem(500, None, "The sandbox has a bug here.", kind="api_error"))

    def _request(self) -> Request:
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or "Transfer-Encoding" in self.headers:
            raise Problem(411, None, "Say how long the body is.")
        if int(length) > LARGEST_BODY:
            raise Problem(413, None, f"A body has at most {LARGEST_BODY} bytes.")
        raw = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        address = urlsplit(self.path)
        is_form = self.command == "POST" and address.path.startswith("/v1/")
        params = parse_form(raw if is_form else address.query.encode())
        return Request(self.command, address.path, params, headers, raw)

    def _hang(self) -> None:
        """Say nothing until the caller has enough, or the sandbox stops."""
        until = time.monotonic() + HANG_SECONDS
        while time.monotonic() < until and not self.server.desk.stopping.wait(LOOK_SECONDS):
            if select.select([self.connection], [], [], 0)[0]:
                return

    def _reset(self) -> None:
        """Break the connection the hard way, as a dying proxy does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
