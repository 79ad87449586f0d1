"""A list that somebody narrowed until it is empty says so, and offers the way back."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.test import Client

from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.harness.world import World

TEMPLATES: Final = Path(settings.BASE_DIR) / "templates"
FILTERS: Final = re.compile(r'<form(?=[^>]*class="filters)(?=[^>]*method="get")')
WAY_BACK: Final = re.compile(r'<a class="btn[^"]*" href="([^"]*)">Clear filters</a>')

NARROWED: Final = {
    "approvals/parts/filters.html": ("dana", "/queue/?view=all&currency=USD"),
    "refunds/requests.html": ("amir", "/requests/?tab=all&state=declined&mine=0"),
    "refunds/reconciliation.html": ("lena", "/reconciliation/?tab=lines&result=open&currency=EUR"),
    "refunds/breaks.html": ("lena", "/reconciliation/breaks/?state=resolved"),
    "refunds/evidence_map.html": ("ada", "/evidence-map/?exception_code=OTHER"),
    "policies/actions.html": ("lena", "/actions/?category=payout"),
    "evidence/outbox.html": ("mei", "/outbox/?q=nobody"),
    "account/sign_ins.html": ("ada", "/sign-ins/?name=nobody"),
    "analytics/dashboard.html": ("sam", "/insight/?currency=EUR"),
    "analytics/leakage.html": ("sam", "/insight/leakage/?currency=EUR"),
    "analytics/codes.html": ("sam", "/insight/codes/?kind=exception&q=nobody"),
    "analytics/pattern_frame.html": ("sam", "/insight/patterns/amounts/?state=looked_into"),
    "analytics/remediation/board.html": ("sam", "/insight/remediation/?state=closed"),
}
"""By the template of the filters: who narrows the list, and how."""

NEVER_EMPTIED: Final = {
    "refunds/books.html": "one month after the other",
    "analytics/remediation/review.html": "one month after the other",
    "approvals/authority_review.html": "one day after the other",
    "analytics/scorecards.html": "one team after the other",
    "evidence/ledger.html": "looks one entry up",
    "refunds/search.html": "looks something up, and says where it looked",
    "refunds/bundles.html": "counts what was chosen",
}
OTHER_TABS: Final = ("tab=missing", "tab=statements", "tab=lines&result=matched")


def shown(person: str, address: str) -> str:
    """Open a page."""
    client = Client()
    client.force_login(settle(person), backend="config.kernel.backend.PeopleBackend")
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.text)


class TestTheTable:
    def test_names_every_list_with_filters(self) -> None:
        found = {
            str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html") if FILTERS.search(file.read_text())
        }

        assert found - (NARROWED.keys() | NEVER_EMPTIED.keys()) == set()
        assert NARROWED.keys() - found == set()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock_of_the_story")
class TestAListThatIsNarrowedUntilItIsEmpty:
    @pytest.mark.parametrize(("person", "address"), NARROWED.values(), ids=NARROWED)
    def test_offers_the_way_back(self, world: World, person: str, address: str) -> None:
        ways = WAY_BACK.findall(shown(person, address))

        assert ways
        assert not WAY_BACK.search(shown(person, urljoin(address, ways[-1])))

    @pytest.mark.parametrize("tab", OTHER_TABS)
    def test_does_so_on_every_tab_of_the_reconciliation(self, world: World, tab: str) -> None:
        page = shown("lena", f"/reconciliation/?{tab}&currency=EUR")

        assert page.count("Nothing fits these filters") == 2, "the sums and the list below them"
        assert f"?{tab}" in WAY_BACK.findall(page)
