"""Patterns in a real window: a planted year on a screen and on a phone, in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.models import PatternSignal
from analytics.patterns.keeping import read_and_keep
from analytics.patterns.plots import DRAWN
from config.kernel.people import assign_to_teams
from tests.analytics.patterns.written import write
from tests.analytics.patterns.year import TO_AT, planted_year
from tests.browser.checks import complaints
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestPatterns:
    def test_stand_axe_and_a_phone(self, page_as: PageAs) -> None:
        team = write(planted_year(1))
        assign_to_teams(user=settle("sam"), teams=[team])
        read_and_keep(team, at=TO_AT)
        one = PatternSignal.objects.filter(pattern="splitting").get()
        # Those with drawings, one with people and rows, and all at a glance; the others are made of the same parts.
        addresses = [f"/insight/patterns/{kind}/" for kind in (*DRAWN, "stamping")]

        assert complaints(page_as, settle("sam"), "/insight/patterns/", *addresses, one.get_absolute_url()) == []
