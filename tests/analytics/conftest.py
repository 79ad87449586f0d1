"""Sam of quality, and two teams with refunds of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refunds.books import person_with, team_called

if TYPE_CHECKING:
    from config.kernel.people import Team, User

READS = ("analytics.view_insight", "refunds.view_refundrequest")


@pytest.fixture
def north(db: None) -> Team:
    """Make the team that Sam works for."""
    return team_called("north")


@pytest.fixture
def sam(north: Team) -> User:
    """Sam of quality works for North and for Euro, not for South."""
    return person_with("sam", *READS, teams=(north, team_called("euro", "EUR")))
