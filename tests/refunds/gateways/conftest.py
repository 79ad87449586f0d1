"""A real sandbox process on a free port, and gateways that talk to it."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.refunds.gateways.stage import Ear, SandboxProcess, payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from refunds.gateways.sandbox_client import SandboxGateway


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    sandbox = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    sandbox.start()
    yield sandbox
    assert sandbox.stop() == 0


@pytest.fixture
def sandbox(running_sandbox: SandboxProcess) -> SandboxProcess:
    """Empty the books of the running sandbox."""
    running_sandbox.ask("POST", "/_sandbox/reset", {})
    return running_sandbox


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """Start a sandbox that the test may kill."""
    sandbox = SandboxProcess(tmp_path / "books")
    sandbox.start()
    yield sandbox
    sandbox.kill()


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> SandboxGateway:
    """Make a gateway whose sandbox knows a payment of GBP 100.00 named pi_100."""
    gateway = sandbox.gateway()
    gateway.announce([payment("pi_100")])
    return gateway


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Listen for webhooks on a real HTTP server."""
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            ear.refusals -= 1
            if ear.refusals < 0:
                ear.heard.append((dict(self.headers.items()), raw))
            self.send_response(500 if ear.refusals >= 0 else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ear.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/stripe/"
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield ear
    server.shutdown()
    server.server_close()


@pytest.fixture
def heard_sandbox(tmp_path: Path, ear: Ear) -> Iterator[SandboxProcess]:
    """Start a sandbox that sends its webhooks to the ear and knows pi_100."""
    sandbox = SandboxProcess(tmp_path / "books", webhook_url=ear.url)
    sandbox.start()
    sandbox.gateway().announce([payment("pi_100")])
    yield sandbox
    sandbox.kill()
