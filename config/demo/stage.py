"""Where cases are played: one after the other, or shared by a few processes, each with teams of its own."""

from __future__ import annotations

import time
from multiprocessing import get_context
from typing import TYPE_CHECKING

from django.db import connection, connections

from refunds.gateways.registry import standing_in

from .lives import Cast
from .sandbox import SandboxDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from multiprocessing.sharedctypes import Synchronized

    from .cases import Case

LOOK_SECONDS = 0.2
_FORK = get_context("fork")


class Stage:
    """Plays cases, and says how far it is."""

    def __init__(
        self, seed: str, now: datetime, hands: int, heard: Callable[[str, int, int], object], *, total: int
    ) -> None:
        """Play nothing yet."""
        self.seed = seed
        self.now = now
        self.hands = hands
        self.heard = heard
        self.total = total
        self.done = _FORK.Value("i", 0)

    def play(self, cases: Sequence[Case]) -> None:
        """Let the cases happen; returns when all of them did.

        :raises RuntimeError: when one of the processes died; its own words stand above
        """
        with connection.cursor() as cursor:
            # Plans made for empty tables read whole tables.
            cursor.execute("ANALYZE")
        if self.hands == 1:
            self._play(cases)
            return
        # A connection must not be shared with a child.
        connections.close_all()
        children = [
            _FORK.Process(target=_play_share, args=(self, share), daemon=True) for share in _shares(cases, self.hands)
        ]
        for child in children:
            child.start()
        while any(child.is_alive() for child in children):
            self._tell()
            time.sleep(LOOK_SECONDS)
        self._tell()
        if any(child.exitcode for child in children):
            raise RuntimeError("The demo world was left half made; run load_demo again on an empty database.")

    def _play(self, cases: Sequence[Case]) -> None:
        cast = Cast(SandboxDesk(), seed=self.seed, now=self.now)
        for case in cases:
            cast.play(case)
            _add_one(self.done)
            if self.hands == 1:
                self._tell()

    def _tell(self) -> None:
        self.heard("refund requests", self.done.value, self.total)


def _shares(cases: Sequence[Case], hands: int) -> list[list[Case]]:
    """Deal the cases out by team: what a customer asked for before counts, so one process tells her story in order."""
    by_team: dict[str, list[Case]] = {}
    for case in cases:
        by_team.setdefault(case.team.slug, []).append(case)
    shares: list[list[Case]] = [[] for _ in range(hands)]
    for of_team in sorted(by_team.values(), key=len, reverse=True):
        min(shares, key=len).extend(of_team)
    return [sorted(share, key=lambda case: case.filed_at) for share in shares if share]


def _play_share(stage: Stage, cases: Sequence[Case]) -> None:
    with standing_in("stripe", SandboxDesk().gateway):
        stage._play(cases)  # noqa: SLF001 - the other half of the same class, in another process
    connections.close_all()


def _add_one(counter: Synchronized[int]) -> None:
    with counter.get_lock():
        counter.value += 1
