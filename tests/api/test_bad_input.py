"""Whatever is sent: a clear answer, nothing written, never a 5xx."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from evidence.models import Attachment, LedgerEntry
from refunds.models import Customer, Order, Payment, RefundRequest, Statement

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db

CARD = "please refund 4242 4242 4242 4242 today"


def rows() -> tuple[int, ...]:
    """Count what bad input must not change."""
    tables = (Order, Payment, Customer, RefundRequest, LedgerEntry, Attachment, Statement)
    return tuple(table.objects.count() for table in tables)


def asked(**line: Any) -> dict[str, Any]:
    """Ask for a line with something changed."""
    return request_body(lines=[{"line": "1", "quantity": 1, **line}])


REQUESTS: dict[str, tuple[Any, int, str]] = {
    "an unknown order": (request_body("nowhere"), 422, "unknown_order"),
    "an unknown line": (asked(line="99"), 422, "unknown_line"),
    "an unknown reason": (request_body(reason="because"), 422, "unknown_reason"),
    "no reason": (request_body(reason=""), 422, "refused"),
    "an unknown currency": (request_body(currency="XXQ"), 422, "unknown_currency"),
    "another currency": (request_body(currency="USD"), 422, "currency_mismatch"),
    "more than was sold": (asked(quantity=5), 422, "exceeds_refundable_balance"),
    "more than was paid": (asked(amount_minor=2501), 422, "exceeds_refundable_balance"),
    "more shipping than was paid": (request_body(shipping_minor=301), 422, "exceeds_refundable_balance"),
    "nothing at all": (request_body(lines=[]), 422, "refused"),
    "a quantity of zero": (asked(quantity=0), 400, "invalid"),
    "a negative quantity": (asked(quantity=-1), 400, "invalid"),
    "a negative amount": (asked(amount_minor=-5), 400, "invalid"),
    "an amount of zero": (asked(amount_minor=0), 400, "invalid"),
    "negative shipping": (request_body(shipping_minor=-1), 400, "invalid"),
    "an amount as text": (asked(amount_minor="100"), 400, "invalid"),
    "a decimal amount": (asked(amount_minor=100.0), 400, "invalid"),
    "a truth value as amount": (asked(amount_minor=True), 400, "invalid"),
    "a number beyond 64 bits": (asked(quantity=2**80), 400, "invalid"),
    "an amount beyond 64 bits": (request_body(shipping_minor=2**80), 400, "invalid"),
    "a number as order": (request_body(536365), 400, "invalid"),
    "a line named twice": (request_body(lines=[{"line": "1", "quantity": 1}] * 2), 400, "invalid"),
    "a card number in the note": (request_body(note=CARD), 422, "card_number_in_text"),
    "a NUL in the note": (request_body(note="a\x00b"), 400, "invalid"),
    "half a surrogate pair": (request_body(note="\ud800"), 400, "invalid"),
    "half a surrogate as a name": (request_body() | {"\ud800": 1}, 400, "unknown_field"),
    "half a surrogate as a choice": (request_body(method="\ud800"), 400, "invalid"),
    "an unknown field": (request_body(colour="red"), 400, "unknown_field"),
    "an unknown field in a line": (asked(colour="red"), 400, "unknown_field"),
    "an unknown condition": (asked(condition="eaten"), 400, "invalid"),
    "an unknown category": (request_body(category="payout"), 400, "invalid"),
    "an unknown method": (request_body(method="cash"), 400, "invalid"),
    "a bank transfer before anything failed": (request_body(method="bank_transfer"), 422, "refused"),
    "a credit for nobody": (
        {"category": "goodwill_credit", "amount_minor": 100, "currency": "GBP", "team": "uk-retail"},
        400,
        "invalid",
    ),
    "no order": ({"channel": "shop-uk", "reason": "other"}, 400, "invalid"),
    "a list": ([], 400, "invalid"),
    "null": (None, 400, "invalid"),
    "a word": ("hello", 400, "invalid"),
    "too long a note": (request_body(note="x" * 4001), 400, "invalid"),
    "a word for true": (request_body(submit="yes"), 400, "invalid"),
    "lines as an object": (request_body(lines={"line": "1"}), 400, "invalid"),
    "the order of another team": (request_body("U-1", channel="shop-us"), 422, "unknown_order"),
}


class TestFilingARequest:
    """POST /refund-requests."""

    @pytest.mark.parametrize("name", REQUESTS)
    def test_refuses(self, calling: Callable[[str], Caller], name: str) -> None:
        body, status, code = REQUESTS[name]
        calling("bot").post("orders", order_body())
        before = rows()
        answer = calling("amir").raw("refund-requests", json.dumps(body))
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        assert rows() == before
        assert "4242 4242" not in answer.content.decode()

    def test_names_every_reason_at_once(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        lines = [{"line": "1", "quantity": 9}, {"line": "77", "quantity": 1}]
        answer = calling("amir").post("refund-requests", request_body(reason="because", lines=lines))
        assert answer.status_code == 422
        codes = {error["code"] for error in answer.json()["errors"]}
        assert codes == {"exceeds_refundable_balance", "unknown_line", "unknown_reason"}
        assert {error["field"] for error in answer.json()["errors"]} >= {"lines[0].quantity", "lines[1]", "reason"}

    def test_refuses_a_second_open_request_for_the_same_lines(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        first = calling("amir").post("refund-requests", request_body(quantity=2, lines=[{"line": "1", "quantity": 2}]))
        assert first.status_code == 201
        again = calling("amir").post("refund-requests", request_body(quantity=1, lines=[{"line": "1", "quantity": 1}]))
        assert (again.status_code, again.json()["code"]) == (422, "duplicate_request")
        assert RefundRequest.objects.count() == 1


JSON = "application/json"

BYTES: dict[str, tuple[bytes, str, int, str]] = {
    "no JSON": (b"{", "application/json", 400, "invalid"),
    "nothing": (b"", "application/json", 400, "invalid"),
    "bytes that are no UTF-8": (b'{"note": "\xff\xfe"}', "application/json", 400, "invalid"),
    "an amount told twice": (b'{"shipping_minor": 1, "shipping_minor": 100}', "application/json", 400, "invalid"),
    "NaN": (b'{"shipping_minor": NaN}', "application/json", 400, "invalid"),
    "a bottomless list": (b"[" * 200_000, "application/json", 400, "invalid"),
    "a bottomless object": (b'{"a":' * 100_000, "application/json", 400, "invalid"),
    "a number of ten thousand digits": (
        b'{"shipping_minor": ' + b"9" * 10_000 + b"}",
        "application/json",
        400,
        "invalid",
    ),
    "a charset that is no charset": (b"{}", "application/json; charset=hex", 400, "invalid"),
    "XML": (b"<a/>", "application/xml", 415, "unsupported_media_type"),
    "a form": (b"a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    "no type": (b"{}", "", 415, "unsupported_media_type"),
    "more than five megabytes": (b" " * (5 * 1024 * 1024 + 1), "application/json", 413, "too_large"),
}


class TestBytes:
    """What never was JSON."""

    @pytest.mark.parametrize("name", BYTES)
    def test_are_refused(self, calling: Callable[[str], Caller], name: str) -> None:
        body, content_type, status, code = BYTES[name]
        before = rows()
        answer = calling("amir").raw("refund-requests", body, content_type)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
        assert rows() == before


class TestAChunkedBody:
    """A body whose size nobody says; Django would take it for an empty one, and an approval would be in full."""

    def test_is_refused(self, calling: Callable[[str], Caller]) -> None:
        client = calling("amir").client
        answer = client.generic("POST", "/api/v1/refund-requests", "", JSON, HTTP_TRANSFER_ENCODING="chunked")
        assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def order_with(**line: Any) -> dict[str, Any]:
    """Tell of an order with something changed in its line."""
    return order_body(lines=[{"line": "1", "sku": "A", "quantity": 1, "unit_price_minor": 100, **line}])


def paid_with(**payment: Any) -> dict[str, Any]:
    """Tell of an order with something changed in its payment."""
    body = order_body()
    return {**body, "payments": [{**body["payments"][0], **payment}]}


ORDERS: dict[str, tuple[Any, int, str]] = {
    "an unknown team": (order_body(team="mars"), 422, "unknown_team"),
    "an unknown currency": (paid_with(currency="QQQ"), 422, "unknown_currency"),
    "two currencies": (
        order_body(payments=[*order_body()["payments"], {**order_body("W-2")["payments"][0], "currency": "USD"}]),
        422,
        "currency_mismatch",
    ),
    "a quantity of zero": (order_with(quantity=0), 400, "invalid"),
    "a negative price": (order_with(unit_price_minor=-1), 400, "invalid"),
    "a price as text": (order_with(unit_price_minor="1.00"), 400, "invalid"),
    "a decimal price": (order_with(unit_price_minor=1.5), 400, "invalid"),
    "a huge price": (order_with(unit_price_minor=2**70), 400, "invalid"),
    "no lines": (order_body(lines=[]), 400, "invalid"),
    "a time without a zone": (order_body(placed_at="2026-11-10T08:26:00"), 400, "invalid"),
    "a time that is no time": (order_body(placed_at="yesterday"), 400, "invalid"),
    "a number as time": (order_body(placed_at=1), 400, "invalid"),
    "a time before all time": (order_body(placed_at="0001-01-01T00:00:00+14:00"), 400, "invalid"),
    "an odd channel": (order_body(channel="shop uk"), 400, "invalid"),
    "an odd address": (order_body(customer={"external_id": "1", "email": "nobody"}), 400, "invalid"),
    "a NUL": (order_body(external_id="a\x00"), 400, "invalid"),
    "an unknown field": (order_body(customer={"external_id": "1", "shoe_size": 44}), 400, "unknown_field"),
    "nothing captured": (paid_with(captured_minor=0), 400, "invalid"),
    "a long last four": (paid_with(last4="42424"), 400, "invalid"),
    "a gateway nobody serves": (paid_with(gateway="cheque"), 422, "unknown_gateway"),
}


class TestSendingAnOrder:
    """POST /orders."""

    @pytest.mark.parametrize("name", ORDERS)
    def test_refuses(self, calling: Callable[[str], Caller], name: str) -> None:
        body, status, code = ORDERS[name]
        before = rows()
        answer = calling("bot").raw("orders", json.dumps(body))
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
        assert rows() == before


QUERIES: dict[str, dict[str, Any]] = {
    "an unknown name": {"sate": "failed"},
    "an unknown state": {"state": "gone"},
    "a cursor of one's own": {"cursor": "cD1hYmM="},
    "a cursor that is noise": {"cursor": "%%%"},
    "a page of a thousand": {"page_size": 1000},
    "a page of nothing": {"page_size": 0},
    "a page of words": {"page_size": "many"},
    "a time that is no time": {"created_after": "soon"},
    "an amount that is no amount": {"amount_min": "12.50"},
    "an amount beyond 64 bits": {"amount_max": "9" * 40},
    "a NUL": {"customer": "a\x00"},
    "a maybe": {"mine": "maybe"},
}


class TestAskingForAList:
    """GET /refund-requests."""

    @pytest.mark.parametrize("name", QUERIES)
    def test_refuses(self, calling: Callable[[str], Caller], name: str) -> None:
        answer = calling("amir").get("refund-requests", **QUERIES[name])
        assert answer.status_code == 400, answer.json()
        assert answer.json()["code"] in {"invalid", "unknown_field"}


ADDRESSES = [
    "orders/shop-uk/%00",
    "orders/%00/1",
    "orders/shop-uk/a%2Fb%20c%3F",
    "orders/shop-uk/%FF%FE",
    "refund-requests/%00",
    "refund-requests/RR-NONE",
    "refund-requests/RR-NONE/timeline",
    "refund-requests/%00/timeline",
    "refund-requests/RR-NONE/evidence",
    "refund-requests/%00/messages",
    "refund-requests/",
    "nothing/here",
    "jobs/not-a-uuid",
    "jobs/00000000-0000-0000-0000-000000000000",
    "evidence-content/forged",
]


class TestAnAddressNobodyOwns:
    """Below /api/."""

    @pytest.mark.parametrize("path", ADDRESSES)
    def test_is_not_found_in_the_words_of_the_api(self, calling: Callable[[str], Caller], path: str) -> None:
        answer = calling("ada").client.get(f"/api/v1/{path}")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"

    def test_takes_no_other_method(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("bot").client.delete("/api/v1/orders")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer["Allow"] == "POST"
