"""A delivery is believed only when an active secret signed these bytes just now."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from refunds.gateways.base import BadDelivery
from refunds.gateways.signature import signature_header
from refunds.gateways.stripe import StripeGateway

if TYPE_CHECKING:
    from collections.abc import Callable

OLD, NEW = "whsec_old", "whsec_new"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "refund.updated",
    "created": 1_795_000_000,
    "livemode": False,
    "data": {"object": {"id": "re_1", "object": "refund"}},
}


@pytest.fixture
def gateway() -> StripeGateway:
    return StripeGateway("sk_test_1", [OLD, NEW])


def signed(event: object, secret: str = NEW, at: float | None = None) -> tuple[dict[str, str], bytes]:
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    return {"stripe-signature": signature_header(raw, secret, int(at or time.time()))}, raw


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in EVENT.items() if name != key}


FORGED: dict[str, Callable[[], tuple[dict[str, str], bytes]]] = {
    "no signature": lambda: ({}, json.dumps(EVENT).encode()),
    "empty signature": lambda: ({"Stripe-Signature": ""}, json.dumps(EVENT).encode()),
    "words for a signature": lambda: ({"Stripe-Signature": "let me in"}, json.dumps(EVENT).encode()),
    "non-ASCII signature": lambda: ({"Stripe-Signature": "t=1,v1=é"}, json.dumps(EVENT).encode()),
    "no timestamp": lambda: ({"Stripe-Signature": "v1=" + "a" * 64}, json.dumps(EVENT).encode()),
    "timestamp that is no number": lambda: ({"Stripe-Signature": "t=now,v1=" + "a" * 64}, b"{}"),
    "enormous timestamp": lambda: ({"Stripe-Signature": f"t={'9' * 5000},v1=aa"}, b"{}"),
    "negative timestamp": lambda: ({"Stripe-Signature": "t=-1,v1=aa"}, b"{}"),
    "unknown scheme only": lambda: (
        {"Stripe-Signature": signed(EVENT)[0]["stripe-signature"].replace("v1", "v0")},
        b"",
    ),
    "wrong secret": lambda: signed(EVENT, "whsec_other"),
    "empty secret": lambda: signed(EVENT, ""),
    "tampered body": lambda: (signed(EVENT)[0], json.dumps(EVENT).replace("re_1", "re_2").encode()),
    "one byte more": lambda: (signed(EVENT)[0], json.dumps(EVENT).encode() + b" "),
    "too old": lambda: signed(EVENT, at=time.time() - 302),
    "from the future": lambda: signed(EVENT, at=time.time() + 63),
    "an old body under a second, fresh timestamp": lambda: (
        {"stripe-signature": f"{signed(EVENT, at=1)[0]['stripe-signature']},t={int(time.time())}"},
        json.dumps(EVENT).encode(),
    ),
    "empty body": lambda: signed(b""),
    "no JSON": lambda: signed(b"<html>"),
    "no UTF-8": lambda: signed(b"\xff\xfe{}"),
    "a JSON list": lambda: signed([EVENT]),
    "a JSON text": lambda: signed("event"),
    "a JSON null": lambda: signed(None),
    "abysmal nesting": lambda: signed(b"[" * 200_000),
    "no object word": lambda: signed(without("object")),
    "another object": lambda: signed(EVENT | {"object": "refund"}),
    "a thin event": lambda: signed(EVENT | {"object": "v2.core.event"}),
    "no id": lambda: signed(without("id")),
    "an id that is a number": lambda: signed(EVENT | {"id": 7}),
    "an empty id": lambda: signed(EVENT | {"id": ""}),
    "an id with a NUL": lambda: signed(EVENT | {"id": "evt_\x00"}),
    "no type": lambda: signed(without("type")),
    "no data": lambda: signed(without("data")),
    "data that is a list": lambda: signed(EVENT | {"data": []}),
    "an object that is null": lambda: signed(EVENT | {"data": {"object": None}}),
    "an object id that is a hash": lambda: signed(EVENT | {"data": {"object": {"id": {"a": 1}}}}),
    "no time": lambda: signed(without("created")),
    "a time that is a word": lambda: signed(EVENT | {"created": "today"}),
    "a time beyond all clocks": lambda: signed(EVENT | {"created": 10**30}),
    "livemode that is a word": lambda: signed(EVENT | {"livemode": "false"}),
    "no livemode": lambda: signed(without("livemode")),
}


class TestVerifyWebhook:
    """The door for deliveries."""

    @pytest.mark.parametrize("secret", [OLD, NEW])
    def test_opens_what_any_active_secret_signed(self, gateway: StripeGateway, secret: str) -> None:
        envelope = gateway.verify_webhook(*signed(EVENT, secret))

        assert (envelope.event_id, envelope.event_type, envelope.object_id) == ("evt_1", "refund.updated", "re_1")
        assert envelope.created_at.tzinfo is not None
        assert envelope.livemode is False
        assert envelope.payload == EVENT

    @pytest.mark.parametrize("age", [-55, 0, 295])
    def test_allows_for_clocks_and_queues(self, gateway: StripeGateway, age: int) -> None:
        assert gateway.verify_webhook(*signed(EVENT, at=time.time() - age)).event_id == "evt_1"

    def test_takes_two_signatures_during_a_rotation(self, gateway: StripeGateway) -> None:
        headers, raw = signed(EVENT, "whsec_unknown")
        digest = signed(EVENT, NEW)[0]["stripe-signature"].partition(",")[2]

        envelope = gateway.verify_webhook({"Stripe-Signature": f"{headers['stripe-signature']},{digest}"}, raw)

        assert envelope.event_id == "evt_1"

    @pytest.mark.parametrize("forgery", FORGED)
    def test_refuses_forged_and_garbled_deliveries(self, gateway: StripeGateway, forgery: str) -> None:
        with pytest.raises(BadDelivery):
            gateway.verify_webhook(*FORGED[forgery]())

    def test_lets_an_empty_secret_vouch_for_nobody(self) -> None:
        with pytest.raises(BadDelivery):
            StripeGateway("sk_test_1", ["", " "]).verify_webhook(*signed(EVENT, ""))

    @given(header=st.text(max_size=200), raw=st.binary(max_size=200))
    def test_raises_nothing_else_whatever_the_bytes(self, header: str, raw: bytes) -> None:
        with pytest.raises(BadDelivery):
            StripeGateway("sk_test_1", [NEW]).verify_webhook({"Stripe-Signature": header}, raw)


class TestSignatureHeader:
    """The header that the sandbox signs with."""

    @given(body=st.text(st.characters(codec="utf-8"), max_size=200), at=st.integers(0, 4_000_000_000))
    def test_is_the_one_that_the_sdk_makes(self, body: str, at: int) -> None:
        ours = signature_header(body.encode(), NEW, at)

        assert ours == stripe.WebhookSignature.generate_signature_header(body, NEW, at)
