"""Stripe's automatic payouts, and the balance transactions of one: the payout reconciliation report, by API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import stripe

from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.payouts import ProviderPayout
from refunds.gateways.units import from_stripe_units

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_SIZE: Final = 100
DOCUMENT: Final = "redress.stripe_payout.1"
"""The word by which a statement's format knows what was written down here."""

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
_OF_TRANSACTION = ("id", "amount", "available_on", "created", "currency", "description", "fee", "net")
_OF_METADATA = ("operation_id", "order_id", "case")


class StripePayouts:
    """The part of the Stripe gateway that reads payouts."""

    _client: stripe.StripeClient

    def payout(self, external_id: str) -> ProviderPayout | None:
        """Read one payout; None when Stripe does not know it."""
        try:
            return _payout(self._client.v1.payouts.retrieve(external_id).to_dict())
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise GatewayUnreachable(str(error)) from error
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def payouts_since(self, at: datetime) -> Iterator[ProviderPayout]:
        """Walk through the payouts made since then, newest first."""
        try:
            listed = self._client.v1.payouts.list({"created": {"gte": int(at.timestamp())}, "limit": PAGE_SIZE})
            for told in listed.auto_paging_iter():
                yield _payout(told.to_dict())
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def payout_document(self, external_id: str) -> bytes:
        """Write down what a payout consists of: what a statement needs of each balance transaction, and no more."""
        try:
            payout = self._client.v1.payouts.retrieve(external_id).to_dict()
            listed = self._client.v1.balance_transactions.list(
                {"payout": external_id, "limit": PAGE_SIZE, "expand": ["data.source"]}
            )
            lines = [_transaction(told.to_dict()) for told in listed.auto_paging_iter()]
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error
        document = {
            "document": DOCUMENT,
            "payout": {name: payout[name] for name in ("id", "amount", "currency", "created", "arrival_date")},
            "transactions": sorted(lines, key=lambda line: (line["created"], line["id"])),
        }
        return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False).encode()


def _payout(told: dict[str, Any]) -> ProviderPayout:
    currency = str(told["currency"]).upper()
    return ProviderPayout(
        external_id=told["id"],
        status=told["status"],
        amount_minor=from_stripe_units(told["amount"], currency),
        currency=currency,
        is_automatic=bool(told["automatic"]),
        is_reconciled=told["reconciliation_status"] == "completed",
        created_at=datetime.fromtimestamp(told["created"], UTC),
        arrives_on=datetime.fromtimestamp(told["arrival_date"], UTC).date(),
        failure=told.get("failure_message") or told.get("failure_code") or "",
    )


def _transaction(told: dict[str, Any]) -> dict[str, Any]:
    source = told.get("source")
    about: dict[str, Any] = source if isinstance(source, dict) else {"id": source or ""}
    rate = told.get("exchange_rate")
    return {
        **{name: told[name] for name in _OF_TRANSACTION},
        "reporting_category": told["reporting_category"],
        # The SDK reads it as a number; as text it stays what it was.
        "exchange_rate": "" if rate is None else str(rate),
        "source": {
            "id": about.get("id") or "",
            "amount": about.get("amount"),
            "currency": about.get("currency") or "",
            "charge": _charge_of(about),
            "payment_intent": _id_of(about.get("payment_intent")),
            "metadata": {
                name: str(value) for name, value in (about.get("metadata") or {}).items() if name in _OF_METADATA
            },
        },
    }


def _charge_of(about: dict[str, Any]) -> str:
    return str(about["id"]) if about.get("object") == "charge" else _id_of(about.get("charge"))


def _id_of(reference: Any) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else str(reference or "")
