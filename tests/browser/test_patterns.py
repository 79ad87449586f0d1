"""Patterns in a real window: a planted year on a screen and on a phone, in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analytics.patterns.plots import PLOTS
from config.kernel.people import assign_to_teams
from tests.analytics.patterns.written import write
from tests.analytics.patterns.year import FROM_AT, TO_AT, planted_year
from tests.browser.checks import complaints
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DAYS = f"?from={FROM_AT:%Y-%m-%d}&to={TO_AT:%Y-%m-%d}"


class TestPatterns:
    def test_stand_axe_and_a_phone(self, page_as: PageAs) -> None:
        assign_to_teams(user=settle("sam"), teams=[write(planted_year(1))])
        # Those with drawings, one with people and rows, and all at a glance; the others are made of the same parts.
        kinds = [*PLOTS, "stamping"]
        addresses = [f"/insight/patterns/{DAYS}", *(f"/insight/patterns/{kind}/{DAYS}" for kind in kinds)]

        assert complaints(page_as, settle("sam"), *addresses) == []
