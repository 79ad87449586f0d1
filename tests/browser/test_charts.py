"""Every drawing of what was counted, in both themes, at a desk and on a phone: its texts can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from analytics.patterns.keeping import read_and_keep
from analytics.patterns.kinds import KINDS
from config.kernel.people import assign_to_teams
from tests.analytics.leakage.year import a_year
from tests.analytics.patterns.written import write
from tests.analytics.patterns.year import TO_AT, planted_year
from tests.browser.checks import SCHEMES, WIDTHS, complaints
from tests.browser.drawings import faults_of, texts_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FEWEST_TEXTS = 10


def faults(page_as: PageAs, addresses: Iterable[str], *, fewest: int) -> list[str]:
    """Measure what is drawn at each address; fewer texts than `fewest` were no drawings."""
    found = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = page_as(settle("sam"), width=width, color_scheme=scheme)
            for address in addresses:
                page.goto(address)
                texts = texts_of(page)
                found += [f"{address} has {len(texts)} texts"] if len(texts) < fewest else []
                found += [f"{address} {width} {scheme}: {fault}" for fault in faults_of(texts)]
    return found


def drawn_at(page: Page, addresses: Iterable[str]) -> set[str]:
    """List the addresses at which anything is drawn."""
    found = set()
    for address in addresses:
        page.goto(address)
        if page.locator("svg.chart").count():
            found.add(address)
    return found


class TestDrawings:
    def test_of_money_can_be_read(self, page_as: PageAs, world: World) -> None:
        a_year(world, until=timezone.now())

        assert faults(page_as, ["/insight/", "/insight/leakage/"], fewest=FEWEST_TEXTS) == []

    def test_of_patterns_can_be_read(self, page_as: PageAs) -> None:
        team = write(planted_year(1))
        assign_to_teams(user=settle("sam"), teams=[team])
        read_and_keep(team, at=TO_AT)
        everywhere = [f"/insight/patterns/{kind}/" for kind in KINDS]
        drawn = drawn_at(page_as(settle("sam")), everywhere)

        assert len(drawn) == 3
        assert faults(page_as, sorted(drawn), fewest=FEWEST_TEXTS) == []


class TestAllOfInsight:
    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        a_year(world, until=timezone.now())
        pages = [
            "",
            "leakage/",
            "patterns/",
            "codes/",
            "codes/reason/damaged/",
            "remediation/",
            "samples/",
            "scorecards/",
        ]

        assert complaints(page_as, settle("sam"), *(f"/insight/{page}" for page in pages)) == []
