"""What the gateway tests play with: a real sandbox process, a webhook endpoint, payments and instructions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refunds.gateways.base import CapturedPayment, RefundInstruction
from refunds.gateways.sandbox_client import SandboxGateway

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).parents[3]
SECRET = "whsec_demo"
CAPTURED_AT = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@dataclass
class SandboxProcess:
    """One running sandbox; `stop` asks politely, `kill` does not."""

    data: Path
    webhook_url: str = ""
    settle_seconds: float = 0.3
    address: str = ""
    _process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait for the line that names the address."""
        options = ["--port", "0", "--data", str(self.data), "--webhook-url", self.webhook_url]
        options += ["--webhook-secret", SECRET, "--settle-seconds", str(self.settle_seconds)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "refunds.gateways.sandbox", *options],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert "http://" in line, "the sandbox did not start"
        self.address = line.split()[-1]

    def stop(self, seconds: float = 5) -> int:
        """Ask it to end and return its exit status."""
        assert self._process
        self._process.terminate()
        return self._ended(seconds)

    def kill(self) -> None:
        """End it as a power cut of the process would."""
        assert self._process
        self._process.kill()
        self._ended(5)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Speak to the sandbox's own addresses."""
        raw = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, raw, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def books(self) -> Any:
        """Read its books."""
        return self.ask("GET", "/_sandbox/books")

    def arm(self, fault: str, times: int = 1) -> None:
        """Arm a fault for the next refund."""
        self.ask("POST", "/_sandbox/next", {"fault": fault, "times": times})

    def settled(self, refund_id: str, status: str, seconds: float = 5) -> bool:
        """Wait until a refund has this status."""
        return eventually(lambda: self._status_of(refund_id) == status, seconds)

    def _status_of(self, refund_id: str) -> str:
        return str(next(one["status"] for one in self.books()["refunds"] if one["id"] == refund_id))

    def gateway(self, key: str = "sk_test_sandbox", timeout_seconds: tuple[float, float] = (2, 5)) -> SandboxGateway:
        """Make a gateway that talks to it."""
        return SandboxGateway(key, [SECRET], api_base=self.address, timeout_seconds=timeout_seconds)

    def _ended(self, seconds: float) -> int:
        assert self._process
        assert self._process.stdout
        status = self._process.wait(timeout=seconds)
        self._process.stdout.close()
        return status


@dataclass
class Ear:
    """A webhook endpoint that keeps what it hears; `refusals` are answered with 500 first."""

    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refusals: int = 0
    url: str = ""

    def types(self) -> list[str]:
        """List the types of the events heard."""
        return [json.loads(raw)["type"] for _, raw in self.heard]


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Ask until it holds, or the time is up."""
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.02)
    return held


def payment(
    external_id: str, amount_minor: int = 10_000, currency: str = "GBP", method: str = "card"
) -> CapturedPayment:
    """Build a payment captured elsewhere."""
    return CapturedPayment(
        external_id=external_id,
        amount_minor=amount_minor,
        currency=currency,
        captured_at=CAPTURED_AT,
        method=method,
        metadata={"order_id": "536365"},
    )


def instruction(
    operation_id: str = "op-1",
    *,
    amount_minor: int = 2_500,
    currency: str = "GBP",
    payment_external_id: str = "pi_100",
    reason_code: str = "damaged",
    attempt: int = 1,
    is_fraud_decided: bool = False,
) -> RefundInstruction:
    """Build one try at refunding; equal operation and attempt, equal key."""
    return RefundInstruction(
        operation_id=operation_id,
        attempt=attempt,
        amount_minor=amount_minor,
        currency=currency,
        payment_external_id=payment_external_id,
        reason_code=reason_code,
        reference="RR-7F3K",
        idempotency_key=f"op-{operation_id}-{attempt}",
        is_fraud_decided=is_fraud_decided,
    )
