"""A shop in which everything can happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .shop import Shop

if TYPE_CHECKING:
    from tests.harness.world import World


@pytest.fixture
def shop(world: World) -> Shop:
    """Open it."""
    return Shop(world)
