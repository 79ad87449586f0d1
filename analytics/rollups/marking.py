"""The bookmark, and what keeps it honest: one who counts at a time, and who else is still writing."""

from __future__ import annotations

from typing import Final

from django.db import connection

from analytics.models import RollupMark

LOCK: Final = 0x1EA4A6E
"""The advisory lock of whoever counts."""

_WRITERS: Final = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid IS DISTINCT FROM pg_backend_pid()
"""


def is_alone() -> bool:
    """Try to be the only one who counts until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def wait_to_be_alone() -> None:
    """Be the only one who counts until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def the_mark() -> RollupMark:
    """Read the bookmark, made on its first use."""
    return RollupMark.objects.get_or_create(pk=1)[0]


def writers_of(table: str) -> list[str]:
    """Name the transactions of others that are writing to a table now."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [table])
        return sorted(row[0] for row in cursor.fetchall())
