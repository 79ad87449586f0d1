"""Kill -9, of each kind of process, while messages come in."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from psycopg import connect

from config.deploy import warden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure
    from .premises import Premises

PROGRAMS = {"web": "web server", "worker": "worker", "beat": "scheduler", "sandbox": "sandbox gateway"}
UNHEARD = """
    INSERT INTO kernel_outboxrow (id, news, task, ids, created_at, due_at, attempt_count, last_error)
    VALUES (gen_random_uuid(), 'drill', 'builtins.dict', '{}', now(), now(), 0, '')
"""
"""News whose wake-up was lost: only beat's sweep finds it."""


def kill_each(place: Premises) -> Iterator[Figure]:
    """Kill each kind of program, then the database and what watches it."""
    for name, program in PROGRAMS.items():
        if name == "beat":
            yield _kill_beat(place)
        else:
            yield place.drill(f"kill_{name}", lambda program=program: place.kill(program))  # type: ignore[misc]
    yield place.drill("kill_postmaster", lambda: kill_postmaster(place))
    yield place.drill("kill_warden_and_postmaster", lambda: _kill_both(place))


def kill_database(place: Premises) -> None:
    """Kill -9 the server and what would start it again."""
    os.kill(int((place.home.folder / "warden").read_text()), signal.SIGKILL)
    kill_postmaster(place)


def kill_postmaster(place: Premises) -> None:
    """Kill -9 the server; what watches it starts it again."""
    pid = warden.postmaster_pid(place.home.folder / "data")
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def _kill_beat(place: Premises) -> Figure:
    def deed() -> None:
        place.kill(PROGRAMS["beat"])
        time.sleep(1)
        with connect(place.home.url) as connection:
            connection.execute(UNHEARD)
        seconds.append(
            place.until(lambda: place.ask("SELECT count(*) FROM kernel_outboxrow WHERE news = 'drill'") == 0)
        )

    seconds: list[float] = []
    figure = place.drill("kill_beat", deed)
    return type(figure)(figure.name, figure.lost, figure.doubled, seconds[0], figure.more)


def _kill_both(place: Premises) -> None:
    kill_database(place)
    # Whoever holds the server starts a warden; here it is the drill, as the next program would.
    place.home.ensure_running()
