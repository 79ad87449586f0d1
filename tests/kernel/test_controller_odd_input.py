"""Odd addresses and odd forms: whatever is typed into a page, the answer is a sentence and never a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from refunds.models import RefundRequest
from tests.harness.people import settle
from tests.harness.stillness import nothing_moves

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

ENDLESS = "9" * 5_000

READS_TEXT = [
    *(f"/{page}/?q=%00" for page in ("intake", "search", "requests", "queue", "outbox")),
    *(f"/requests/?{name}=%00" for name in ("state", "reason", "currency", "team", "outcome", "tab", "before_id")),
    *(f"/queue/?{name}=%00" for name in ("team", "currency", "reason", "risk", "view", "after")),
    "/insight/?team=%00",
    "/processing/?column=%00",
]
NAMES_NOTHING = ["/requests/%00/", "/requests/%00/panel/", "/intake/shop-uk/%00/"]
BEYOND = [
    "/requests/?refunded_to=9999-12-31",
    "/requests/?before=0001-01-01T00:00:00%2B14:00&before_id=00000000-0000-0000-0000-000000000000",
    "/queue/?after=9999-12-31T23:59:59-14:00&after_id=00000000-0000-0000-0000-000000000000",
    "/reconciliation/?to=9999-12-31",
    "/reconciliation/?tab=missing&to=9999-12-31",
    f"/reconciliation/?tab=unmatched&after={ENDLESS}",
    f"/reconciliation/?tab=unmatched&after={'9' * 19}",
    "/insight/?from=9999-12-31&to=9999-12-31",
]


@pytest.fixture
def browser(world: World) -> Client:
    """Log Zeus in, who may open everything."""
    browser = Client()
    browser.force_login(settle("zeus"))
    return browser


class TestAnAddress:
    def test_with_a_nul_in_its_query_is_refused(self, browser: Client) -> None:
        assert {url: browser.get(url).status_code for url in READS_TEXT} == dict.fromkeys(READS_TEXT, 422)

    def test_with_a_nul_in_its_path_is_nobodys(self, browser: Client) -> None:
        assert {url: browser.get(url).status_code for url in NAMES_NOTHING} == dict.fromkeys(NAMES_NOTHING, 404)

    def test_beyond_every_calendar_and_column_filters_nothing(self, browser: Client) -> None:
        assert {url: browser.get(url).status_code for url in BEYOND} == dict.fromkeys(BEYOND, 200)


class TestTheAdminSite:
    def test_refuses_a_filter_with_a_nul(self, browser: Client) -> None:
        lists = ("refunds/refundrequest", "refunds/operation", "policies/reasoncode", "kernel/apitoken")
        asked = [f"/admin/{one}/?{name}=%00" for one in lists for name in ("state__exact", "pk__in", "q")]

        assert {url: browser.get(url).status_code for url in asked} == dict.fromkeys(asked, 422)

    def test_knows_no_row_with_a_nul(self, browser: Client) -> None:
        asked = [f"/admin/policies/reasoncode/%00/{page}/" for page in ("change", "history", "delete")]

        assert {url: browser.get(url).status_code for url in asked} == dict.fromkeys(asked, 404)


class TestAForm:
    @pytest.mark.parametrize("verb", ["ask", "withdraw", "hold", "approve", "decline", "submit"])
    def test_with_a_nul_is_refused_and_nothing_moves(self, browser: Client, world: World, verb: str) -> None:
        reference = world.waiting(by=settle("amir")).reference
        words = "a long enough sentence with \x00 inside"

        with nothing_moves():
            answer = browser.post(
                f"/requests/{reference}/{verb}/", dict.fromkeys(("question", "note", "rationale", "answer"), words)
            )

        assert answer.status_code in {409, 422}

    @pytest.mark.parametrize("back", ["queue", "9" * 400, '{"a": 1}', "//evil.example/", "javascript:alert(1)"])
    def test_that_names_no_page_of_ours_to_go_back_to_leads_to_the_request(
        self, browser: Client, world: World, back: str
    ) -> None:
        """The verb is done by then: a crash would tell whoever pressed the button that it was not."""
        held = world.waiting(by=settle("amir"))

        answer = browser.post(f"/requests/{held.reference}/hold/", {"note": "The bank asks.", "back": back})

        assert (answer.status_code, answer.headers["Location"]) == (302, held.get_absolute_url())

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("reason", "\x00"), ("note", "\x00"), ("quantity", ENDLESS), ("amount", ENDLESS), ("amount", "1e400")],
    )
    def test_of_intake_says_what_cannot_be_read(self, browser: Client, world: World, field: str, typed: str) -> None:
        order = world.order()
        line = order.lines.get()
        name = field if field in {"reason", "note"} else f"{field}_{line.pk}"
        words = {"reason": "changed_mind", f"quantity_{line.pk}": "1", f"condition_{line.pk}": "unopened"}

        answer = browser.post(f"/intake/shop-uk/{order.external_id}/", {**words, name: typed})

        assert answer.status_code == 422
        assert not RefundRequest.objects.exists()
