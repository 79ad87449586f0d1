"""Lena and Luis of finance, who resolve breaks of one team, and limits above which it takes both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refunds.models import BreakLimit
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
    "refunds.view_break",
    "refunds.resolve_break",
    "refunds.view_period",
    "refunds.sign_period",
    "refunds.view_journalentry",
    "evidence.view_attachment",
)


@pytest.fixture
def north(db: None) -> Team:
    """Make the team whose refunds disagree."""
    return team_called("north")


@pytest.fixture
def lena(north: Team) -> User:
    """Lena of finance works for North."""
    return person_with("lena", *FINANCE, teams=(north,))


@pytest.fixture
def luis(north: Team) -> User:
    """Luis of finance works there too."""
    return person_with("luis", *FINANCE, teams=(north,))


@pytest.fixture
def up_to_ten_pounds(db: None) -> BreakLimit:
    """Let one person resolve breaks of up to £10."""
    return BreakLimit.objects.create(currency="GBP", above_minor=10_00)
