"""A planted year in the database, for all tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.patterns.keeping import read_and_keep
from config.kernel.people import assign_to_teams
from tests.harness.people import settle

from .written import write
from .year import TO_AT, planted_year

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

    from config.kernel.people import User

    from .year import Year


@pytest.fixture(scope="module")
def year(lasting_database: DjangoDbBlocker) -> Year:
    """Write a planted year, read its patterns, and let everybody of the stories work for its team."""
    made = planted_year(1)
    with lasting_database.unblock():
        team = write(made)
        for username in ("sam", "dana", "luis", "nobody"):
            teams = () if username == "luis" else (team,)
            assign_to_teams(user=settle(username), teams=teams)
        for of in (team, None):
            read_and_keep(of, at=TO_AT)
    return made


@pytest.fixture
def sam(year: Year, db: None) -> User:
    """Sam of quality works for the team and may see who is behind a pattern."""
    return settle("sam")


@pytest.fixture
def dana(year: Year, db: None) -> User:
    """Dana approves for the team; she sees patterns and no names."""
    return settle("dana")


@pytest.fixture
def luis(year: Year, db: None) -> User:
    """Luis of finance does not work for the team."""
    return settle("luis")
