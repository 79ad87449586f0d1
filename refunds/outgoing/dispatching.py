"""Serve many endpoints side by side: a slow one holds up nobody but itself."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from refunds.models import Announcement

from .sending import endpoints_to_serve, send_next
from .vocabulary import SendState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

logger = structlog.get_logger(__name__)

AT_ONCE = 16
RUN_SECONDS = 20
"""A run takes nothing up after this, so that a worker comes back for other work."""

LOOK_SECONDS = 0.2
FORGET_AT_ONCE = 5_000


def dispatch(*, run_seconds: float = RUN_SECONDS) -> int:
    """Send everything that is due, one message at a time to each endpoint. Answers how many were sent.

    Any number of runs share the work: the claim of each message and the lease of each endpoint are in the database.
    """
    until = time.monotonic() + run_seconds
    busy: dict[Future[bool], UUID] = {}
    stuck: set[UUID] = set()
    done = 0
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="webhooks") as pool:
        while True:
            if time.monotonic() < until and len(busy) < AT_ONCE:
                # Those that are under way here count as free until their claim is committed.
                others = endpoints_to_serve(timezone.now()).exclude(pk__in={*busy.values(), *stuck})
                for pk in others.values_list("pk", flat=True)[: AT_ONCE - len(busy)]:
                    busy[pool.submit(_send, pk)] = pk
            if not busy:
                return done
            for future in wait(busy, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
                pk = busy.pop(future)
                if future.result():
                    done += 1
                else:
                    stuck.add(pk)


def _send(endpoint_id: UUID) -> bool:
    try:
        return send_next(endpoint_id=endpoint_id, at=timezone.now())
    except Exception:
        # One broken row must not keep all others waiting; its lease runs out and it is tried again.
        logger.exception("webhook.cannot_be_sent", endpoint=str(endpoint_id))
        return False
    finally:
        # Each thread has a connection of its own, and nobody else would close it.
        connection.close()


def forget_old(*, at: datetime) -> int:
    """Delete what was told long ago, with its deliveries; never what still waits. Answers how many."""
    old = Announcement.objects.filter(at__lt=at - timedelta(days=settings.WEBHOOK_KEEP_DAYS)).exclude(
        deliveries__state=SendState.WAITING
    )
    doomed = list(old.order_by("at").values_list("pk", flat=True)[:FORGET_AT_ONCE])
    Announcement.objects.filter(pk__in=doomed).delete()
    return len(doomed)
