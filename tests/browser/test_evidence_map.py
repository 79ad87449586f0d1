"""The evidence map and what it demands, in a real window: both themes, a phone, and without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.refunds.evidence_map.demands import demanded

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class TestTheEvidenceMap:
    def test_and_what_is_missing_stand_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        amir, dana = settle("amir"), settle("dana")
        approved, waiting = world.approved(by=amir, approver=dana), world.waiting(by=amir)
        late = world.filed(world.order(days_ago=50), by=amir)
        demanded("request", "receipt", reason="changed_mind", above_minor=10_00, currency="GBP")
        demanded("approval", "photo")
        demanded("exception", "carrier_proof", exception_code="WINDOW_EXPIRED")

        assert complaints(page_as, settle("ada"), "/evidence-map/", approved.get_absolute_url()) == []
        assert complaints(page_as, dana, waiting.get_absolute_url()) == []
        assert complaints(page_as, settle("mei"), late.get_absolute_url()) == []

    def test_is_filtered_without_javascript(self, page_as: PageAs, world: World) -> None:
        demanded("request", "receipt", reason="damaged")
        page = page_as(settle("ada"), java_script_enabled=False)
        page.goto("/evidence-map/")

        page.get_by_label("Reason").select_option("late_delivery")
        page.get_by_role("button", name="Show").click()

        assert "reason=late_delivery" in page.url
        expect(page.locator("#request").get_by_text("Catalogue")).to_have_count(0)

    def test_is_written_in_the_admin_site(self, page_as: PageAs, world: World) -> None:
        kept = demanded()
        written = [
            reverse("admin:evidence_evidencerequirement_changelist"),
            reverse("admin:evidence_evidencerequirement_patterns"),
            reverse("admin:evidence_evidencerequirement_change", args=[kept.pk]),
        ]

        assert complaints(page_as, settle("root"), *written) == []
