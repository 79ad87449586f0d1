"""A backtest in a real window: asked, watched until it is through, read on a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from config.kernel import outbox
from policies.models import Backtest, PolicyVersion
from tests.admin.desk import draft_by, page_of
from tests.browser.checks import axe_violations, complaints
from tests.harness.people import settle
from tests.policies.simulation.stored import FIRST_DAY, a_dozen, draft_document

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestABacktest:
    """Milo tries his draft on a dozen decisions."""

    def test_is_watched_until_it_is_through_and_read_on_every_screen(self, page_as: PageAs, world: World) -> None:
        milo = settle("milo")
        a_dozen(world.policy())
        draft = draft_by(world, milo)
        PolicyVersion.objects.filter(pk=draft.pk).update(document=draft_document(draft))
        page = page_as(milo)
        page.goto(page_of(draft, "backtests"))
        page.get_by_label("From").fill(FIRST_DAY.date().isoformat())
        page.get_by_label("Until").fill((timezone.now() + timedelta(days=1)).date().isoformat())
        page.get_by_role("button", name="Run the backtest").click()
        page.get_by_text("Waiting for a worker").wait_for()
        assert axe_violations(page) == []
        outbox.drain()
        page.get_by_role("heading", name="Was, and would be").wait_for()
        result = page.url
        assert Backtest.objects.get().result is not None

        assert complaints(page_as, milo, page_of(draft, "backtests"), result) == []
