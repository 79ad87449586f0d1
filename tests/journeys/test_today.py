"""Today: what waits for each role is counted, and every number leads to its rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.today import figures_for
from tests.analytics.sampling.stage import automatic, drawn_by, looked
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.books import LATER
from tests.refunds.breaks.found import a_break
from tests.refunds.payouts.stage import came_back

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

WHO = ("amir", "mei", "dana", "vera", "lena", "sam", "ada", "root")


def opened_by(username: str, address: str = "/") -> str:
    """Read a page as somebody."""
    client = Client()
    client.force_login(settle(username))
    answered = client.get(address)
    assert answered.status_code == 200, (username, address)
    return str(answered.text)


def counted_for(username: str) -> dict[str, int]:
    """What somebody is told to do, by its label."""
    return {str(figure.label): figure.count for figure in figures_for(settle(username), at=LATER)}


class TestToday:
    @pytest.mark.parametrize("username", WHO)
    def test_leads_from_each_number_to_a_page_that_opens(self, world: World, username: str) -> None:
        for figure in figures_for(settle(username), at=NOON):
            assert f'href="{figure.address}"' in opened_by(username).replace("&amp;", "&")
            opened_by(username, figure.address)

    def test_counts_breaks_for_finance_and_for_nobody_who_cannot_explain_them(self, world: World) -> None:
        assert counted_for("lena")["Breaks to explain"] == 0

        a_break()

        assert counted_for("lena")["Breaks to explain"] == 1
        assert "Breaks to explain" not in counted_for("ada")
        assert not counted_for("amir")

    def test_counts_decisions_to_look_at_again_until_somebody_looked(self, world: World) -> None:
        automatic(world, 2)
        sample = drawn_by(settle("sam"))
        assert counted_for("sam")["Decisions to look at again"] == 2

        looked(sample, settle("sam"))

        assert counted_for("sam")["Decisions to look at again"] == 1

    def test_says_in_plain_words_why_a_refund_failed(self, world: World) -> None:
        failed = came_back(world)

        said = opened_by("lena")

        assert failed.reference in said
        assert "the bank sent the money back" in said
        assert failed.failure_reason not in re.sub(r"<[^>]*>", " ", said)

    def test_leaves_nobody_with_a_task_an_empty_page(self, world: World) -> None:
        assert not [who for who in WHO if not re.search(r'class="(kpis|rows|empty)', opened_by(who))]
