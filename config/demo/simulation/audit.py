"""The audit: the processor's books beside ours, operation by operation and unit by unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Sum

from evidence.verification import verify
from refunds.gateways.sandbox.faults import Fault
from refunds.gateways.sandbox.records import UNDONE
from refunds.gateways.units import from_stripe_units
from refunds.models import Attempt, Delivery, Operation, Payment
from refunds.processing.performing import KEY_IS_SAFE_FOR
from refunds.processing.recording import LOOKED_UP
from refunds.vocabulary import OperationState

from .running import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Mapping

FALSE_MESSAGES = (Fault.FORGED_WEBHOOK, Fault.TAMPERED_WEBHOOK)
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question and what was found: nothing, or the first cases of what must not be."""

    asked: str
    found: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether nothing was found."""
        return not self.found


@dataclass(frozen=True, slots=True)
class Sums:
    """What went back in one currency, in its smallest units: by our books and by the processor's."""

    currency: str
    operations: int
    ours: int
    theirs: int


@dataclass(slots=True)
class Findings:
    """Everything the audit found."""

    checks: list[Check]
    sums: list[Sums]

    @property
    def is_well(self) -> bool:
        """Whether no check found anything."""
        return all(check.is_well for check in self.checks)


def audit(books: Mapping[str, Any], messages: Mapping[str, int]) -> Findings:
    """Compare what the processor's books say (`/_sandbox/books`) with ours, and count its false messages."""
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for refund in books["refunds"]:
        made[refund["metadata"].get("operation_id", "")].append(refund)
    alive = {one: [row for row in rows if row["status"] not in UNDONE] for one, rows in made.items()}
    operations = list(Operation.objects.select_related("payment"))
    checks = [
        Check(asked="refunded twice", found=[one for one, rows in sorted(made.items()) if len(rows) > 1]),
        Check(asked="more than one living refund for a request", found=_requests_paid_twice(operations, alive)),
        Check(asked="missing on one side", found=_missing(operations, alive)),
        Check(asked="stuck", found=_stuck(operations)),
        Check(asked="payments refunded above what was captured", found=_overdrawn()),
        Check(asked="payments that differ from the processor's", found=_payments_that_differ(books)),
        Check(asked="keys sent after 23 hours", found=_late_keys()),
        Check(asked="false messages taken", found=_false_messages(messages)),
        Check(asked="ledger entries that are not as written", found=[str(fault) for fault in verify().faults]),
    ]
    sums = _sums(operations, books)
    differing = [f"{one.currency}: {one.ours} and {one.theirs}" for one in sums if one.ours != one.theirs]
    return Findings([*checks, Check(asked="currencies that do not tie", found=differing)], sums)


def _requests_paid_twice(operations: list[Operation], alive: Mapping[str, list[Any]]) -> list[str]:
    paid = Counter(str(one.refund_request_id) for one in operations for _ in alive.get(str(one.pk), []))
    return sorted(request for request, times in paid.items() if times > 1)


def _missing(operations: list[Operation], alive: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Find what one side has and the other not, with the same amount in the same currency."""
    ours = {
        (str(one.pk), one.amount_minor, one.currency) for one in operations if one.state == OperationState.SUCCEEDED
    }
    theirs = {
        (operation, _minor(row["amount"], row["currency"]), row["currency"].upper())
        for operation, rows in alive.items()
        for row in rows
    }
    return [f"ours alone: {one}" for one in sorted(ours - theirs)] + [
        f"the processor's alone: {one}" for one in sorted(theirs - ours)
    ]


def _stuck(operations: list[Operation]) -> list[str]:
    open_states = {*UNDECIDED, OperationState.NEEDS_PERSON}
    return [f"{one.pk} {one.state}" for one in operations if one.state in open_states or one.lease_until]


def _overdrawn() -> list[str]:
    over = Payment.objects.filter(captured_minor__lt=F("refunded_minor") + F("reserved_minor"))
    return list(over.values_list("external_id", flat=True))


def _payments_that_differ(books: Mapping[str, Any]) -> list[str]:
    theirs = {one["id"]: _minor(one["amount_refunded"], one["currency"]) for one in books["payments"]}
    ours = Payment.objects.values_list("external_id", "refunded_minor")
    return [f"{name}: {minor} and {theirs.get(name)}" for name, minor in ours if theirs.get(name) != minor]


def _late_keys() -> list[str]:
    sent = Attempt.objects.exclude(outcome__in=(LOOKED_UP, "")).filter(
        started_at__gte=F("operation__first_sent_at") + KEY_IS_SAFE_FOR
    )
    return [str(one) for one in sent.values_list("operation_id", flat=True)]


def _false_messages(messages: Mapping[str, int]) -> list[str]:
    stored = [
        name
        for guise in FALSE_MESSAGES
        for name in Delivery.objects.filter(event_id__contains=guise).values_list("event_id", flat=True)
    ]
    taken = messages.get("false taken", 0)
    return [*stored, f"{taken} answered with 2xx"] if taken else stored


def _sums(operations: list[Operation], books: Mapping[str, Any]) -> list[Sums]:
    theirs: Counter[str] = Counter()
    for row in books["refunds"]:
        if row["status"] not in UNDONE:
            theirs[row["currency"].upper()] += _minor(row["amount"], row["currency"])
    counted = Counter(one.currency for one in operations)
    refunded = Payment.objects.values_list("currency").annotate(Sum("refunded_minor")).order_by("currency")
    return [Sums(currency, counted[currency], ours, theirs[currency]) for currency, ours in refunded]


def _minor(amount: int, currency: str) -> int:
    return from_stripe_units(amount, currency.upper())
