"""Whole jobs of reviewers, quality, auditors and administrators: by keyboard alone, and without JavaScript."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from analytics.models import SampledDecision
from approvals.models import AuthorityLimit, LimitChange
from approvals.vocabulary import ChangeState
from evidence.checkpoints.making import catch_up
from evidence.models import Bundle, LedgerEntry
from refunds.bundles.building import run_bundle
from refunds.vocabulary import State
from tests.analytics.sampling.stage import drawn_by, signed
from tests.browser.test_journeys import tab_to
from tests.evidence.checkpoints import entries
from tests.harness.people import settle
from tests.harness.world import NOON, as_stored

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from pytest_django.fixtures import Settings

    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def jump_to(page: Page, words: str) -> None:
    """Go to a screen by the palette, from the start page."""
    page.goto("/", wait_until="load")
    page.keyboard.press("Control+k")
    expect(page.locator("#jump")).to_be_focused()
    page.keyboard.type(words)
    expect(page.locator("#choices [aria-selected=true]")).to_contain_text(words)
    page.keyboard.press("Enter")


class TestAReviewer:
    def test_grants_an_exception_without_javascript(self, page_as: PageAs, world: World) -> None:
        late = world.filed(world.order(unit_minor=300_00, days_ago=50), by=settle("amir"))
        page = page_as(settle("mei"), java_script_enabled=False)
        page.goto("/exceptions/")
        page.get_by_role("link", name=late.reference).click()
        page.get_by_label("Exception code").select_option("WINDOW_EXPIRED")
        page.get_by_role("button", name="Grant exception").click()
        assert as_stored(late).state == State.EXCEPTION_REVIEW, "an exception needs its reason"

        page.get_by_label("Rationale").fill("A good customer, once only.")
        page.get_by_role("button", name="Grant exception").click()

        expect(page.locator(".toast")).to_contain_text(late.reference)
        assert as_stored(late).state == State.AWAITING_APPROVAL


class TestQuality:
    def test_looks_again_without_javascript(self, page_as: PageAs, world: World) -> None:
        signed(world)
        sam = settle("sam")
        sample = drawn_by(sam)
        page = page_as(settle("sam"), java_script_enabled=False)
        page.goto(sample.get_absolute_url())
        page.get_by_role("link", name="Look at the next one").click()
        assert "Dana" not in page.inner_text("main"), "whoever looks again is not told what was decided"
        page.get_by_label("Decline").check()
        page.get_by_label("Why").fill("The parcel never came back.")
        page.get_by_role("button", name="Answer").click()

        expect(page.get_by_text("Differ", exact=True)).to_be_visible()
        assert SampledDecision.objects.get().reviewer == sam


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> None:
    """Name the file of a key that is made when it is first needed."""
    settings.SIGNING_KEY_FILE = str(tmp_path / "key.pem")


@pytest.mark.usefixtures("key_file")
class TestAnAuditor:
    def test_proves_an_entry_by_keyboard(self, page_as: PageAs) -> None:
        entries(5)
        catch_up(at=NOON)
        entry = LedgerEntry.objects.order_by("pk")[2]
        page = page_as(settle("ada"))
        jump_to(page, "Ledger")
        page.wait_for_url("**/ledger/")
        tab_to(page, "[name=entry]")
        page.keyboard.type(str(entry.pk))
        page.keyboard.press("Enter")

        expect(page.get_by_text("Proven", exact=True)).to_be_visible()
        expect(page.get_by_text(f"Entry {entry.pk} is leaf")).to_be_visible()

    def test_takes_a_bundle_home_without_javascript(self, page_as: PageAs, world: World) -> None:
        waiting = world.waiting(by=settle("amir"))
        page = page_as(settle("ada"), java_script_enabled=False)
        page.goto("/bundles/")
        page.get_by_label("From", exact=True).fill("2026-11-01")
        page.get_by_label("To", exact=True).fill("2026-11-30")
        page.get_by_role("button", name="Count it").click()
        expect(page.get_by_role("heading", name="1 request")).to_be_visible()
        page.get_by_role("button", name="Build the bundle").click()
        page.get_by_role("heading", name="Evidence bundle").wait_for()
        run_bundle(job_id=Bundle.objects.get().job_id, at=timezone.now())
        page.reload()
        with page.expect_download() as taken:
            page.get_by_role("link", name="Download").click()

        with zipfile.ZipFile(taken.value.path()) as files:
            assert any(waiting.reference in name for name in files.namelist())


class TestAnAdministrator:
    def test_proposes_a_limit_by_keyboard(self, page_as: PageAs, world: World) -> None:
        dana, root = settle("dana"), settle("root")
        limit = AuthorityLimit.objects.get(user=dana, currency="GBP")
        page = page_as(settle("root"))
        jump_to(page, "Authority")
        page.wait_for_url("**/authority/")
        tab_to(page, ".skip")
        page.keyboard.press("Enter")
        tab_to(page, f"a[href$='/authoritylimit/{limit.pk}/change/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/change/")
        tab_to(page, ".skip-to-content-link")
        page.keyboard.press("Enter")
        tab_to(page, "#id_single")
        page.keyboard.press("Control+A")
        page.keyboard.type("800")
        tab_to(page, "#id_why")
        page.keyboard.type("She leads the team now.")
        tab_to(page, "[name=_save]")
        page.keyboard.press("Enter")
        expect(page.get_by_text("She leads the team now.")).to_be_visible()

        change = LimitChange.objects.get()
        assert (change.single_minor, change.proposed_by, change.state) == (800_00, root, ChangeState.PROPOSED)
        limit.refresh_from_db()
        assert limit.single_minor == 500_00, "somebody else confirms it"
