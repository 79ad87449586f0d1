"""The processes: workers that do with money what Celery's do, and the inbox that hears the processor."""

from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing import get_context
from random import Random
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, InterfaceError, connections

from config.kernel import outbox
from config.kernel.outbox import OutboxRow
from refunds.gateways.registry import standing_in
from refunds.processing.sweeping import sweep_operations
from refunds.processing.watching import watch_succeeded
from refunds.webhooks.inbox import sweep_deliveries

from .mortal import MortalGateway
from .naive import NaiveGateway

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from refunds.gateways.sandbox_client import SandboxGateway

    from .floor import Floor

FORK = get_context("fork")
MONEY_TASKS = ("refunds.tasks.perform_operation", "refunds.tasks.apply_delivery")
ROWS_AT_ONCE = 20
IDLE_SECONDS = 0.02
SWEEP_SECONDS = 30
"""How often parked deliveries are looked at again, as in `config/work.py`."""

WATCH_SECONDS = 3600
"""How often what succeeded is watched, as in `config/work.py`."""

LOST_DATABASE = 3


def start(act: Callable[..., None], *words: Any) -> BaseProcess:
    """Fork a process that acts; Ctrl-C is for the command alone."""
    # A connection must not be shared with a child.
    connections.close_all()
    process = FORK.Process(target=_act, args=(act, *words), daemon=True)
    process.start()
    return process


def _act(act: Callable[..., None], *words: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        act(*words)
    except (DatabaseError, InterfaceError):
        # The server was restarted under this worker; another one takes its place.
        sys.stdout.flush()
        os._exit(LOST_DATABASE)


def work(floor: Floor, place: int, address: str) -> None:
    """Take up whatever is due, again and again, until it is over."""
    bench, starter = floor.bench(place), os.getppid()
    kind = NaiveGateway if floor.terms.is_naive else MortalGateway
    with standing_in("stripe", kind(address, bench)):
        while not floor.is_over.value and os.getppid() == starter:
            bench.set_busy(is_busy=True)
            has_done = _round(floor)
            bench.set_busy(is_busy=False)
            if not has_done:
                time.sleep(IDLE_SECONDS)


def _round(floor: Floor) -> bool:
    now = floor.clock.now()
    rows = OutboxRow.objects.filter(task__in=MONEY_TASKS, due_at__lte=now).order_by("due_at")
    ids = list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE])
    # Workers that take the same rows in the same order only wait for each other.
    Random(os.getpid()).shuffle(ids)  # noqa: S311 - no secret
    has_done = sum(outbox.deliver_row(pk, at=floor.clock.now()) for pk in ids)
    has_done += sweep_operations(at=floor.clock.now())
    if now.timestamp() - floor.swept_at.value >= SWEEP_SECONDS:
        floor.swept_at.value = now.timestamp()
        sweep_deliveries(at=now)
    if now.timestamp() - floor.watched_at.value >= WATCH_SECONDS:
        floor.watched_at.value = now.timestamp()
        has_done += watch_succeeded(at=now)
    return bool(has_done)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_words: Any) -> None:
        """Leave the terminal to the progress line."""


def open_inbox() -> WSGIServer:
    """Listen for webhooks on any free port of loopback: the portal's own handler, middleware and all."""
    return make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet)


def hear(server: WSGIServer, gateway: SandboxGateway) -> None:
    """Answer the processor's messages until killed."""
    with standing_in("stripe", gateway):
        server.serve_forever()
