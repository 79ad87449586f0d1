"""Magento: a signature where Adobe Commerce makes one, credit memos over REST, and a poll where nothing tells."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from .amounts import id_of, moment_of, money_of
from .base import Hint, Movement, OddAnswer, ToldRefund
from .credit_memos import memo_of
from .magento_orders import order_of, parcel_of
from .reading import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from refunds.carriers.base import Parcel
    from refunds.models import ShopConnection
    from refunds.orders.sold import OrderFacts

    from .base import Notice

PAGE_SIZE = 100
MOST_PAGES = 4000
REFUNDED = 2
"""The state of a credit memo whose money went back; 1 is open, 3 cancelled."""


def public_key_of(pem: str) -> RSAPublicKey:
    """Read the public half of a shop's key.

    :raises ValueError: for anything but an RSA key
    """
    key = load_pem_public_key(pem.strip().encode())
    if not isinstance(key, RSAPublicKey):
        message = "Adobe Commerce signs with an RSA key."
        raise ValueError(message)  # noqa: TRY004 - one kind of no for whatever was pasted
    return key


def is_signed(raw: bytes, header: str, pem: str) -> bool:
    """Say whether the shop's key signed the body, as it is or, as Adobe's page on signatures has it, in base64."""
    try:
        signature = base64.b64decode(header.encode("ascii"), validate=True)
        key = public_key_of(pem)
    except (ValueError, binascii.Error):
        return False
    return any(_holds(key, signature, text) for text in (raw, base64.b64encode(raw)))


def _holds(key: RSAPublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def hint_of(body: Any) -> Hint:
    """Find the credit memo a body names, alone or wrapped once as modules do; what else it says is not looked at."""
    if not isinstance(body, dict):
        return Hint()
    inner = [body.get(name) for name in ("creditmemo", "data", "value")]
    for one in (body, *inner):
        if isinstance(one, dict) and id_of(one.get("entity_id")):
            return Hint(order=id_of(one.get("order_id")), refund=id_of(one["entity_id"]))
    return Hint()


class Magento:
    """One shop's REST API."""

    def __init__(self, api_base: str, access_token: str) -> None:
        """Open no connection yet."""
        self._base = f"{api_base.rstrip('/')}/rest/V1"
        self._headers = {"Authorization": f"Bearer {access_token}"}

    def refunds(self, hint: Hint) -> list[ToldRefund]:
        """Read one credit memo; of a whole order none, for they are told one by one."""
        if not hint.refund:
            return []
        told = read_json(url=f"{self._base}/creditmemo/{hint.refund}", headers=self._headers)
        if told is None:
            return []
        try:
            return [_refund(told)]
        except (AttributeError, KeyError, TypeError):
            raise OddAnswer("The shop's answer is no credit memo.") from None

    def changed_since(self, at: datetime) -> Iterator[tuple[str, str, datetime]]:
        """Walk through the credit memos that changed since then."""
        for item in self._changed("creditmemos", at):
            yield id_of(item["entity_id"]), id_of(item.get("order_id")), moment_of(item.get("updated_at"))

    def order(self, external_id: str, connection: ShopConnection) -> OrderFacts | None:
        """Read one order, which says what was paid."""
        told = read_json(url=f"{self._base}/orders/{external_id}", headers=self._headers)
        return None if told is None else order_of(told, connection)

    def orders_changed_since(self, at: datetime) -> Iterator[tuple[str, datetime]]:
        """Walk through the orders that changed since then."""
        for item in self._changed("orders", at):
            yield id_of(item["entity_id"]), moment_of(item.get("updated_at"))

    def parcels(self, order: str) -> list[Parcel]:
        """Read the shipments of an order: Magento knows that they went out, and not that they arrived."""
        told = read_json(url=f"{self._base}/shipments?{_about(order)}", headers=self._headers)
        try:
            return [parcel_of(one) for one in told["items"]] if told is not None else []
        except (AttributeError, KeyError, TypeError, IndexError):
            raise OddAnswer("The shop's answer is no list of shipments.") from None

    def knows_of(self, notice: Notice) -> str:
        """Look through the order's credit memos for the one whose comment names the operation.

        :raises OddAnswer: also when that one is over another amount
        """
        listed = read_json(url=f"{self._base}/creditmemos?{_about(notice.order)}", headers=self._headers)
        items = listed.get("items") if isinstance(listed, dict) else None
        if not isinstance(items, list):
            raise OddAnswer("The shop's list of creditmemos is no list.")
        for item in items:
            named = id_of(item.get("entity_id")) if isinstance(item, dict) else ""
            # Comments are told with one memo, not with the list of them.
            for memo in self.refunds(Hint(refund=named)) if named else []:
                if memo.order == notice.order and notice.operation in memo.words:
                    _check_amount(memo, notice, named)
                    return named
        return ""

    def tell(self, notice: Notice) -> str:
        """Make an offline credit memo: it books the refund in the shop and moves no money."""
        order = read_json(url=f"{self._base}/orders/{notice.order}", headers=self._headers)
        if order is None:
            raise OddAnswer("The shop does not know the order.")
        body = memo_of(notice, order)
        named = id_of(write_json(url=f"{self._base}/order/{notice.order}/refund", headers=self._headers, body=body))
        # Magento adds up by itself; what it made of it is read again.
        return self.knows_of(notice) or named

    def _changed(self, what: str, at: datetime) -> Iterator[dict[str, Any]]:
        """Walk through a list by what changed since then, oldest first."""
        criteria = {
            "searchCriteria[filter_groups][0][filters][0][field]": "updated_at",
            "searchCriteria[filter_groups][0][filters][0][condition_type]": "gteq",
            "searchCriteria[filter_groups][0][filters][0][value]": f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            "searchCriteria[sortOrders][0][field]": "updated_at",
            "searchCriteria[sortOrders][0][direction]": "ASC",
            "searchCriteria[pageSize]": str(PAGE_SIZE),
        }
        for page in range(1, MOST_PAGES + 1):
            query = urlencode({**criteria, "searchCriteria[currentPage]": str(page)})
            told = read_json(url=f"{self._base}/{what}?{query}", headers=self._headers)
            listed: dict[str, Any] = told if isinstance(told, dict) else {}
            items, count = listed.get("items"), listed.get("total_count")
            if not isinstance(items, list):
                raise OddAnswer(f"The shop's list of {what} is no list.")
            for item in items:
                if not isinstance(item, dict) or not id_of(item.get("entity_id")):
                    raise OddAnswer(f"The shop's list of {what} holds something else.")
                yield item
            # Beyond its last page Magento answers the last page again.
            if len(items) < PAGE_SIZE or (isinstance(count, int) and page * PAGE_SIZE >= count):
                return


def _about(order: str) -> str:
    return urlencode(
        {
            "searchCriteria[filter_groups][0][filters][0][field]": "order_id",
            "searchCriteria[filter_groups][0][filters][0][value]": order,
        }
    )


def _check_amount(memo: ToldRefund, notice: Notice, named: str) -> None:
    minor = sum(one.amount.minor for one in memo.movements)
    if minor != notice.amount.minor:
        raise OddAnswer(f"The shop's credit memo {named} is over another amount than the {notice.amount} we refunded.")


def _refund(told: dict[str, Any]) -> ToldRefund:
    amount = money_of(told["grand_total"], told["order_currency_code"])
    named = id_of(told["entity_id"])
    if not named:
        raise OddAnswer("The shop's answer names no credit memo.")
    left_at = moment_of(told["created_at"])
    is_done = told.get("state") == REFUNDED and amount.minor
    return ToldRefund(
        order=id_of(told["order_id"]),
        movements=[Movement(external_id=named, amount=amount, left_at=left_at)] if is_done else [],
        words=json.dumps([told.get("transaction_id"), told.get("comments")], default=str),
        is_settled=told.get("state") != 1,
    )
