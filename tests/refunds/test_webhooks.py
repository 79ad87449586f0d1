"""The receiver: forged, garbled, too large and too old messages are 4xx without a row; a true one is stored once."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from config.kernel.outbox import OutboxRow
from refunds.gateways.registry import forget_gateways
from refunds.gateways.signature import signature_header
from refunds.models import Delivery
from refunds.webhooks.views import LARGEST_BODY

pytestmark = pytest.mark.django_db

ADDRESS = "/webhooks/stripe/"
SECRET = "whsec_demo"


def event(**changes: Any) -> dict[str, Any]:
    """Build an event as Stripe sends them."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": "refund.updated",
        "created": 1_795_000_000,
        "livemode": False,
        "data": {"object": {"id": "re_1", "object": "refund"}},
        **changes,
    }


TRUE = json.dumps(event()).encode()


def post(raw: bytes, header: str | None = None, **more: Any) -> int:
    """Post bytes with a signature header; by default the right one."""
    signature = signature_header(raw, SECRET, int(time.time())) if header is None else header
    headers = {"Stripe-Signature": signature} if signature else {}
    client = Client(raise_request_exception=False)
    return client.post(ADDRESS, raw, content_type="application/json", headers=headers, **more).status_code


def signed(seconds: int = 0, *, raw: bytes = TRUE, secret: str = SECRET) -> str:
    """Sign bytes at a moment some seconds from now."""
    return signature_header(raw, secret, int(time.time()) + seconds)


FORGED: dict[str, tuple[bytes, Any]] = {
    "no signature": (TRUE, ""),
    "another secret": (TRUE, lambda: signed(secret="whsec_other")),
    "an empty secret": (TRUE, lambda: signed(secret="")),
    "another body": (TRUE + b" ", signed),
    "an hour old": (TRUE, lambda: signed(-3600)),
    "301 seconds old": (TRUE, lambda: signed(-301)),
    "from the future": (TRUE, lambda: signed(120)),
    "no timestamp": (TRUE, lambda: signed().split(",")[1]),
    "no v1": (TRUE, lambda: signed().split(",")[0]),
    "an older scheme": (TRUE, lambda: signed().replace("v1=", "v0=")),
    "two timestamps": (TRUE, lambda: f"t=1,{signed()}"),
    "a word for a timestamp": (TRUE, "t=now,v1=00"),
    "a negative timestamp": (TRUE, "t=-1,v1=00"),
    "an endless timestamp": (TRUE, f"t={'9' * 400},v1=00"),
    "only commas": (TRUE, ",,,,"),
    "letters beyond ASCII": (TRUE, "t=1,v1=gr\u00fc\u00df"),
}

GARBLED = {
    "nothing": b"",
    "no JSON": b"refund please",
    "not UTF-8": b"\xff\xfe\x00",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"event"',
    "half an object": b'{"id": "evt_1"',
    "an empty object": b"{}",
    "deep": b"[" * 100_000,
    "another object": json.dumps(event(object="account")).encode(),
    "no id": json.dumps(event(id=None)).encode(),
    "an empty id": json.dumps(event(id="")).encode(),
    "a list for an id": json.dumps(event(id=["evt_1"])).encode(),
    "an endless id": json.dumps(event(id="evt_" + "1" * 500)).encode(),
    "an endless type": json.dumps(event(type="refund." + "x" * 500)).encode(),
    "an endless object id": json.dumps(event(data={"object": {"id": "re_" + "1" * 500}})).encode(),
    "a NUL in the id": json.dumps(event(id="evt_\x00")).encode(),
    "a NUL in the type": json.dumps(event(type="refund.\x00")).encode(),
    "no data": json.dumps(event(data=None)).encode(),
    "data without an object": json.dumps(event(data={})).encode(),
    "a text for the object": json.dumps(event(data={"object": "re_1"})).encode(),
    "no moment": json.dumps(event(created=None)).encode(),
    "a moment beyond the calendar": json.dumps(event(created=10**18)).encode(),
    "an undecided livemode": json.dumps(event(livemode="no")).encode(),
    "real money in a demo": json.dumps(event(livemode=True)).encode(),
}


class TestTheReceiver:
    @pytest.mark.parametrize("forgery", FORGED)
    def test_refuses_a_forged_message_and_keeps_nothing(self, forgery: str) -> None:
        raw, header = FORGED[forgery]

        status = post(raw, header() if callable(header) else header)

        assert 400 <= status < 500
        assert not Delivery.objects.exists()
        assert not OutboxRow.objects.exists()

    @pytest.mark.parametrize("garbage", GARBLED)
    def test_refuses_a_garbled_message_although_it_is_signed(self, garbage: str) -> None:
        status = post(GARBLED[garbage])

        assert 400 <= status < 500
        assert not Delivery.objects.exists()
        assert not OutboxRow.objects.exists()

    @pytest.mark.parametrize("length", [LARGEST_BODY + 1, 3 * LARGEST_BODY])
    def test_refuses_more_than_it_reads(self, length: int) -> None:
        raw = TRUE + b" " * (length - len(TRUE))

        assert post(raw) == 413
        assert not Delivery.objects.exists()

    @pytest.mark.parametrize("told", ["", "abc", "-1", "1e3", "9" * 30])
    def test_is_not_confused_by_a_wrong_length(self, told: str) -> None:
        assert post(TRUE, CONTENT_LENGTH=told) < 500

    @pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options"])
    def test_takes_nothing_but_posts(self, method: str) -> None:
        assert getattr(Client(), method)(ADDRESS).status_code == 405

    def test_needs_no_cookie_and_no_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        answer = client.post(ADDRESS, TRUE, content_type="application/json", headers={"Stripe-Signature": signed()})

        assert (answer.status_code, answer.cookies) == (200, {})

    def test_stores_the_bytes_once_and_answers_every_time(self) -> None:
        assert [post(TRUE) for _ in range(3)] == [200, 200, 200]

        delivery = Delivery.objects.get()
        assert bytes(delivery.raw) == TRUE
        assert (delivery.event_id, delivery.event_type, delivery.object_id) == ("evt_1", "refund.updated", "re_1")
        assert OutboxRow.objects.filter(news="delivery.received").count() == 1

    def test_takes_a_message_signed_with_either_secret_during_a_rotation(self, settings: Any) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_demo"]
        forget_gateways()
        try:
            both = [post(TRUE, signed()), post(TRUE, signed(secret="whsec_new")), post(TRUE, signed(secret="whsec_x"))]
        finally:
            forget_gateways()

        assert both == [200, 200, 400]
