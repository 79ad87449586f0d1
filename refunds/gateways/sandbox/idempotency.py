"""Stripe's idempotency keys, API v1: the first answer is kept once work has begun, whatever it was, and replayed."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from refunds.gateways.sandbox.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from refunds.gateways.sandbox.books import Books
    from refunds.gateways.sandbox.clock import Clock
    from refunds.gateways.sandbox.records import Answer

LONGEST_KEY = 255


def fingerprint(path: str, params: Mapping[str, Any]) -> str:
    """Digest what was asked, so that a key used for something else is noticed."""
    return hashlib.sha256(json.dumps([path, params], sort_keys=True).encode()).hexdigest()


def in_use() -> Problem:
    """Make the answer to a key whose first request is still being worked on."""
    message = "There is currently another in-progress request using this Idempotency-Key. Please try again later."
    return Problem(409, "idempotency_key_in_use", message, kind="idempotency_error", is_validation=True)


class KeyRing:
    """The keys in use now; the answers of finished ones are in the books."""

    def __init__(self, books: Books, clock: Clock) -> None:
        """Begin with no request under way."""
        self._books = books
        self._clock = clock
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def kept(self, key: str, asked: str) -> Answer | None:
        """Find the answer kept for a key.

        :raises Problem: when the key was first used for something else, or cannot be a key
        """
        if len(key) > LONGEST_KEY:
            raise Problem(400, None, f"Idempotency keys have at most {LONGEST_KEY} characters.", is_validation=True)
        answer = self._books.answer(key, self._clock.now()) if key else None
        if answer and answer.asked != asked:
            message = (
                f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise Problem(400, None, message, kind="idempotency_error", is_validation=True)
        return answer

    @contextmanager
    def claimed(self, key: str) -> Iterator[None]:
        """Hold a key while its request is worked on; no key, nothing to hold.

        :raises Problem: 409 when somebody else holds it
        """
        with self._lock:
            if key and key in self._running:
                raise in_use()
            self._running.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(key)
