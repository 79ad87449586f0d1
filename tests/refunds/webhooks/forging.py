"""Deliveries as a stranger would write them: forged, garbled, oversized, replayed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from refunds.gateways.signature import signature_header
from refunds.webhooks.receiving import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "whsec_demo"
STRIPE = "/webhooks/stripe/"


@dataclass(frozen=True)
class Attack:
    """One request to a receiver; the clock is read when it is sent."""

    raw: bytes = b""
    headers: Callable[[], dict[str, str]] = dict
    method: str = "POST"
    content_type: str = "application/json"
    extra: dict[str, Any] = field(default_factory=dict)


def event(**changes: Any) -> dict[str, Any]:
    """Build an event as Stripe sends them."""
    return {
        "id": "evt_1",
        "object": "event",
        "type": "refund.failed",
        "created": 1_795_000_000,
        "livemode": False,
        "data": {"object": {"id": "re_1", "object": "refund"}},
        **changes,
    }


TRUE = json.dumps(event()).encode()


def signed(seconds: int = 0, *, raw: bytes = TRUE, secret: str = SECRET) -> str:
    """Sign bytes at a moment some seconds from now."""
    return signature_header(raw, secret, int(time.time()) + seconds)


def _with(make: Callable[[], str], raw: bytes = TRUE) -> Attack:
    return Attack(raw, lambda: {"Stripe-Signature": make()})


def _garbled(raw: bytes) -> Attack:
    """Sign what is not a message."""
    return _with(lambda: signed(raw=raw), raw)


def _odd(**changes: Any) -> Attack:
    """Sign an event that is not one."""
    return _garbled(json.dumps(event(**changes)).encode())


FORGED = {
    "no signature": Attack(TRUE),
    "an empty signature": _with(str),
    "another secret": _with(lambda: signed(secret="whsec_other")),
    "an empty secret": _with(lambda: signed(secret="")),
    "another body": _with(signed, TRUE + b" "),
    "one byte changed": _with(signed, TRUE.replace(b"re_1", b"re_2")),
    "a body cut short": _with(signed, TRUE[:-1]),
    "no body": _with(signed, b""),
    "an hour old": _with(lambda: signed(-3600)),
    "replayed after 301 seconds": _with(lambda: signed(-301)),
    "from the future": _with(lambda: signed(120)),
    "a later timestamp on an old signature": _with(
        lambda: f"t={int(time.time())},{signed(-3600).split(',')[1]}",
    ),
    "no timestamp": _with(lambda: signed().split(",")[1]),
    "no v1": _with(lambda: signed().split(",")[0]),
    "an older scheme": _with(lambda: signed().replace("v1=", "v0=")),
    "several v1 of strangers": _with(lambda: f"t={int(time.time())}," + ",".join(f"v1={n:064x}" for n in range(9))),
    "two timestamps": _with(lambda: f"t=1,{signed()}"),
    "a word for a timestamp": _with(lambda: "t=now,v1=00"),
    "a negative timestamp": _with(lambda: "t=-1,v1=00"),
    "an endless timestamp": _with(lambda: f"t={'9' * 400},v1=00"),
    "a fraction for a timestamp": _with(lambda: signed().replace(",", ".5,", 1)),
    "digits of another script": _with(lambda: "t=\u0661\u0662,v1=00"),
    "only commas": _with(lambda: ",,,,"),
    "letters beyond ASCII": _with(lambda: "t=1,v1=gr\u00fc\u00df"),
    "a signature in capitals": _with(lambda: signed()[:14].lower() + signed()[14:].upper().replace("V1=", "v1=")),
    "a signature of 100 kB": _with(lambda: f"t={int(time.time())},v1={'0' * 100_000}"),
    "twenty thousand signatures": _with(lambda: f"t={int(time.time())}" + ",v1=0" * 20_000),
    "a signature of a shop": Attack(TRUE, lambda: {"X-Shopify-Hmac-Sha256": signed()}),
}

GARBLED = {
    "nothing": _garbled(b""),
    "no JSON": _garbled(b"refund please"),
    "not UTF-8": _garbled(b"\xff\xfe\x00"),
    "NUL bytes": _garbled(b"\x00" * 64),
    "null": _garbled(b"null"),
    "a list": _garbled(b"[]"),
    "a list of an event": _garbled(b"[" + TRUE + b"]"),
    "a number": _garbled(b"1"),
    "a text": _garbled(b'"event"'),
    "half an object": _garbled(b'{"id": "evt_1"'),
    "two objects": _garbled(TRUE + TRUE),
    "an empty object": _garbled(b"{}"),
    "deep lists": _garbled(b"[" * 100_000),
    "deep objects": _garbled(b'{"a":' * 40_000),
    "a number of ten thousand digits": _garbled(b'{"id": ' + b"9" * 10_000 + b"}"),
    "another object": _odd(object="account"),
    "no id": _odd(id=None),
    "an empty id": _odd(id=""),
    "a list for an id": _odd(id=["evt_1"]),
    "an endless id": _odd(id="evt_" + "1" * 500),
    "an endless type": _odd(type="refund." + "x" * 500),
    "an endless object id": _odd(data={"object": {"id": "re_" + "1" * 500}}),
    "a NUL in the id": _odd(id="evt_\x00"),
    "a NUL in the type": _odd(type="refund.\x00"),
    "half a letter in the id": _odd(id="evt_\ud800"),
    "half a letter in the object id": _odd(data={"object": {"id": "re_\udfff"}}),
    "no data": _odd(data=None),
    "data without an object": _odd(data={}),
    "a text for the object": _odd(data={"object": "re_1"}),
    "a number for the object id": _odd(data={"object": {"id": 17}}),
    "no moment": _odd(created=None),
    "a moment beyond the calendar": _odd(created=10**18),
    "an endless moment": _odd(created=float("inf")),
    "an undecided livemode": _odd(livemode="no"),
    "real money in a demo": _odd(livemode=True),
    "a form": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, content_type="application/x-www-form-urlencoded"),
    "a page": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, content_type="text/html"),
    "no content type": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, content_type=""),
}

LARGE = {
    "a byte too much": _garbled(TRUE + b" " * (LARGEST_BODY + 1 - len(TRUE))),
    "three times too much": _garbled(TRUE + b" " * 3 * LARGEST_BODY),
    "a length that is no number": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, extra={"CONTENT_LENGTH": "abc"}),
    "a negative length": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, extra={"CONTENT_LENGTH": "-1"}),
    "a length in letters": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, extra={"CONTENT_LENGTH": "1e3"}),
    "a length beyond all measure": Attack(
        TRUE, lambda: {"Stripe-Signature": signed()}, extra={"CONTENT_LENGTH": "9" * 30}
    ),
    "a length that cuts it short": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, extra={"CONTENT_LENGTH": "9"}),
    "no length": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, extra={"CONTENT_LENGTH": ""}),
}

METHODS = {
    f"a {method}": Attack(TRUE, lambda: {"Stripe-Signature": signed()}, method=method)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POSTED")
}

ATTACKS = FORGED | GARBLED | LARGE | METHODS
