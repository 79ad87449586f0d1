"""Stripe, spoken to through its own SDK; also the voice of the sandbox, which is Stripe-shaped.

The SDK's own retries are off: it repeats 409 and 5xx but neither 429 nor a truncated answer, and hides from the worker
how often it asked. The worker owns every retry, and every try is one call here.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import stripe

from refunds.gateways.base import (
    Accepted,
    BadDelivery,
    CapturedPayment,
    Envelope,
    GatewayUnreachable,
    Hint,
    Outcome,
    ProviderDispute,
    ProviderRefund,
    RefundInstruction,
    RefundStatus,
    Rejected,
    Unknown,
)
from refunds.gateways.signature import check_signature
from refunds.gateways.stripe_actions import StripeActions
from refunds.gateways.stripe_answers import KEY_MISUSED, MAYBE_OURS_CODES, outcome_of
from refunds.gateways.stripe_disputes import WARNING_PREFIX, charge_of, dispute_from, warning_from
from refunds.gateways.stripe_hints import hint_of
from refunds.gateways.stripe_payouts import StripePayouts
from refunds.gateways.units import UnsupportedAmount, from_stripe_units, to_stripe_units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stripe.params import RefundCreateParams, RefundListParams

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
CONNECT_AND_READ_SECONDS = (5.0, 30.0)
PAGE_SIZE = 100
LONGEST_NAME = 80
"""Stripe's ids and event types are at most half as long; what is longer would not fit where it is kept."""

STRIPE_REASONS = {"duplicate_charge": "duplicate", "fraudulent": None}
"""Ours to Stripe's; all others are `requested_by_customer`. Our own code travels in the metadata.

`fraudulent` puts the card and the e-mail address on Stripe's block lists, so it is sent only where a person decided.
"""

UNDONE = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})

_CHARGE_PREFIXES = ("ch_", "py_")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_REFERENCE = 80

_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What the SDK and we trip over when a body is JSON but not what the API promises."""


class StripeGateway(StripePayouts, StripeActions):
    """Refunds, and the other money a platform moves, at Stripe."""

    name = "stripe"

    def __init__(
        self,
        api_key: str,
        webhook_secrets: Sequence[str],
        *,
        api_base: str = stripe.DEFAULT_API_BASE,
        timeout_seconds: tuple[float, float] = CONNECT_AND_READ_SECONDS,
    ) -> None:
        """Open no connection yet; several secrets are given while one is being rotated out."""
        self.api_base = api_base.rstrip("/")
        self._webhook_secrets = tuple(webhook_secrets)
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": self.api_base},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=timeout_seconds, session=_session_for(self.api_base)),
        )

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Send the instruction once and say what is known afterwards."""
        try:
            params = _refund_params(instruction)
        except UnsupportedAmount as refused:
            return Rejected("unsupported_amount", str(refused))
        try:
            made = self._client.v1.refunds.create(params, {"idempotency_key": instruction.idempotency_key})
            return Accepted(made.id, _status(made.status), made.to_dict())
        except stripe.StripeError as error:
            return self._unless_ours(instruction, outcome_of(error))
        except _UNREADABLE as garbled:
            log.exception("Stripe's answer to %s could not be read", instruction.idempotency_key)
            return Unknown(f"The answer could not be read: {garbled!r}")

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        """Look up the refunds of this payment that carry our operation id."""
        payment = instruction.payment_external_id
        refunds = self._listed({"charge": payment} if _is_charge(payment) else {"payment_intent": payment})
        return [found for found in refunds if found.metadata.get("operation_id") == instruction.operation_id]

    def get(self, external_id: str) -> ProviderRefund | None:
        """Read one refund; None when Stripe does not know it."""
        try:
            return _provider_refund(self._client.v1.refunds.retrieve(external_id))
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise GatewayUnreachable(str(error)) from error
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def refunds_created_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Walk through every refund made since then, newest first, ours or not."""
        return self._listed({"created": {"gte": int(at.timestamp())}})

    def dispute(self, external_id: str) -> ProviderDispute | None:
        """Read one dispute or early fraud warning; None when Stripe does not know it."""
        try:
            if not external_id.startswith(WARNING_PREFIX):
                return dispute_from(self._client.v1.disputes.retrieve(external_id).to_dict())
            return self._warning(self._client.v1.radar.early_fraud_warnings.retrieve(external_id).to_dict())
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise GatewayUnreachable(str(error)) from error
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def disputes_opened_since(self, at: datetime) -> Iterator[ProviderDispute]:
        """Walk through every dispute and early fraud warning opened since then."""
        since = int(at.timestamp())
        try:
            disputes = self._client.v1.disputes.list({"created": {"gte": since}, "limit": PAGE_SIZE})
            for told in disputes.auto_paging_iter():
                yield dispute_from(told.to_dict())
            warnings = self._client.v1.radar.early_fraud_warnings.list({"created": {"gte": since}, "limit": PAGE_SIZE})
            for warning in warnings.auto_paging_iter():
                yield self._warning(warning.to_dict())
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> Envelope:
        """Check the signature on the raw bytes and open the envelope."""
        try:
            given = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
            check_signature(given, raw, self._webhook_secrets, time.time())
            return _envelope(json.loads(raw))
        # A stranger chooses these bytes: whatever they manage to raise is their bad delivery, never our crash.
        except Exception as odd:
            raise BadDelivery(str(odd)[:200]) from odd

    def hint(self, event_type: str, object_id: str) -> Hint:
        """Say what an event is about."""
        return hint_of(event_type, object_id)

    def announce(self, payments: Sequence[CapturedPayment]) -> None:
        """Do nothing: Stripe captured them itself."""

    def _warning(self, told: dict[str, Any]) -> ProviderDispute:
        return warning_from(told, self._client.v1.charges.retrieve(charge_of(told)).to_dict())

    def _unless_ours(self, instruction: RefundInstruction, outcome: Outcome) -> Outcome:
        """Take "nothing is left" for an acceptance when an earlier try of this very operation took it."""
        if not isinstance(outcome, Rejected) or outcome.code not in MAYBE_OURS_CODES:
            return outcome
        try:
            alive = [one for one in self.find(instruction) if one.status not in UNDONE]
        except GatewayUnreachable as silence:
            return Unknown(f"{outcome.code}, and the look-up failed: {silence}")
        if not alive:
            return outcome
        if (alive[0].amount_minor, alive[0].currency) != (instruction.amount_minor, instruction.currency):
            if outcome.code == KEY_MISUSED:
                return outcome
            return Unknown(f"{alive[0].external_id} carries this operation with another amount.")
        return Accepted(alive[0].external_id, alive[0].status)

    def _listed(self, filters: RefundListParams) -> Iterator[ProviderRefund]:
        try:
            page = self._client.v1.refunds.list({**filters, "limit": PAGE_SIZE})
            for refund in page.auto_paging_iter():
                yield _provider_refund(refund)
        except (stripe.StripeError, *_UNREADABLE) as error:
            raise GatewayUnreachable(str(error)) from error


def _session_for(api_base: str) -> requests.Session | None:
    """On loopback, a session that ignores proxies meant for the world; elsewhere the SDK makes one per thread."""
    if urlsplit(api_base).hostname not in _LOOPBACK:
        return None
    session = requests.Session()
    session.trust_env = False
    return session


def _refund_params(instruction: RefundInstruction) -> RefundCreateParams:
    params: RefundCreateParams = {
        "amount": to_stripe_units(instruction.amount_minor, instruction.currency),
        "metadata": {
            "operation_id": instruction.operation_id,
            "refund_request": instruction.reference,
            "reason_code": instruction.reason_code,
        },
    }
    if _is_charge(instruction.payment_external_id):
        params["charge"] = instruction.payment_external_id
    else:
        params["payment_intent"] = instruction.payment_external_id
    if instruction.connect_share:
        # Both are said whatever they are: what one of them does on its own depends on the other.
        params["reverse_transfer"] = instruction.connect_share != "platform"
        params["refund_application_fee"] = instruction.connect_share == "transfer_and_fee"
    reason = STRIPE_REASONS.get(instruction.reason_code, "requested_by_customer")
    if instruction.reason_code == "fraudulent" and instruction.is_fraud_decided:
        reason = "fraudulent"
    if reason is not None:
        params["reason"] = reason
    return params


def _is_charge(external_id: str) -> bool:
    return external_id.startswith(_CHARGE_PREFIXES)


def _provider_refund(refund: stripe.Refund) -> ProviderRefund:
    # Read as a dict: the SDK raises AttributeError for keys that Stripe leaves out of refunds that did not fail.
    told = refund.to_dict()
    currency = refund.currency.upper()
    return ProviderRefund(
        external_id=refund.id,
        status=_status(told.get("status")),
        amount_minor=from_stripe_units(refund.amount, currency),
        currency=currency,
        payment_external_id=_id_of(told.get("payment_intent")) or _id_of(told.get("charge")),
        failure_reason=told.get("failure_reason") or "",
        acquirer_reference=acquirer_reference(told.get("destination_details")),
        metadata=told.get("metadata") or {},
        created_at=datetime.fromtimestamp(refund.created, UTC),
    )


def _id_of(reference: str | dict[str, Any] | None) -> str:
    return str(reference["id"]) if isinstance(reference, dict) else reference or ""


def acquirer_reference(details: Any) -> str:
    """Read the number by which a bank finds the refund; a reversal never has one, others get it days later."""
    way = details.get(details.get("type")) if isinstance(details, dict) else None
    if not isinstance(way, dict) or way.get("reference_status") != "available":
        return ""
    reference = way.get("reference")
    return reference.strip()[:LONGEST_REFERENCE] if isinstance(reference, str) else ""


def _status(told: str | None) -> RefundStatus:
    try:
        return RefundStatus(told or "")
    except ValueError:
        # Stripe's list is open; a word we do not know yet is no promise that the money arrived.
        log.warning("Stripe speaks of a refund status we do not know: %r", told)
        return RefundStatus.PENDING


def _is_name(told: object) -> bool:
    # Neither a NUL nor half a letter can be kept by the database; Stripe's names are plain ASCII.
    return isinstance(told, str) and len(told) <= LONGEST_NAME and told.isascii() and (not told or told.isprintable())


def _envelope(event: Any) -> Envelope:
    """Read the envelope of a Stripe event; whatever is missing raises."""
    if event["object"] != "event":
        message = "This is not an event."
        raise ValueError(message)
    about = event["data"]["object"]
    envelope = Envelope(
        event_id=event["id"],
        event_type=event["type"],
        object_id=about.get("id") or "",
        created_at=datetime.fromtimestamp(event["created"], UTC),
        livemode=event["livemode"],
        payload=event,
    )
    named = (envelope.event_id, envelope.event_type, envelope.object_id)
    if not all(_is_name(name) for name in named) or not envelope.event_id:
        message = "The event does not say what it is."
        raise ValueError(message)
    if not isinstance(event["livemode"], bool):
        message = "The event does not say whether it is real."
        raise TypeError(message)
    return envelope
