"""Whether this process's clock agrees with the database's, by which all of them share the work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from celery import Task
from celery.exceptions import Ignore
from django.db import connection
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)

MOST_APART: Final = timedelta(seconds=30)
"""Half a lease: two workers within it never take each other's work for abandoned."""


def shared_now() -> datetime:
    """Read the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


class TimelyTask(Task[Any, Any]):
    """Work that is done only where the clock is right.

    A clock that is behind would send an idempotency key that the processor has forgotten; one ahead would take what
    other workers have in hand. The message is dropped: it is only a wake-up, and a sweep whose clock is right finds
    what waits. Where no clock is right nobody is seen at work, and the alarm for that rings.
    """

    abstract = True

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Let the work go, or leave it to others. :raises Ignore:"""
        apart = timezone.now() - shared_now()
        if abs(apart) > MOST_APART:
            logger.error("worker.clock_is_wrong", task=self.name, seconds_ahead=apart.total_seconds())
            raise Ignore
        super().before_start(task_id, args, kwargs)
