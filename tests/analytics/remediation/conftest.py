"""Codes that are used, and the people who make them rarer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.cataloguing import write_catalogue
from tests.harness.people import settle

if TYPE_CHECKING:
    from config.kernel.people import User


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    """Know the standard codes."""
    write_catalogue()


@pytest.fixture
def sam(db: None) -> User:
    """Sam of quality works on items."""
    return settle("sam")


@pytest.fixture
def mei(db: None) -> User:
    """Mei, a policy reviewer, agrees to what Sam proposes."""
    return settle("mei")
