"""Governed actions at Stripe: payouts, Connect transfers and reversals, fees, accepted disputes, goodwill credits."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import stripe

from refunds.gateways.actions import ACTION_ID, ActionInstruction, ProviderMovement
from refunds.gateways.base import Accepted, GatewayUnreachable, Outcome, RefundStatus, Rejected, Unknown
from refunds.gateways.stripe_answers import outcome_of
from refunds.gateways.units import UnsupportedAmount, from_stripe_units, to_stripe_units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

log = logging.getLogger(__name__)

PAGE_SIZE = 100
GONE = frozenset({"failed", "canceled"})
HINTS = (
    *("payout.created", "payout.paid", "payout.failed", "payout.canceled"),
    *("transfer.created", "transfer.reversed", "application_fee.refunded"),
)
"""Events after which money may have left, or come back."""

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


class StripeActions:
    """The part of the Stripe gateway that moves money besides refunds."""

    _client: stripe.StripeClient

    def carry_out(self, instruction: ActionInstruction) -> Outcome:
        """Send the instruction once and say what is known afterwards."""
        try:
            amount = to_stripe_units(instruction.amount_minor, instruction.currency)
        except UnsupportedAmount as refused:
            return Rejected("unsupported_amount", str(refused))
        try:
            return Accepted(self._sent(instruction, amount), RefundStatus.SUCCEEDED)
        except stripe.StripeError as error:
            return outcome_of(error)
        except _UNREADABLE as garbled:
            log.exception("Stripe's answer to %s could not be read", instruction.idempotency_key)
            return Unknown(f"The answer could not be read: {garbled!r}")

    def find_action(self, instruction: ActionInstruction) -> list[ProviderMovement]:
        """Look up what carries our action's id; a dispute carries none, it is lost or it is not."""
        if instruction.category == "dispute":
            return self._asked(lambda: self._closed(instruction))
        about, since = instruction.about, int(instruction.since.timestamp())
        service = self._client.v1
        listed: dict[str, Callable[[], Iterable[Any]]] = {
            "payout": lambda: service.payouts.list({"created": {"gte": since}, "limit": PAGE_SIZE}).auto_paging_iter(),
            "transfer": lambda: service.transfers.list(
                {"created": {"gte": since}, "limit": PAGE_SIZE}
            ).auto_paging_iter(),
            "transfer_reversal": lambda: service.transfers.reversals.list(
                about, {"limit": PAGE_SIZE}
            ).auto_paging_iter(),
            # No event tells of a credit: this list is all there is.
            "goodwill_credit": lambda: service.customers.balance_transactions.list(
                about, {"limit": PAGE_SIZE}
            ).auto_paging_iter(),
            "application_fee_refund": lambda: service.application_fees.refunds.list(
                about, {"limit": PAGE_SIZE}
            ).auto_paging_iter(),
        }
        found = self._asked(lambda: [_movement(row.to_dict()) for row in listed[instruction.category]()])
        return [movement for movement in found if movement.metadata.get(ACTION_ID) == instruction.action_id]

    def movements_of(self, external_id: str) -> list[ProviderMovement]:
        """Read what an event was about, with all that was taken back of it."""
        service = self._client.v1
        try:
            if external_id.startswith("po_"):
                return [_movement(service.payouts.retrieve(external_id).to_dict())]
            if external_id.startswith("tr_"):
                made = _movement(service.transfers.retrieve(external_id).to_dict())
                taken_back = service.transfers.reversals.list(external_id, {"limit": PAGE_SIZE}).auto_paging_iter()
                return [made, *(_movement(row.to_dict()) for row in taken_back)]
            refunds = service.application_fees.refunds.list(external_id, {"limit": PAGE_SIZE}).auto_paging_iter()
            return [_movement(row.to_dict()) for row in refunds]
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return []
            raise GatewayUnreachable(str(error)) from error
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def movements_hinted_since(self, at: datetime) -> Iterator[str]:
        """Name what Stripe had news of since then."""
        try:
            events = self._client.v1.events.list(
                {"types": list(HINTS), "created": {"gte": int(at.timestamp())}, "limit": PAGE_SIZE}
            )
            for event in events.auto_paging_iter():
                yield str(event.to_dict()["data"]["object"]["id"])
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def _sent(self, asked: ActionInstruction, amount: int) -> str:
        """Send it; answers the processor's id of what left."""
        service = self._client.v1
        key: stripe.RequestOptions = {"idempotency_key": asked.idempotency_key}
        metadata = {ACTION_ID: asked.action_id, "reference": asked.reference}
        currency = asked.currency.lower()
        match asked.category:
            case "payout":
                destination = {"destination": asked.destination} if asked.destination else {}
                return service.payouts.create(
                    {"amount": amount, "currency": currency, "metadata": metadata, **destination},  # type: ignore[typeddict-item]  # a key that may be absent
                    key,
                ).id
            case "transfer":
                return service.transfers.create(
                    {"amount": amount, "currency": currency, "destination": asked.destination, "metadata": metadata},
                    key,
                ).id
            case "transfer_reversal":
                return service.transfers.reversals.create(asked.about, {"amount": amount, "metadata": metadata}, key).id
            case "application_fee_refund":
                return service.application_fees.refunds.create(
                    asked.about, {"amount": amount, "metadata": metadata}, key
                ).id
            case "goodwill_credit":
                # On a customer's balance less than nothing is what she has to her credit.
                return service.customers.balance_transactions.create(
                    asked.about, {"amount": -amount, "currency": currency, "metadata": metadata}, key
                ).id
            case "dispute":
                return service.disputes.close(asked.about, {}, key).id
            case other:
                message = f"{other} is not carried out at Stripe"
                raise ValueError(message)

    def _closed(self, asked: ActionInstruction) -> list[ProviderMovement]:
        told = self._client.v1.disputes.retrieve(asked.about).to_dict()
        if told["status"] not in {"lost", "warning_closed"}:
            return []
        currency = str(told["currency"]).upper()
        closed = ProviderMovement(
            external_id=told["id"],
            category="dispute",
            amount_minor=from_stripe_units(told["amount"], currency),
            currency=currency,
            left_at=datetime.fromtimestamp(told["created"], UTC),
        )
        return [closed]

    def _asked(self, question: Callable[[], list[ProviderMovement]]) -> list[ProviderMovement]:
        try:
            return question()
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error


CATEGORIES = {
    "payout": "payout",
    "transfer": "transfer",
    "transfer_reversal": "transfer_reversal",
    "fee_refund": "application_fee_refund",
    "customer_balance_transaction": "goodwill_credit",
}
"""Stripe's word for an object to the policies' word for what it does."""


def _movement(told: dict[str, Any]) -> ProviderMovement:
    currency = str(told["currency"]).upper()
    return ProviderMovement(
        external_id=told["id"],
        category=CATEGORIES[told["object"]],
        amount_minor=from_stripe_units(abs(told["amount"]), currency),
        currency=currency,
        left_at=datetime.fromtimestamp(told["created"], UTC),
        about=_id_of(told.get("transfer") or told.get("fee") or told.get("customer")),
        destination=_id_of(told.get("destination")),
        is_undone=told.get("status") in GONE,
        is_automatic=told.get("automatic") is True,
        failure_reason=told.get("failure_code") or "",
        metadata=told.get("metadata") or {},
    )


def _id_of(reference: Any) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else str(reference or "")
