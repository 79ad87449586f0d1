"""Shopify: its signature, what its messages are about, and its Admin REST API."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings

from .amounts import id_of, moment_of, money_of
from .base import Hint, Movement, OddAnswer, ToldRefund
from .reading import read_json, read_page, write_json
from .shopify_orders import order_of, parcel_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from refunds.carriers.base import Parcel
    from refunds.models import ShopConnection
    from refunds.orders.sold import OrderFacts

    from .base import Notice

API_VERSION = "2026-07"
GONE_BACK = "refund"
DONE = "success"
ON_ITS_WAY = ("pending", "awaiting_response")
PAGE_SIZE = 250
MOST_PAGES = 4000
OURS = "redress"
DELIVERED = "delivered"


def is_signed(raw: bytes, header: str, secrets: Iterable[str]) -> bool:
    """Say whether any secret in force signed the body; the signature covers nothing else of the request."""
    if not header.isascii():
        return False
    expected = [base64.b64encode(hmac.digest(one.encode(), raw, sha256)) for one in secrets if one.strip()]
    return any(hmac.compare_digest(one, header.encode()) for one in expected)


def hint_of(body: Any) -> Hint:
    """Say what a body is about, by its own shape: the header that names the topic is not signed.

    A refund names its order; an order holds a list of refunds. Anything else is about neither.
    """
    if not isinstance(body, dict):
        return Hint()
    if id_of(body.get("order_id")) and ("refund_line_items" in body or "transactions" in body):
        return Hint(order=id_of(body["order_id"]), refund=id_of(body.get("id")))
    if isinstance(body.get("refunds"), list) and "line_items" in body:
        return Hint(order=id_of(body.get("id")))
    return Hint()


class Shopify:
    """One shop's Admin API."""

    def __init__(self, api_base: str, access_token: str) -> None:
        """Open no connection yet."""
        self._base = f"{api_base.rstrip('/')}/admin/api/{API_VERSION}"
        self._headers = {"X-Shopify-Access-Token": access_token}

    def refunds(self, hint: Hint) -> list[ToldRefund]:
        """Read one refund, or all of an order."""
        what = f"refunds/{hint.refund}" if hint.refund else "refunds"
        told = read_json(url=f"{self._base}/orders/{hint.order}/{what}.json", headers=self._headers)
        if told is None:
            return []
        try:
            return [_refund(one) for one in ([told["refund"]] if hint.refund else told["refunds"])]
        except (AttributeError, KeyError, TypeError):
            raise OddAnswer("The shop's answer is no refund.") from None

    def changed_since(self, at: datetime) -> Iterator[tuple[str, str, datetime]]:  # noqa: ARG002 - as every shop
        """Walk through nothing: its REST API lists refunds by order only."""
        yield from ()

    def order(self, external_id: str, connection: ShopConnection) -> OrderFacts | None:
        """Read one order, then its transactions: an order alone does not prove that anybody paid."""
        told = read_json(url=f"{self._base}/orders/{external_id}.json", headers=self._headers)
        if told is None:
            return None
        paid = read_json(url=f"{self._base}/orders/{external_id}/transactions.json", headers=self._headers)
        order = told.get("order") if isinstance(told, dict) else None
        # Bogus payments prove nothing, except where all money is play money.
        return order_of(order, paid, connection, is_demo=settings.DEMO)

    def orders_changed_since(self, at: datetime) -> Iterator[tuple[str, datetime]]:
        """Walk through the orders that changed since then, a page at a time, as Shopify's Link header leads."""
        names = {"limit": str(PAGE_SIZE), "fields": "id,updated_at"}
        query = {**names, "status": "any", "updated_at_min": at.isoformat(), "order": "updated_at asc"}
        for _ in range(MOST_PAGES):
            told, following = read_page(url=f"{self._base}/orders.json?{urlencode(query)}", headers=self._headers)
            orders = told.get("orders") if isinstance(told, dict) else None
            if not isinstance(orders, list):
                raise OddAnswer("The shop's list of orders is no list.")
            for one in orders:
                if not isinstance(one, dict) or not id_of(one.get("id")):
                    raise OddAnswer("The shop's list holds what is no order.")
                yield id_of(one["id"]), moment_of(one.get("updated_at"))
            # Only the page's mark is taken from the link: our token goes to nobody else's address.
            mark = parse_qs(urlsplit(following).query).get("page_info")
            if not mark:
                return
            query = {**names, "page_info": mark[0]}

    def parcels(self, order: str) -> list[Parcel]:
        """Read the fulfilments that went out, and of those that arrived when: their events say it, their change not."""
        told = read_json(url=f"{self._base}/orders/{order}/fulfillments.json", headers=self._headers)
        try:
            sent = [one for one in told["fulfillments"] if one.get("status") == DONE] if told is not None else []
            return [parcel_of(one, self._events(order, one)) for one in sent]
        except (AttributeError, KeyError, TypeError):
            raise OddAnswer("The shop's answer is no list of fulfilments.") from None

    def _events(self, order: str, fulfillment: Any) -> Any:
        if fulfillment.get("shipment_status") != DELIVERED:
            return []
        path = f"orders/{order}/fulfillments/{id_of(fulfillment['id'])}/events.json"
        told = read_json(url=f"{self._base}/{path}", headers=self._headers)
        return [] if told is None else told["fulfillment_events"]

    def knows_of(self, notice: Notice) -> str:
        """Look among the order's metafields that are ours; each refund has a key of its own."""
        query = urlencode({"namespace": OURS, "key": _key(notice), "limit": str(PAGE_SIZE)})
        told = read_json(url=f"{self._base}/orders/{notice.order}/metafields.json?{query}", headers=self._headers)
        if told is None:
            raise OddAnswer("The shop does not know the order.")
        try:
            return next((id_of(one["id"]) for one in told["metafields"] if one["key"] == _key(notice)), "")
        except (AttributeError, KeyError, TypeError):
            raise OddAnswer("The shop's answer is no list of metafields.") from None

    def tell(self, notice: Notice) -> str:
        """Write a metafield: a refund of Shopify's with a transaction pays, and one without leaves the order owing."""
        field = {"namespace": OURS, "key": _key(notice), "type": "single_line_text_field", "value": notice.words}
        url = f"{self._base}/orders/{notice.order}/metafields.json"
        told = write_json(url=url, headers=self._headers, body={"metafield": field})
        written = told.get("metafield") if isinstance(told, dict) else None
        return id_of(written.get("id")) if isinstance(written, dict) else ""


def _key(notice: Notice) -> str:
    return f"refund_{notice.operation.replace('-', '')}"


def _refund(told: dict[str, Any]) -> ToldRefund:
    """Read a refund; money moved with each transaction that succeeded, and only then."""
    went_back = [one for one in told["transactions"] if one.get("kind") == GONE_BACK]
    done = [one for one in went_back if one.get("status") == DONE]
    names = [told.get("note"), *[part for one in went_back for part in (one.get("authorization"), one.get("receipt"))]]
    return ToldRefund(
        order=id_of(told["order_id"]),
        movements=[one for one in map(_movement, done) if one.amount.minor],
        words=" ".join(json.dumps(name, default=str) for name in names if name),
        is_settled=not any(one.get("status") in ON_ITS_WAY for one in went_back),
    )


def _movement(told: dict[str, Any]) -> Movement:
    named = id_of(told.get("id"))
    if not named:
        raise OddAnswer("The shop's answer names no transaction.")
    return Movement(
        external_id=named,
        amount=money_of(told["amount"], told["currency"]),
        left_at=moment_of(told.get("processed_at") or told.get("created_at")),
    )
