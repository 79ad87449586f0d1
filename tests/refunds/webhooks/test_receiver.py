"""The receiver: a true message is stored once, whichever active secret signed it. How lies fare: test_forged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from config.kernel.outbox import OutboxRow
from refunds.gateways.registry import forget_gateways
from refunds.models import Delivery
from tests.harness.tables import fingerprints

from .forging import STRIPE, TRUE, event, signed

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def post(raw: bytes, header: str | None = None) -> int:
    """Post bytes with a signature header; by default the right one."""
    headers = {"Stripe-Signature": signed(raw=raw) if header is None else header}
    return Client().post(STRIPE, raw, content_type="application/json", headers=headers).status_code


class TestTheReceiver:
    def test_needs_no_cookie_and_no_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        answer = client.post(STRIPE, TRUE, content_type="application/json", headers={"Stripe-Signature": signed()})

        assert (answer.status_code, answer.cookies) == (200, {})

    def test_stores_the_bytes_once_and_answers_every_time(self) -> None:
        assert [post(TRUE) for _ in range(3)] == [200, 200, 200]

        delivery = Delivery.objects.get()
        assert bytes(delivery.raw) == TRUE
        assert (delivery.event_id, delivery.event_type, delivery.object_id) == ("evt_1", "refund.failed", "re_1")
        assert OutboxRow.objects.filter(news="delivery.received").count() == 1

    def test_takes_a_message_signed_with_either_secret_during_a_rotation(self, settings: Settings) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_demo"]
        forget_gateways()
        try:
            both = [post(TRUE, signed()), post(TRUE, signed(secret="whsec_new")), post(TRUE, signed(secret="whsec_x"))]
        finally:
            forget_gateways()

        assert both == [200, 200, 400]

    @pytest.mark.parametrize(
        ("key", "livemode", "status"),
        [("sk_test_1", False, 200), ("sk_test_1", True, 400), ("rk_live_1", True, 200), ("sk_live_1", False, 400)],
    )
    def test_takes_messages_of_the_mode_of_our_key(
        self,
        settings: Settings,
        key: str,
        livemode: bool,  # noqa: FBT001 - a case of the table
        status: int,
    ) -> None:
        settings.DEMO, settings.STRIPE_API_KEY = False, key

        assert post(json.dumps(event(livemode=livemode)).encode()) == status

    @pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
    def test_takes_json_under_either_name(self, content_type: str) -> None:
        headers = {"Stripe-Signature": signed()}
        assert Client().post(STRIPE, TRUE, content_type=content_type, headers=headers).status_code == 200

    def test_changes_nothing_more_when_a_message_is_replayed_within_the_window(self) -> None:
        assert post(TRUE) == 200
        before = fingerprints()

        assert [post(TRUE, signed(seconds)) for seconds in (0, -1, -295, 50)] == [200] * 4

        assert fingerprints() == before

    def test_stores_both_of_two_events_about_one_change(self) -> None:
        twin = json.dumps(event(id="evt_2", type="charge.refund.updated")).encode()

        assert [post(TRUE), post(twin)] == [200, 200]

        # Applying either reads the refund again, so the second finds nothing to change: see tests/faults.
        assert {one.object_id for one in Delivery.objects.all()} == {"re_1"}
