"""What the news of the outbox benchmark does, imported by the workers that are killed."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection, transaction

TABLES: Final = """
    CREATE TABLE bench_subject (number int PRIMARY KEY, state text NOT NULL DEFAULT 'waiting');
    CREATE TABLE bench_effect (number int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
"""
NEWS: Final = "bench.effect_wanted"
SUBSCRIPTIONS: Final = {NEWS: ("tests.benchmarks.outbox_hands.take_effect",)}


def take_effect(*, number: str, **_later: Any) -> None:
    """Do as verbs do: move the subject under its lock and write the effect with it, or refuse the second time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE bench_subject SET state = 'done' WHERE number = %s AND state = 'waiting'", [number])
        if cursor.rowcount:
            cursor.execute("INSERT INTO bench_effect (number) VALUES (%s)", [number])
