"""Say above which amount somebody shows once more who she is, and write it down."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from approvals.guards import check_right
from approvals.models import StepUpLimit
from config.kernel.money import Money, known_currency
from config.kernel.refusals import Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

KIND = "step_up_limit"


@transaction.atomic
def set_step_up(*, currency: str, above_minor: int, actor: User, at: datetime) -> StepUpLimit:
    """Ask for a fresh sign-in above an amount of a currency, in its minor units.

    :raises NotPermitted: without the right
    :raises Refused: for what is no currency or no amount
    """
    check_right(actor, "approvals.change_stepuplimit")
    if not known_currency(currency):
        raise Refused("refused", said("{currency} is not an ISO 4217 currency.", currency=currency), "currency")
    if above_minor < 0:
        raise Refused("refused", said("An amount is not negative."), "above")
    before = StepUpLimit.objects.select_for_update().filter(currency=currency).first()
    limit, _ = StepUpLimit.objects.update_or_create(currency=currency, defaults={"above_minor": above_minor})
    if before is None or before.above_minor != above_minor:
        was = "" if before is None else f" It was {Money(before.above_minor, currency)}."
        amount = Money(above_minor, currency)
        _record(currency, "set", above_minor, f"asked for a fresh sign-in above {amount}.{was}", actor, at)
    return limit


@transaction.atomic
def remove_step_up(*, currency: str, actor: User, at: datetime) -> None:
    """Take the limit of a currency away: every approval in it asks for a fresh sign-in from then on.

    :raises NotPermitted: without the right
    """
    check_right(actor, "approvals.delete_stepuplimit")
    limit = StepUpLimit.objects.select_for_update().get(currency=currency)
    was = Money(limit.above_minor, currency)
    _record(currency, "removed", None, f"took away the limit of fresh sign-ins in {currency}. It was {was}.", actor, at)
    limit.delete()


def subject_of(currency: str) -> Subject:
    """Name the limit of a currency in the ledger."""
    return Subject(KIND, uuid5(NAMESPACE_OID, f"{KIND}:{currency}"))


def _record(currency: str, word: str, above_minor: int | None, sentence: str, actor: User, at: datetime) -> None:
    ledger.record(
        subject=subject_of(currency),
        kind=f"step_up.{word}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={"currency": currency, "above_minor": above_minor},
    )
