"""Refunds that a statement should show by now and none does: a break each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import CharField, Exists, Max, Min, OuterRef
from django.db.models.functions import Cast
from django.utils.translation import gettext_noop

from refunds.gateways.bank_transfer import ManualBankTransfer
from refunds.models import Break, Operation, StatementLine
from refunds.vocabulary import OperationState

from .opening import AT_ONCE, Disagreement, break_id_of, open_breaks
from .vocabulary import BY_MACHINE, BreakKind

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

BANK: Final = "bank"
WINDOW: Final = timedelta(days=10)
"""So long after a refund may a statement book it; the last pass of matching looks as far."""


def open_missing(*, account: str, at: datetime) -> int:
    """Open a break for every refund of an account that its statements reach beyond and do not show.

    Opened in batches, each a transaction of its own; answers how many are new.
    """
    opened = 0
    for currency, first, last in _reach(account):
        overdue = missing_operations(account).filter(
            currency=currency, succeeded_at__gte=first, succeeded_at__lt=last - WINDOW
        )
        # Looked for once: that costs the same for one that is missing and for many.
        ids = list(overdue.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            some = Operation.objects.select_related("refund_request").in_bulk(ids[start : start + AT_ONCE])
            opened += open_breaks([_missing(one) for one in some.values()], account=account, at=at)
    return opened


def missing_operations(account: str) -> QuerySet[Operation]:
    """Select refunds that succeeded and that neither a match nor a line nor a standing break knows."""
    gateway = ManualBankTransfer.name if account == BANK else account
    told = StatementLine.objects.filter(operation_ref=Cast(OuterRef("pk"), CharField())).exclude(operation_ref="")
    known = Break.objects.filter(operation=OuterRef("pk"), line__isnull=True).exclude(resolution__in=BY_MACHINE)
    found = Operation.objects.filter(gateway=gateway, state=OperationState.SUCCEEDED, match__isnull=True)
    return found.exclude(Exists(told)).exclude(Exists(known))


def _reach(account: str) -> list[tuple[str, datetime, datetime]]:
    """Tell in each currency from when to when the lines of an account's statements reach."""
    lines = StatementLine.objects.filter(account=account).order_by().values_list("currency")
    return list(lines.annotate(Min("booked_at"), Max("booked_at")))


def _missing(operation: Operation) -> Disagreement:
    return Disagreement(
        id=break_id_of(operation.pk),
        kind=BreakKind.MISSING_AT_PROCESSOR,
        finding=gettext_noop("Statements reach beyond it, and none shows it."),
        amount_minor=operation.amount_minor,
        operation=operation,
    )
