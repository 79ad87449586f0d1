"""A request that stands still says beside its state what can be done, to whoever may do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from refunds import workflow
from refunds.vocabulary import State
from tests.harness.people import settle
from tests.harness.world import NOON, World, as_stored, payment_of

from .payouts.stage import came_back

if TYPE_CHECKING:
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

WHY = "The customer keeps the goods and wants nothing back."


def signed_in(username: str) -> Client:
    """Open a browser."""
    client = Client()
    client.force_login(settle(username))
    return client


def page_of(refund_request: RefundRequest, username: str) -> str:
    """Read its page as somebody."""
    return signed_in(username).get(refund_request.get_absolute_url()).text


class TestARefundThatFailed:
    def test_is_sent_again_paid_another_way_or_declined_by_finance_alone(self, world: World) -> None:
        failed = came_back(world)

        steps = ("Try the refund again", "Pay another way", "Decline it")

        assert all(step in page_of(failed, "lena") for step in steps)
        assert not any(step in page_of(failed, "amir") for step in steps)

    def test_is_declined_with_a_reason_and_gives_its_reserve_back(self, world: World) -> None:
        failed = came_back(world)
        lena, address = signed_in("lena"), f"/requests/{failed.reference}/decline/"

        refused = lena.post(address, {"rationale": "No."})
        declined = lena.post(address, {"rationale": WHY})

        assert refused.status_code == 422
        assert 'aria-invalid="true">No.</textarea>' in refused.text
        assert declined.status_code == 302
        assert as_stored(failed).state == State.DECLINED
        assert payment_of(failed).reserved_minor == 0


class TestARequestOnHold:
    def test_says_that_somebody_must_release_it(self, world: World) -> None:
        waiting = world.waiting(by=settle("amir"))
        workflow.hold(reference=waiting.reference, note="", actor=settle("dana"), at=NOON)

        assert "until somebody releases it" in page_of(waiting, "amir")
        assert f"/requests/{waiting.reference}/release/" in page_of(waiting, "dana")
        assert f"/requests/{waiting.reference}/release/" not in page_of(waiting, "amir")
