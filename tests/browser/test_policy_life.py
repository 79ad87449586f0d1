"""The life of a policy version in a real window: the strip, the moment, the emergency notice, the switch."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from policies import switching
from policies.models import Policy, PolicyVersion
from policies.vocabulary import VersionState
from tests.admin.desk import page_of
from tests.browser.checks import complaints
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.policies.editions import draft, emergency, stored, unread, waiting

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from config.kernel.people import User
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def screens_of(world: World, *, is_late: bool) -> list[tuple[User, str]]:
    """Lead versions everywhere, and name the pages that show it."""
    milo, mei = settle("milo"), settle("mei")
    version = unread(world, milo, mei)
    due = timezone.now() + timedelta(hours=-1 if is_late else 5)
    PolicyVersion.objects.filter(pk=version.pk).update(review_due_at=due)
    read, urgent = waiting(world, milo), emergency(world, milo, mei, pounds=70)
    policy = Policy.objects.get(team=world.team("eu-saas"))
    change = switching.propose_mode(
        policy_id=policy.pk, category="refund", mode="enforce", why="It agrees.", actor=milo, at=NOON
    )
    return [
        (mei, "/"),
        (milo, page_of(draft(world, milo))),
        (mei, page_of(version)),
        (mei, page_of(version, "log")),
        (mei, page_of(read, "publish")),
        (mei, page_of(urgent, "emergency")),
        (settle("zeus"), page_of(version, "emergency_review")),
        (mei, reverse("admin:policies_policyversion_changelist")),
        (mei, reverse("admin:policies_policy_change", args=[policy.pk])),
        (mei, reverse("admin:policies_policy_confirm_mode", args=[change.pk])),
    ]


class TestThePagesOfALife:
    @pytest.mark.parametrize("is_late", [False, True])
    def test_stand_axe_and_a_phone(self, page_as: PageAs, world: World, is_late: bool) -> None:  # noqa: FBT001 - pytest's
        alarm = ".alarm.bad" if is_late else ".alarm.warn"

        def is_warned(page: Page) -> None:
            assert page.locator(alarm).count() == 1, page.url

        # The alarm of a late change has another colour; the pages under it are the same.
        for person, address in screens_of(world, is_late=is_late)[: 2 if is_late else None]:
            assert complaints(page_as, person, address, prepare=is_warned) == []


class TestAMoment:
    def test_is_named_without_javascript(self, page_as: PageAs, world: World) -> None:
        version = waiting(world, settle("milo"))
        page = page_as(settle("mei"), java_script_enabled=False)
        page.goto(page_of(version, "publish"))
        moment = (timezone.now() + timedelta(days=20)).replace(hour=12, minute=30)

        page.get_by_label("Put in force at").fill("2020-01-01T09:00")
        page.get_by_role("button", name="Publish").click()
        assert "This moment has passed" in page.get_by_role("alert").inner_text()
        assert stored(version).state == VersionState.IN_REVIEW
        page.get_by_label("Put in force at").fill(f"{moment:%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Publish").click()

        expect(page.get_by_text("comes into force on").first).to_be_visible()
        assert stored(version).state == VersionState.SCHEDULED
