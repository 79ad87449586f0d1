"""The catalogue of codes in a real window: read on a phone, searched by keys, changed without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from policies import cataloguing
from policies.models import ExceptionCode
from policies.vocabulary import CodeKind, CodeState
from refunds.models import RefundRequest
from tests.browser.checks import complaints
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.browser.conftest import PageAs
    from tests.harness.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ADMIN = "/admin/policies/exceptioncode"


def settle_codes(world: World) -> None:
    """Use OTHER more than it should be, and take two codes out of use."""
    for exception in ("OTHER", "WINDOW_EXPIRED", ""):
        filed = world.filed(world.order(days_ago=60), by=settle("amir"), at=timezone.now())
        RefundRequest.objects.filter(pk=filed.pk).update(exception_code=exception)
    root, at = settle("root"), timezone.now()
    cataloguing.retire(kind=CodeKind.EXCEPTION, code="NO_RECEIPT", actor=root, at=at)
    cataloguing.merge_into(kind=CodeKind.EXCEPTION, code="PRORATION", into="UNUSED_RENEWAL", actor=root, at=at)


class TestTheCatalogue:
    def test_stands_axe_and_a_phone(self, page_as: PageAs, world: World) -> None:
        settle_codes(world)
        read = [
            "/insight/codes/",
            "/insight/codes/?kind=reason&state=all",
            "/insight/codes/exception/OTHER/",
            "/insight/codes/exception/PRORATION/",
        ]
        written = [
            f"{ADMIN}/",
            f"{ADMIN}/add/",
            f"{ADMIN}/OTHER/change/",
            f"{ADMIN}/PRORATION/change/",
            f"{ADMIN}/WINDOW_EXPIRED/merge/",
            f"{ADMIN}/WINDOW_EXPIRED/retire/",
        ]

        assert complaints(page_as, settle("sam"), *read) == []
        assert complaints(page_as, settle("root"), *written) == []

    def test_is_searched_and_walked_by_keys(self, page_as: PageAs, world: World) -> None:
        settle_codes(world)
        page = page_as(settle("sam"))
        page.goto("/")
        page.keyboard.press("g")
        page.keyboard.press("c")
        page.wait_for_url("**/insight/codes/")
        page.keyboard.press("/")
        page.keyboard.type("renewal")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=renewal**")
        page.get_by_role("link", name="UNUSED_RENEWAL").click()
        page.wait_for_url("**/insight/codes/exception/UNUSED_RENEWAL/")
        assert "let UNUSED_RENEWAL take over from PRORATION" in page.inner_text("main")

    def test_is_changed_without_javascript(self, page_as: PageAs, world: World) -> None:
        page = page_as(settle("root"), java_script_enabled=False)
        page.goto(f"{ADMIN}/add/")
        page.get_by_label("Code:", exact=True).fill("FLOODED")
        page.get_by_label("Label:").fill("Flooded warehouse")
        page.get_by_label("Playbook:").fill("Claim on the insurance.")
        page.get_by_label("Promise in hours:").fill("24")
        page.get_by_label("Leakage class:").select_option("unavoidable")
        page.get_by_role("button", name="Save", exact=True).click()
        assert "Name the team that answers for this code." in page.inner_text("#content")
        page.get_by_label("Owner:").fill("Logistics")
        page.get_by_role("button", name="Save", exact=True).click()
        page.goto(f"{ADMIN}/FLOODED/change/")
        page.get_by_role("link", name="Activate").click()
        page.get_by_role("button", name="Activate").click()
        assert ExceptionCode.objects.get(pk="FLOODED").state == CodeState.ACTIVE
        page.get_by_role("link", name="Merge into another").click()
        page.get_by_label("Use instead, of the active codes").select_option("OTHER")
        page.get_by_role("button", name="Merge into another").click()
        assert ExceptionCode.objects.get(pk="FLOODED").merged_into_id == "OTHER"
