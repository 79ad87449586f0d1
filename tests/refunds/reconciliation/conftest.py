"""Lena of finance, and the team whose refunds she reconciles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.refunds.books import person_with, team_called

if TYPE_CHECKING:
    from config.kernel.people import Team, User

FINANCE = (
    "refunds.view_statement",
    "refunds.add_statement",
    "refunds.undo_statement",
    "refunds.view_operation",
    "refunds.view_refundrequest",
    "refunds.reconcile_refundrequest",
    "refunds.retry_refundrequest",
    "refunds.add_match",
    "refunds.delete_match",
)


@pytest.fixture
def north(db: None) -> Team:
    """Make the team whose refunds Lena sees."""
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    """Lena of finance works for North."""
    return person_with("lena", *FINANCE, teams=(north,))
