"""A gap of the policy: named by a reviewer, on record, and somebody's work from then on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from analytics.models import RemediationItem
from analytics.remediation.gaps import hear_gap
from analytics.remediation.opening import open_item
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from policies.vocabulary import CodeKind
from refunds.models import PolicyGap
from refunds.policy_gaps import name_policy_gap
from refunds.vocabulary import State
from tests.analytics.rollups.shop import Shop
from tests.architecture.asking import client_of
from tests.harness.people import settle
from tests.harness.world import as_stored, drain

if TYPE_CHECKING:
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

TEXT = "Nothing is said of parcels that the carrier held for weeks."
REASON = "changed_mind"


@pytest.fixture
def shop(world: World) -> Shop:
    """Open a shop."""
    return Shop(world)


@pytest.fixture
def late(shop: Shop) -> RefundRequest:
    """Ask too late, so that a reviewer judges."""
    return shop.asked(40, days_ago=40)


def named(shop: Shop, request: RefundRequest) -> PolicyGap:
    """Let Mei name a gap, and let the news be heard."""
    name_policy_gap(reference=request.reference, text=TEXT, actor=settle("mei"), at=shop.tick())
    drain()
    return PolicyGap.objects.get(refund_request=request)


def nothing_moved(request: RefundRequest) -> bool:
    """Tell whether no gap is on record and no item was opened."""
    entries = LedgerEntry.objects.filter(kind="refund_request.policy_gap", subject_id=request.pk)
    return not (PolicyGap.objects.exists() or entries.exists() or RemediationItem.objects.exists())


class TestNamingAGap:
    def test_opens_an_item_for_the_reason_and_leaves_the_request_where_it_was(
        self, shop: Shop, late: RefundRequest
    ) -> None:
        gap = named(shop, late)

        item = RemediationItem.objects.get()
        assert (item.code_kind, item.code, item.opened_by, item.opened_at) == (
            CodeKind.REASON,
            REASON,
            None,
            gap.named_at,
        )
        assert late.reference in item.finding
        assert TEXT not in item.finding
        assert as_stored(late).state == State.EXCEPTION_REVIEW
        entry = LedgerEntry.objects.get(kind="refund_request.policy_gap")
        assert (entry.actor, entry.subject_id) == (settle("mei"), late.pk)

    def test_joins_the_item_that_stands(self, shop: Shop, late: RefundRequest) -> None:
        item = open_item(kind=CodeKind.REASON, code=REASON, why="So many of them.", actor=settle("sam"), at=shop.at)

        gap = named(shop, late)

        assert hear_gap(gap_id=gap.pk) == item
        assert RemediationItem.objects.count() == 1
        page = client_of(settle("sam")).get(item.get_absolute_url()).text
        assert TEXT in page
        assert late.get_absolute_url() in page

    def test_heard_twice_opens_one_item_even_once_that_is_closed(self, shop: Shop, late: RefundRequest) -> None:
        gap = named(shop, late)
        item = RemediationItem.objects.get()

        assert hear_gap(gap_id=gap.pk) == hear_gap(gap_id=gap.pk) == item

    def test_is_for_reviewers(self, shop: Shop, late: RefundRequest) -> None:
        with pytest.raises(NotPermitted):
            name_policy_gap(reference=late.reference, text=TEXT, actor=settle("dana"), at=shop.at)

        assert nothing_moved(late)

    @pytest.mark.parametrize("text", ["", "short", "x" * 5_000])
    def test_needs_words(self, shop: Shop, late: RefundRequest, text: str) -> None:
        with pytest.raises(Refused):
            name_policy_gap(reference=late.reference, text=text, actor=settle("mei"), at=shop.at)

        assert nothing_moved(late)

    def test_is_done_once_for_each_request(self, shop: Shop, late: RefundRequest) -> None:
        gap = named(shop, late)

        with pytest.raises(Refused, match="already"):
            name_policy_gap(reference=late.reference, text=TEXT, actor=settle("mei"), at=shop.tick())

        assert PolicyGap.objects.get().named_at == gap.named_at

    def test_is_too_late_once_it_was_judged(self, shop: Shop, late: RefundRequest) -> None:
        shop.excepted(late)

        with pytest.raises(OutOfDate):
            name_policy_gap(reference=late.reference, text=TEXT, actor=settle("mei"), at=shop.at + timedelta(hours=1))

        assert nothing_moved(late)

    def test_needs_words_in_the_database_too(self, shop: Shop, late: RefundRequest) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyGap.objects.create(refund_request=late, named_by=settle("mei"), named_at=shop.at, text="")


class TestThePage:
    def test_offers_it_to_the_reviewer_and_says_that_it_was_done(self, shop: Shop, late: RefundRequest) -> None:
        mei = client_of(settle("mei"))
        address = f"/requests/{late.reference}/policy-gap/"
        assert address in mei.get(late.get_absolute_url()).text

        answer = mei.post(address, {"rationale": TEXT})

        assert answer.status_code == 302
        page = mei.get(late.get_absolute_url()).text
        assert "put a gap of the policy on record here" in page
        assert f'formaction="{address}"' not in page

    def test_shows_what_was_refused(self, shop: Shop, late: RefundRequest) -> None:
        answer = client_of(settle("mei")).post(f"/requests/{late.reference}/policy-gap/", {"rationale": "no"})

        assert answer.status_code == 422
        assert nothing_moved(late)


class TestTheItem:
    def test_keeps_the_words_from_those_of_other_teams(self, shop: Shop, late: RefundRequest) -> None:
        named(shop, late)
        item = RemediationItem.objects.get()
        stranger = client_of(settle("asha"))

        answer = stranger.get(item.get_absolute_url())

        assert answer.status_code in {200, 403, 404}
        assert TEXT not in answer.text

    def test_is_found_from_the_page_of_its_code(self, shop: Shop, late: RefundRequest) -> None:
        named(shop, late)
        item = RemediationItem.objects.get()

        page = client_of(settle("sam")).get(f"/insight/codes/reason/{REASON}/").text

        assert f'href="{item.get_absolute_url()}"' in page
        assert "No item was ever opened" in client_of(settle("sam")).get("/insight/codes/exception/OTHER/").text
