"""A dozen decisions, and a draft that is tried on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policies.simulation import backtesting
from tests.harness.world import NOON
from tests.policies.simulation.stored import FIRST_DAY, a_dozen, draft_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from policies.models import Backtest, PolicyDecision
    from tests.harness.world import World


@pytest.fixture
def dozen(world: World) -> list[PolicyDecision]:
    """Store a dozen decisions of the British team."""
    return a_dozen(world.policy())


@pytest.fixture
def ask(world: World, milo: User) -> Callable[..., Backtest]:
    """Ask for a backtest of the draft on October and November, as Milo unless told otherwise."""

    def asked(**changes: Any) -> Backtest:
        version = world.policy()
        usual: dict[str, Any] = {
            "policy_id": version.policy_id,
            "document": draft_document(version),
            "from_at": FIRST_DAY,
            "until_at": NOON,
            "actor": milo,
            "at": NOON,
        }
        return backtesting.ask_backtest(**usual | changes)

    return asked
