"""Decisions of one month, by the policy and by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World


@pytest.fixture
def sam(world: World) -> User:
    """Sam of quality draws and looks."""
    return settle("sam")


@pytest.fixture
def mei(world: World) -> User:
    """Mei, a policy reviewer, looks too."""
    return settle("mei")
