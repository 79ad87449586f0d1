"""The port: what a refund is to those who move money, and the five things they may answer.

Nothing here imports Django, a model or a processor's library, so that the adapters can be tested bare and the sandbox
can run as a process of its own. Money is an integer count of ISO 4217 minor units; times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

GATEWAY_REFUSED_KEY = "gateway_refused_key"


class RefundStatus(StrEnum):
    """How far the processor got; `succeeded` is not final, a refund can fail weeks after it succeeded."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInstruction:
    """One try at moving money back; equal for equal keys, or the processor refuses the second.

    `connect_share` says who bears the refund of a destination charge (`ConnectShare`), empty for other payments.
    `is_fraud_decided` says that a person decided it is a case of fraud, not that a customer ticked the word.
    `reference` is the refund request's (`RR-7F3K`), `payment_external_id` the processor's own (`pi_...` or `ch_...`),
    `amount_minor` in the currency of the charge.
    """

    operation_id: str
    attempt: int
    amount_minor: int
    currency: str
    payment_external_id: str
    reason_code: str
    reference: str
    idempotency_key: str
    connect_share: str = ""
    is_fraud_decided: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The processor has it, under its own id; `status` says whether the money is on its way or already there."""

    external_id: str
    status: RefundStatus
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The processor understood and will not do it; no money moved and asking again changes nothing."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class KeyRefused:
    """The processor will not talk to us at all; no money moved, the line stops and a person must see to the key."""

    detail: str
    code: str = GATEWAY_REFUSED_KEY


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing was begun; the same instruction with the same key may be sent again after this many seconds.

    `is_for_everybody` says that the processor wants no call at all for so long, whatever it is about.
    """

    after_seconds: int
    why: str
    is_for_everybody: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The money may or may not have moved.

    The same key may be sent again, never a new one. `is_replayed` says that the processor repeats a stored failure:
    sending again cannot help any more, only `find` and webhooks can.
    """

    why: str
    is_replayed: bool = False


Outcome = Accepted | Rejected | KeyRefused | Retry | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRefund:
    """A refund as the processor's books have it now; `metadata` carries our operation_id and refund_request.

    `acquirer_reference` is the number (ARN, STAN, trace) by which the bank finds it; empty until it is known.
    """

    external_id: str
    status: RefundStatus
    amount_minor: int
    currency: str
    payment_external_id: str
    failure_reason: str = ""
    acquirer_reference: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime


class DisputeKind(StrEnum):
    """How far a complaint at the customer's bank got."""

    WARNING = "warning"
    INQUIRY = "inquiry"
    CHARGEBACK = "chargeback"


class DisputeStatus(StrEnum):
    """What can still happen to it: we may answer, the bank decides, or it is over."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDispute:
    """A dispute, an inquiry or an early fraud warning as the processor's books have it now.

    `payment_external_ids` are all names by which the charge is known. `due_at` is None where no answer is allowed.
    `is_charge_refundable` says that a refund of everything still prevents money from being taken; a warning that is no
    longer actionable is closed.
    """

    external_id: str
    kind: DisputeKind
    status: DisputeStatus
    reason: str
    amount_minor: int
    currency: str
    payment_external_ids: tuple[str, ...]
    due_at: datetime | None
    is_charge_refundable: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedPayment:
    """A payment captured elsewhere, as a sandbox must be told of it; `method` is a Stripe test method or `card`."""

    external_id: str
    amount_minor: int
    currency: str
    captured_at: datetime
    method: str = "card"
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_destination_charge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One webhook message whose signature held; a hint that `object_id` changed, not the truth about it."""

    event_id: str
    event_type: str
    object_id: str
    created_at: datetime
    livemode: bool
    payload: Mapping[str, Any]


class Hint(StrEnum):
    """What a webhook message is about, in our words; it is read again from the processor, whatever the message says."""

    REFUND = "refund"
    DISPUTE = "dispute"
    MOVEMENT = "movement"
    PAYOUT = "payout"
    NOTHING = "nothing"


class BadDelivery(Exception):
    """A webhook message that is forged, garbled or too old; the sender hears 400 and nothing is stored."""


class GatewayUnreachable(Exception):
    """A question (never an instruction) to the processor got no usable answer; ask again later."""


@runtime_checkable
class PaymentGateway(Protocol):
    """Someone who moves money. Never raises a processor's exception; never called inside a transaction."""

    name: str

    def refund(self, instruction: RefundInstruction) -> Outcome:
        """Send the instruction once, without retrying, and say what is known afterwards. Never raises."""

    def find(self, instruction: RefundInstruction) -> list[ProviderRefund]:
        """Look up the refunds of this payment that carry our operation id, whatever attempt made them.

        :raises GatewayUnreachable:
        """

    def get(self, external_id: str) -> ProviderRefund | None:
        """Read one refund; None when the processor does not know it.

        :raises GatewayUnreachable:
        """

    def refunds_created_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Walk through every refund made since then, newest first, ours or not: what the sweep reads.

        :raises GatewayUnreachable:
        """

    def dispute(self, external_id: str) -> ProviderDispute | None:
        """Read one dispute or early fraud warning; None when the processor does not know it.

        :raises GatewayUnreachable:
        """

    def disputes_opened_since(self, at: datetime) -> Iterator[ProviderDispute]:
        """Walk through every dispute and warning opened since then, newest first of each: what the sweep reads.

        :raises GatewayUnreachable:
        """

    def verify_webhook(self, headers: Mapping[str, str], raw: bytes) -> Envelope:
        """Check the signature on the raw bytes and open the envelope.

        :raises BadDelivery: and nothing else, whatever the bytes are
        """

    def hint(self, event_type: str, object_id: str) -> Hint:
        """Say what a message is about, by the two words that are kept of it.

        `MOVEMENT` and `PAYOUT` are for those who are an `ActionGateway` too; `NOTHING` is put aside unread.
        """

    def announce(self, payments: Sequence[CapturedPayment]) -> None:
        """Tell a sandbox about payments captured elsewhere; a real processor knows them already and ignores this.

        :raises GatewayUnreachable:
        """
