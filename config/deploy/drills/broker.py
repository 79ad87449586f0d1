"""A broker of its own that goes away with every message, and comes back empty."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from config.deploy.portal import HOST, is_listening

from .premises import free_port, premises

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figure

AWAY_SECONDS = 10.0
START_SECONDS = 20.0


class Redis:
    """One Redis that keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty. :raises FileNotFoundError: where none is installed :raises TimeoutError: it stays silent"""
        program = shutil.which("redis-server")
        if program is None:
            message = "This drill needs redis-server."
            raise FileNotFoundError(message)
        command = [program, "--port", f"{self.port}", "--bind", HOST, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not is_listening(self.port):
            if time.monotonic() > deadline:
                message = "Redis does not listen."
                raise TimeoutError(message)
            time.sleep(0.05)

    def kill(self) -> None:
        """Take it away with all it holds."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def lose_the_broker() -> Iterator[Figure]:
    """Kill Redis, leave it away while messages come in, start it empty."""
    redis = Redis()
    redis.start()
    try:
        with premises(broker_url=f"redis://{HOST}:{redis.port}/0") as place:

            def deed() -> None:
                redis.kill()
                time.sleep(AWAY_SECONDS)

            yield place.drill("lose_broker", deed, redis.start)
    finally:
        redis.kill()
