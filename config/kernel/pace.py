"""How often somebody called lately, counted in the database: exact for any number of web processes."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from datetime import datetime

KEPT_FOR = timedelta(days=1)

# The database's clock: web servers of several machines do not agree to the millisecond. A crash may empty the table
# (the migration leaves it out of the write-ahead log), which costs nobody more than one fresh window.
_COUNT = """
    INSERT INTO kernel_pace AS held (caller, began_at, count) VALUES (%(caller)s, clock_timestamp(), 1)
    ON CONFLICT (caller) DO UPDATE SET
        began_at = CASE WHEN held.began_at <= clock_timestamp() - %(window)s THEN EXCLUDED.began_at
                        ELSE held.began_at END,
        count = CASE WHEN held.began_at <= clock_timestamp() - %(window)s THEN 1
                     ELSE LEAST(held.count, %(most)s) + 1 END
    RETURNING count, EXTRACT(EPOCH FROM began_at + %(window)s - clock_timestamp())::float8
"""


class Pace(models.Model):
    """How many calls one caller made in the window that began with the first of them; names nobody."""

    caller = models.CharField(primary_key=True, max_length=64)
    began_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} calls since {self.began_at}"


def seconds_to_wait(*, caller: str, most: int, window: timedelta) -> float | None:
    """Count this call; None where it may go on, else the seconds until the window ends.

    A window begins with its first call and lets `most` through. One statement counts and decides: of callers in the
    same instant, on whichever server, exactly `most` go on.
    """
    words: dict[str, Any] = {"caller": hashlib.sha256(caller.encode()).hexdigest(), "most": most, "window": window}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, words)
        count, left = cursor.fetchone()
    return None if count <= most else max(float(left), 0.0)


def forget_paces(*, at: datetime) -> None:
    """Take out who has not called for a day."""
    Pace.objects.filter(began_at__lt=at - KEPT_FOR).delete()
