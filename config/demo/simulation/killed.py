"""One refund whose worker is killed in the middle of the call, told step by step for whoever watches."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management.base import CommandError

from refunds.gateways.registry import standing_in
from refunds.models import Operation, Payment
from refunds.orders.announcing import announce_payments
from refunds.processing.performing import LEASE, perform_operation

from . import goods, hands
from .clock import SharedClock
from .premises import OwnSandbox, own_database
from .shop import settle_shop

if TYPE_CHECKING:
    from collections.abc import Callable

SALE = goods.Sale(1, "GBP", 42_00, 3)
ARRIVES_SECONDS = 20.0


class Story:
    """Tells what happens, and fails when it does not happen so."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        """Begin at the first step."""
        self._tell = tell
        self._clock = SharedClock()
        self._step = 0

    def play(self, like: str = "") -> bool:
        """Let it happen in a database and a sandbox of its own; answers whether the customer was paid exactly once."""
        settings.OUTBOX_WAKES_WORKERS = False
        with tempfile.TemporaryDirectory(prefix="simulation-") as folder, own_database(like), self._clock.installed():
            sandbox = OwnSandbox(Path(folder) / "sandbox")
            try:
                with standing_in("stripe", sandbox.gateway()):
                    return self._happen(sandbox)
            finally:
                sandbox.stop()

    def _happen(self, sandbox: OwnSandbox) -> bool:
        operation = self._approve()
        self._say(
            f"A refund of {operation.amount} is approved. Its instruction is written down, with the key "
            f"{operation.idempotency_key}, before anybody calls the processor."
        )
        self._kill_in_mid_call(operation, sandbox)
        before = self._read(operation)
        self._say(f"Our books: the refund is “{before.get_state_display()}”. We do not know whether the money moved.")
        self._say_books(sandbox)
        is_taken = perform_operation(operation_id=operation.pk, at=self._clock.now())
        self._say(
            "A second worker comes by at once and takes it."
            if is_taken
            else "A second worker comes by at once and "
            f"leaves it alone: the first one's lease of {LEASE.seconds} seconds has not run out."
        )
        self._clock.go_ahead(LEASE.total_seconds())
        self._say(f"{LEASE.seconds} seconds later (the clock is set forward) the lease has run out.")
        perform_operation(operation_id=operation.pk, at=self._clock.now())
        after = self._read(operation)
        self._say(
            f"The second worker sends the same key again, and the processor answers with the refund it already made: "
            f"{after.external_id}. Our books: “{after.get_state_display()}”, after {after.attempt_count} tries."
        )
        refunds = self._say_books(sandbox)
        is_well = refunds == 1 and after.state == "succeeded" and not is_taken
        self._say("The customer was paid once." if is_well else "This must not be.")
        return is_well

    def _approve(self) -> Operation:
        settle_shop(at=self._clock.now())
        goods.write_sales([SALE], at=self._clock.now())
        announce_payments(Payment.objects.select_related("order"))
        goods.approve([SALE], at=self._clock.now())
        return Operation.objects.get()

    def _kill_in_mid_call(self, operation: Operation, sandbox: OwnSandbox) -> None:
        sandbox.ask("POST", "/_sandbox/next", {"fault": "slow_after"})
        worker = hands.start(_send, operation, sandbox, self._clock)
        until = time.monotonic() + ARRIVES_SECONDS
        while not sandbox.ask("GET", "/_sandbox/books")["refunds"]:
            if time.monotonic() > until:
                raise CommandError("The worker never reached the sandbox.")
            time.sleep(0.005)
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        self._say(
            f"A worker (process {worker.pid}) claims it and calls the processor. The processor makes the refund; while "
            "its answer is on the way, the worker is killed with SIGKILL."
        )

    def _say_books(self, sandbox: OwnSandbox) -> int:
        refunds = sandbox.ask("GET", "/_sandbox/books")["refunds"]
        listed = ", ".join(f"{one['id']} of {one['amount']} pence under {one['idempotency_key']}" for one in refunds)
        self._say(f"The processor's books: {len(refunds)} refund{'' if len(refunds) == 1 else 's'}. {listed}.")
        return len(refunds)

    def _read(self, operation: Operation) -> Operation:
        return Operation.objects.get(pk=operation.pk)

    def _say(self, sentence: str) -> None:
        self._step += 1
        self._tell(f"{self._step}. {sentence}")


def _send(operation: Operation, sandbox: OwnSandbox, clock: SharedClock) -> None:
    with standing_in("stripe", sandbox.gateway()):
        perform_operation(operation_id=operation.pk, at=clock.now())
