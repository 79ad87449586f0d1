"""Messages that nobody can work off, put among those that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure
    from .premises import Premises

GARBLED: tuple[dict[str, object], ...] = ({}, {"body": "!", "properties": {}}, {"garbage": [1, 2, 3]})
UNKNOWN_TASK = {
    "body": "W1tdLCB7fSwge31d",
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "headers": {"task": "nobody.knows", "id": "00000000-0000-0000-0000-000000000001", "lang": "py"},
    "properties": {
        "correlation_id": "1",
        "delivery_info": {"exchange": "redress", "routing_key": "redress"},
        "delivery_mode": 2,
        "delivery_tag": "1",
        "body_encoding": "base64",
        "priority": 0,
    },
}
ROW = """
    INSERT INTO kernel_outboxrow (id, news, task, ids, created_at, due_at, attempt_count, last_error)
    VALUES (gen_random_uuid(), 'drill.poison', %s, %s, now(), now(), %s, '')
"""
PARKED = "SELECT count(*) FROM kernel_outboxrow WHERE news = 'drill.poison' AND parked_at IS NOT NULL"
HASTEN = """
    UPDATE kernel_outboxrow SET due_at = now() - interval '1 minute'
    WHERE news = 'drill.poison' AND parked_at IS NULL AND due_at > now() RETURNING 1
"""


def poison(place: Premises) -> Iterator[Figure]:
    """Send garbled messages, an unknown task, news whose task always raises and news that kills its worker.

    The pauses between tries are cut short; both pieces of news must end with a person.
    """

    def deed() -> None:
        with psycopg.connect(place.home.url, autocommit=True) as connection:
            for message in (*GARBLED, UNKNOWN_TASK):
                connection.execute("SELECT pgmq.send('redress', %s)", [Jsonb(message)])
            connection.execute(ROW, ["json.loads", Jsonb({}), 59])
            connection.execute(ROW, ["os._exit", Jsonb({"status": 9}), 0])
        seconds.append(place.until(lambda: place.ask(PARKED) == 2 or place.ask(HASTEN) < 0))  # noqa: PLR2004 - both

    seconds: list[float] = []
    figure = place.drill("poison", deed)
    figure.more["parked"] = place.ask(PARKED)
    figure.more["parked_in"] = f"{seconds[0]:.1f}s"
    yield figure
