"""Who is listening in this process, and the one thread that tells them.

Each open stream occupies a thread of the web server and nothing else: it waits on its own box. One thread for the whole
process listens to the database, works out what each screen must be told and puts it into the boxes. So a hundred
streams need two database connections, and work that changes often is told at most once in `GAP_SECONDS` to each.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from config.kernel.live import CHANNEL
from config.kernel.people import User, team_ids_of
from config.live_message import Screen, message_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

log = structlog.get_logger(__name__)

MOST_STREAMS = 40
"""Of one process; the deployment gives it more threads than that, so that pages are answered beside them."""

LIFE_SECONDS = 300
GAP_SECONDS = 0.7
"""With what it takes to look and to send, somebody else's work is seen within a second even right behind other work."""

STALE_SECONDS = 60.0
"""Promises come due and leases run out without anything being written."""

TICK_SECONDS = 0.2


class Ear:
    """One open stream: whose, of which screen, and the box with what it must say next."""

    def __init__(self, viewer_id: int, screen: Screen) -> None:
        self.viewer_id, self.screen = viewer_id, screen
        self.box: SimpleQueue[str | None] = SimpleQueue()
        self.teams: frozenset[int] = frozenset()
        self.told_at = float("-inf")
        self.is_behind = True
        self._said: dict[str, Any] = {}

    def is_due(self, now: float) -> bool:
        """Tell whether it is time to look for it again."""
        age = now - self.told_at
        return age >= STALE_SECONDS or (self.is_behind and age >= GAP_SECONDS)

    def look(self, now: float) -> None:
        """Put what is new for its viewer into the box; her end, when she may not log in any more."""
        self.told_at, self.is_behind = now, False
        viewer = User.objects.filter(pk=self.viewer_id, is_active=True).first()
        if viewer is None:
            self.box.put(None)
            return
        self.teams = team_ids_of(viewer)
        at = timezone.now()
        told = message_for(viewer, self.screen, at=at)
        if told != self._said:
            self._said = told
            self.box.put(json.dumps({**told, "at": at.isoformat()}))


class Stream:
    """What the web server sends, piece by piece, for as long as somebody takes it."""

    def __init__(self, hub: Hub, ear: Ear) -> None:
        self._hub, self._ear = hub, ear
        self._ends_at = time.monotonic() + LIFE_SECONDS
        self._has_begun = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._has_begun:
            self._has_begun = True
            if not connection.in_atomic_block:
                # Whoever waits for minutes needs no database; the listener asks for everybody.
                connection.close()
            return b"retry: 2000\n\n"
        if time.monotonic() > self._ends_at:
            raise StopIteration
        try:
            said = self._ear.box.get(timeout=settings.LIVE_HEARTBEAT_SECONDS)
        except Empty:
            # Only by writing does a server find out that nobody reads any more.
            return b":\n\n"
        if said is None:
            raise StopIteration
        return f"data: {said}\n\n".encode()

    def close(self) -> None:
        """Give the place to somebody else."""
        self._hub.leave(self._ear)


class Hub:
    """The streams of this process. A stream that was forgotten instead of closed counts no longer either."""

    def __init__(self) -> None:
        self._ears: WeakSet[Ear] = WeakSet()
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None

    def __len__(self) -> int:
        with self._lock:
            return len(self._ears)

    def open(self, *, viewer_id: int, screen: Screen) -> Stream | None:
        """Begin a stream; None when this process holds as many as it can."""
        with self._lock:
            if len(self._ears) >= MOST_STREAMS:
                return None
            ear = Ear(viewer_id, screen)
            self._ears.add(ear)
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen, name="live", daemon=True)
                self._listener.start()
            return Stream(self, ear)

    def leave(self, ear: Ear) -> None:
        """Forget a stream that ended."""
        with self._lock:
            self._ears.discard(ear)

    def close(self) -> None:
        """End every stream and wait until the listener has let go of the database."""
        with self._lock:
            listener = self._listener
            for ear in self._ears:
                ear.box.put(None)
            self._ears.clear()
        if listener is not None:
            listener.join(timeout=10)

    def _listen(self) -> None:
        try:
            with closing(_wire()) as wire:
                while self._is_needed():
                    teams = {int(notice.payload) for notice in wire.notifies(timeout=TICK_SECONDS, stop_after=1)}
                    self._tell(teams)
        except Exception:
            # The streams end, the pages come back in two seconds, and the next one starts another listener.
            log.exception("live.listener_failed")
            self._give_up()
        finally:
            connection.close()

    def _is_needed(self) -> bool:
        with self._lock:
            if not self._ears:
                self._listener = None
            return self._listener is not None

    def _give_up(self) -> None:
        with self._lock:
            self._listener = None
            for ear in self._ears:
                ear.box.put(None)
            self._ears.clear()

    def _tell(self, teams: set[int]) -> None:
        with self._lock:
            ears = list(self._ears)
        for ear in ears:
            ear.is_behind = ear.is_behind or bool(teams & ear.teams)
            now = time.monotonic()
            if ear.is_due(now):
                self._look(ear, now)

    def _look(self, ear: Ear, now: float) -> None:
        try:
            ear.look(now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One screen nobody can answer must not end the streams of all others.
            log.exception("live.cannot_tell", viewer=ear.viewer_id)
            ear.box.put(None)
            self.leave(ear)


def _wire() -> Connection[tuple[object, ...]]:
    """Open a connection of its own that hears the channel."""
    wire: Connection[tuple[object, ...]] = connection.get_new_connection(connection.get_connection_params())
    wire.autocommit = True
    wire.execute(f"LISTEN {CHANNEL}")
    return wire


HUB = Hub()
