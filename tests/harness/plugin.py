"""Fixtures: one for each person, the world, and the moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine

from tests.evidence.flushing import append_only_tables_can_be_flushed

from . import sign_in
from .people import STORIES, settle
from .world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from config.kernel.people import User

sign_in.be_as_at_the_door()

__all__ = ["append_only_tables_can_be_flushed", "at", "world"]


@pytest.fixture
def at() -> datetime:
    """Noon on a Friday."""
    return NOON


@pytest.fixture
def world(db: None) -> World:
    """Three teams with their policies."""
    return World()


@pytest.fixture
def clock_of_the_story() -> Iterator[None]:
    """Let the clock begin at noon and go on: the orders of the world are days old, whenever the tests are run."""
    with time_machine.travel(NOON, tick=True):
        yield


def _person(username: str) -> Callable[[World], User]:
    def make(world: World) -> User:
        return settle(username)

    make.__doc__ = f"Settle {username.capitalize()}."
    return make


for _name in STORIES:
    globals()[_name] = pytest.fixture(name=_name)(_person(_name))
