"""The default broker's transport, which a message that nobody can read does not stop."""

from __future__ import annotations

from typing import Any, Final

import structlog
from kombu.transport import pgmq

log = structlog.get_logger(__name__)

MOST_READS: Final = 20
"""So often a message came back from workers that died over it; what it woke them for is found by a sweep."""


class Channel(pgmq.Channel):
    """Puts what is no message of ours, or kills whoever takes it, into PGMQ's archive and goes on.

    Kombu raises on such a message and the worker ends; after its visibility time the next worker would.
    """

    def _receive_messages(self, queue: str, *arguments: Any, **options: Any) -> list[Any]:
        found = super()._receive_messages(queue, *arguments, **options)
        return [message for message in found if self._is_fit(queue, message)]

    def _is_fit(self, queue: str, message: Any) -> bool:
        if is_ours(message.message) and message.read_ct <= MOST_READS:
            return True
        log.error("broker.message_put_aside", queue=queue, message=message.msg_id, reads=message.read_ct)
        self.pgmq.archive(self._queue_name(queue), message.msg_id)
        return False


class Transport(pgmq.Transport):
    """PGMQ with that channel."""

    Channel = Channel


def is_ours(payload: object) -> bool:
    """Tell whether a message has the parts that Kombu and Celery read without asking."""
    if not isinstance(payload, dict) or not isinstance(payload.get("body"), str):
        return False
    properties = payload.get("properties")
    if not isinstance(properties, dict) or "delivery_tag" not in properties:
        return False
    parts = (payload.get("headers", {}), properties.get("delivery_info"))
    return all(isinstance(part, dict) for part in parts)
