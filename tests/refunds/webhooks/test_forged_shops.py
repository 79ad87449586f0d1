"""Lies told to the inboxes of shops: each is 4xx, and not one row anywhere is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from refunds.webhooks.receiving import LARGEST_BODY
from tests.harness.tables import fingerprints

from .shop import DOMAIN, SECRET, connected, refund_body, shopify_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

pytestmark = pytest.mark.django_db

TRUE = json.dumps(refund_body()).encode()
HMAC = "X-Shopify-Hmac-Sha256"


def _with(**headers: str) -> Callable[[bytes], dict[str, str]]:
    """Sign a body rightly, and say something else beside it."""
    return lambda raw: {**shopify_headers(raw), **{name.replace("_", "-"): told for name, told in headers.items()}}


def _without(name: str) -> Callable[[bytes], dict[str, str]]:
    return lambda raw: {key: told for key, told in shopify_headers(raw).items() if key != name}


FORGED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "no headers": lambda _: {},
    "no signature": _without(HMAC),
    "no shop": _without("X-Shopify-Shop-Domain"),
    "another shop": _with(X_Shopify_Shop_Domain="other.myshopify.com"),
    "a shop that ends alike": _with(X_Shopify_Shop_Domain=f"evil-{DOMAIN}"),
    "a shop of letters beyond ASCII": _with(X_Shopify_Shop_Domain="lämps.myshopify.com"),
    "an empty signature": _with(X_Shopify_Hmac_Sha256=""),
    "another secret": lambda raw: shopify_headers(raw, secret="other"),
    "an empty secret": lambda raw: shopify_headers(raw, secret=""),
    "the signature of another body": lambda raw: shopify_headers(raw + b" "),
    "a signature in hexadecimal": _with(X_Shopify_Hmac_Sha256="ab" * 32),
    "a signature beyond ASCII": _with(X_Shopify_Hmac_Sha256="grüß"),
    "a signature of 100 kB": _with(X_Shopify_Hmac_Sha256="A" * 100_000),
    "two signatures": _with(Shopify_Hmac_Sha256="AAAA"),
    "two shops": _with(Shopify_Shop_Domain="other.myshopify.com"),
    "an endless event": _with(X_Shopify_Event_Id="e" * 500),
    "a NUL in the event": _with(X_Shopify_Event_Id="e\x00"),
    "Stripe's signature": lambda _: {"Stripe-Signature": "t=1,v1=00"},
}

GARBLED = {
    "nothing": b"",
    "no JSON": b"refund please",
    "not UTF-8": b"\xff\xfe\x00",
    "NUL bytes": b"\x00" * 64,
    "half an object": TRUE[:-1],
    "two objects": TRUE + TRUE,
    "deep lists": b"[" * 100_000,
    "a number of ten thousand digits": b'{"id": ' + b"9" * 10_000 + b"}",
    "too much": TRUE + b" " * LARGEST_BODY,
}


def post(address: str, raw: bytes, headers: dict[str, str], method: str = "POST", **more: Any) -> int:
    """Send a request; answers the status."""
    options = {"content_type": "application/json", **more}
    return Client(raise_request_exception=False).generic(method, address, raw, headers=headers, **options).status_code


@pytest.fixture
def address(world: World) -> str:
    """Connect a shop; answers where it writes to."""
    return connected(world)[1]


class TestALieToShopify:
    @pytest.mark.parametrize("forgery", FORGED)
    def test_about_who_speaks_changes_nothing(self, address: str, forgery: str) -> None:
        before = fingerprints()

        assert 400 <= post(address, TRUE, FORGED[forgery](TRUE)) < 500

        assert fingerprints() == before

    @pytest.mark.parametrize("garbage", GARBLED)
    def test_in_its_words_changes_nothing_although_it_is_signed(self, address: str, garbage: str) -> None:
        raw, before = GARBLED[garbage], fingerprints()

        assert 400 <= post(address, raw, shopify_headers(raw)) < 500

        assert fingerprints() == before

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_by_another_method_is_refused(self, address: str, method: str) -> None:
        assert post(address, TRUE, shopify_headers(TRUE), method) == 405

    @pytest.mark.parametrize("content_type", ["text/html", "application/x-www-form-urlencoded", ""])
    def test_by_another_content_is_refused(self, address: str, content_type: str) -> None:
        assert post(address, TRUE, shopify_headers(TRUE), content_type=content_type) == 415

    @pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "ü", "' OR 1=1", "..%2f..%2f"])
    def test_at_an_address_nobody_has_is_refused(self, address: str, token: str) -> None:
        before = fingerprints()

        assert post(f"/webhooks/shopify/{token}/", TRUE, shopify_headers(TRUE)) == 404

        assert fingerprints() == before

    def test_is_not_in_the_truth(self, address: str) -> None:
        assert post(address, TRUE, shopify_headers(TRUE)) == 200

    def test_is_refused_too_when_our_own_key_is_lost(self, address: str, settings: Any) -> None:
        settings.WEBHOOK_KEYS = ["another"]

        assert post(address, TRUE, shopify_headers(TRUE)) == 400
        assert SECRET not in str(settings.WEBHOOK_KEYS)
