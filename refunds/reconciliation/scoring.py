"""How likely a line is about an operation: points for what agrees, each with its sentence. Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.wording import counted, inside, said
from refunds.vocabulary import OperationState, State

from .candidates import words_of
from .passes import EARLIEST_DAYS, LATEST_DAYS
from .readers import BANK

if TYPE_CHECKING:
    from refunds.models import Operation, StatementLine

PROOF, PAYMENT, ORDER, WORD = 75, 45, 30, 35
AMOUNT, DATE, AGAINST = 25, 15, -40
SURE, WITHOUT_PROOF, LIKELY, WEAK = 100, 95, 70, 45
"""A hundred needs a reference that is proof; below `WEAK` there is no reference that agrees."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that agrees or does not, in a sentence, and what it is worth."""

    sentence: str
    points: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An operation that a line may be about. `is_exact`: a pass would believe it by its reference alone."""

    operation: Operation
    reasons: tuple[Reason, ...]
    has_proof: bool
    agrees: bool
    is_open: bool

    @property
    def score(self) -> int:
        """Say from 0 to 100 how likely it is; only proof and the same amount together are a hundred."""
        points = sum(reason.points for reason in self.reasons)
        if self.is_exact:
            return SURE
        return max(0, min(points, WITHOUT_PROOF))

    @property
    def is_exact(self) -> bool:
        """Whether reference, currency and amount prove it, and it can be matched now."""
        return self.has_proof and self.agrees and self.is_open and all(reason.points >= 0 for reason in self.reasons)

    @property
    def is_weak(self) -> bool:
        """Whether no reference agrees: an amount alone says little."""
        return not any(reason.points in {PROOF, PAYMENT, ORDER, WORD} for reason in self.reasons)

    @property
    def may_be_accepted(self) -> bool:
        """Whether the whole line is the whole refund, and it went out."""
        return self.agrees and self.is_open

    @property
    def explanation(self) -> str:
        """Say what agrees, as it is kept beside a match."""
        return " ".join(reason.sentence for reason in self.reasons if reason.points > 0)[:200]

    @property
    def label(self) -> str:
        """Say the score in a word."""
        if self.is_exact:
            return said("Exact")
        if self.is_weak or self.score < WEAK:
            return said("Weak")
        return said("Likely") if self.score >= LIKELY else said("Possible")

    @property
    def tone(self) -> str:
        """The tone of the label."""
        return {"Exact": "ok", "Likely": "info"}.get(self.label, "")


def suggest(line: StatementLine, operation: Operation, *, taken_back: bool, severed: bool) -> Suggestion:
    """Compare a line with an operation whose payment, order and request came with it."""
    reasons = [*_references(line, operation), *_words(line, operation)]
    has_proof = any(reason.points == PROOF for reason in reasons)
    amount = _amount(line, operation)
    reasons += [amount, _date(line, operation)]
    request = operation.refund_request
    is_open = operation.state == OperationState.SUCCEEDED and request.state == State.REFUNDED and not taken_back
    if taken_back:
        reasons.append(Reason(said("The statement also says that this refund came back."), AGAINST))
    elif not is_open:
        label = inside(State(request.state).label)
        reasons.append(Reason(said("It is {state}; only what is refunded can be matched.", state=label), AGAINST))
    if severed:
        reasons.append(Reason(said("Somebody took these two apart before."), AGAINST))
    return Suggestion(operation, tuple(reasons), has_proof, amount.points == AMOUNT, is_open)


def _references(line: StatementLine, operation: Operation) -> list[Reason]:
    reasons = []
    own_id, external_id = str(operation.pk), operation.external_id or ""
    payment = operation.payment
    if line.operation_ref.lower() == own_id:
        reasons.append(Reason(said("The same operation id."), PROOF))
    elif line.operation_ref:
        reasons.append(Reason(said("The line names another operation."), AGAINST))
    elif line.source_id and line.source_id == external_id and operation.gateway == line.account:
        reasons.append(Reason(said("The processor's own reference of this refund."), PROOF))
    elif line.source_id and external_id and operation.gateway == line.account != BANK:
        reasons.append(Reason(said("The processor's reference is of another refund."), AGAINST))
    if payment is not None and line.payment_ref and line.payment_ref == payment.external_id:
        reasons.append(Reason(said("The same payment."), PAYMENT))
    elif line.payment_ref and operation.gateway == line.account:
        reasons.append(Reason(said("The line names another payment."), AGAINST))
    if payment is not None and line.merchant_ref and line.merchant_ref == payment.order.external_id:
        reasons.append(Reason(said("The same order."), ORDER))
    return reasons


def _words(line: StatementLine, operation: Operation) -> list[Reason]:
    reasons, words = [], set(words_of(line))
    if operation.acquirer_reference and operation.acquirer_reference in words:
        reasons.append(Reason(said("The same trace id (ARN) at the customer's bank."), WORD))
    if operation.refund_request.reference in words:
        reasons.append(Reason(said("Its text names {reference}.", reference=operation.refund_request.reference), WORD))
    elif operation.external_id in words and line.source_id != operation.external_id:
        reasons.append(Reason(said("Its text names the processor's reference of this refund."), WORD))
    return reasons


def _amount(line: StatementLine, operation: Operation) -> Reason:
    if line.currency == operation.currency:
        theirs, currency = -line.gross_minor, line.currency
        same = said("The same amount: {amount}.", amount=operation.amount)
    elif line.customer_minor is not None and line.customer_currency == operation.currency:
        theirs, currency = abs(line.customer_minor), line.customer_currency
        same = said(
            "The same amount for the customer, settled in {currency}: {amount}.",
            currency=line.currency,
            amount=operation.amount,
        )
    else:
        return Reason(said("Another currency: ours is {currency}.", currency=operation.currency), AGAINST)
    apart = theirs - operation.amount_minor
    if not apart:
        return Reason(same, AMOUNT)
    words = {"apart": Money(abs(apart), currency), "ours": operation.amount}
    if apart > 0:
        return Reason(said("The statement has {apart} more than ours, {ours}.", **words), 0)
    return Reason(said("The statement has {apart} less than ours, {ours}.", **words), 0)


def _date(line: StatementLine, operation: Operation) -> Reason:
    if operation.succeeded_at is None:
        return Reason(said("We have not heard that it succeeded."), 0)
    apart = line.booked_at - operation.succeeded_at
    if not -timedelta(days=EARLIEST_DAYS) <= apart <= timedelta(days=LATEST_DAYS):
        return Reason(said("{count} days apart, further than statements are late.", count=abs(apart.days)), 0)
    days = (abs(apart) + timedelta(hours=12)) // timedelta(days=1)
    sentence = said("On the same day.") if not days else counted("{count} day apart.", "{count} days apart.", days)
    return Reason(sentence, max(DATE - days, 0))
