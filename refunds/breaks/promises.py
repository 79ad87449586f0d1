"""By when breaks are resolved, and above which amount by two: as an administrator set it, else as the standard says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from approvals.guards import check_right
from config.kernel.money import Money, known_currency
from config.kernel.refusals import Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from refunds.models import BreakLimit, BreakPromise

from .vocabulary import STANDARD_DAYS, BreakKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import User

CHANGES_LIMIT: Final = "refunds.change_breaklimit"
CHANGES_PROMISE: Final = "refunds.change_breakpromise"
LONGEST_DAYS: Final = 365


def promises() -> Mapping[str, timedelta]:
    """Name for every kind how long it may take, in one query."""
    days = {**STANDARD_DAYS, **dict(BreakPromise.objects.values_list("kind", "days"))}
    return {str(kind): timedelta(days=count) for kind, count in days.items()}


def limit_of(currency: str) -> int:
    """Name the amount, in minor units, up to which one person resolves a break of a currency."""
    return BreakLimit.objects.filter(currency=currency).values_list("above_minor", flat=True).first() or 0


@transaction.atomic
def set_break_limit(*, currency: str, above_minor: int, actor: User, at: datetime) -> BreakLimit:
    """Let breaks above an amount of a currency, in its minor units, be resolved by two people.

    :raises NotPermitted: without the right
    :raises Refused: for what is no currency or no amount
    """
    check_right(actor, CHANGES_LIMIT)
    if not known_currency(currency):
        raise Refused("refused", said("{currency} is not an ISO 4217 currency.", currency=currency), "currency")
    if above_minor < 0:
        raise Refused("refused", said("An amount is not negative."), "above")
    before = BreakLimit.objects.select_for_update().filter(currency=currency).first()
    limit, _ = BreakLimit.objects.update_or_create(currency=currency, defaults={"above_minor": above_minor})
    if before is None or before.above_minor != above_minor:
        was = "" if before is None else f" It was {Money(before.above_minor, currency)}."
        ledger.record(
            subject=limit_subject(currency),
            kind="break_limit.set",
            actor=actor,
            at=at,
            sentence=f"asked for two people above breaks of {Money(above_minor, currency)}.{was}",
            data={"currency": currency, "above_minor": above_minor},
        )
    return limit


@transaction.atomic
def set_break_promise(*, kind: str, days: int, actor: User, at: datetime) -> BreakPromise:
    """Promise that breaks of a kind are resolved within so many days; those that stand keep their promise.

    :raises NotPermitted: without the right
    :raises Refused: for less than a day or more than a year
    """
    check_right(actor, CHANGES_PROMISE)
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused("refused", said("A promise is of 1 to {most} days.", most=LONGEST_DAYS), "days")
    before = BreakPromise.objects.select_for_update().filter(kind=kind).first()
    promise, _ = BreakPromise.objects.update_or_create(kind=kind, defaults={"days": days})
    was = before.days if before is not None else STANDARD_DAYS[kind]
    if before is None or was != days:
        ledger.record(
            subject=promise_subject(kind),
            kind="break_promise.set",
            actor=actor,
            at=at,
            sentence=f"promised {days} days for breaks of the kind “{BreakKind(kind).label}”. It was {was}.",
            data={"kind": kind, "days": days},
        )
    return promise


def limit_subject(currency: str) -> Subject:
    """Name the limit of a currency in the ledger."""
    return Subject("break_limit", uuid5(NAMESPACE_OID, f"break_limit:{currency}"))


def promise_subject(kind: str) -> Subject:
    """Name the promise of a kind in the ledger."""
    return Subject("break_promise", uuid5(NAMESPACE_OID, f"break_promise:{kind}"))
