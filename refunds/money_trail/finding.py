"""From whatever names a piece of money to the trail it belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from config.kernel.web import uuid_in
from refunds.models import Match, ProcessorPayout, Statement
from refunds.permissions import operations_visible_to
from refunds.reconciliation.explaining import operation_id_of
from refunds.reconciliation.permissions import lines_visible_to
from refunds.vocabulary import OperationState

from .payouts import payouts_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import JournalEntry, Operation, Period, StatementLine

SEES = "refunds.view_statement"

_MAY_NAME_MONEY = re.compile(r"(?=\S*\d)\S{6,120}")
"""One word with a digit in it; whoever types a name is not kept waiting."""


def trail_url(reference: str) -> str:
    """Tell where the money of a request is followed."""
    return reverse("refunds:money_trail", args=[reference])


def page_of_money(viewer: User, text: str) -> str:
    """Tell the page of what an operation id or key, a balance transaction or a payout names; empty for anything else.

    An operation and a line that agrees with one lead to the trail, any other line to its statement.
    """
    if not viewer.has_perm(SEES) or not _MAY_NAME_MONEY.fullmatch(text):
        return ""
    named = Q(idempotency_key=text) | Q(external_id=text)
    if (operation_id := uuid_in(text)) is not None:
        named |= Q(pk=operation_id)
    operation = operations_visible_to(viewer).filter(named).select_related("refund_request").first()
    if operation is not None:
        return trail_url(operation.refund_request.reference)
    accounts = Statement.objects.order_by().values_list("account", flat=True).distinct()
    line = lines_visible_to(viewer).filter(account__in=list(accounts), external_id=text).first()
    if line is not None:
        return trails_of_lines(viewer, [line]).get(line.pk) or f"{_statement(line)}?after={max(line.number - 1, 0)}"
    is_payout = ProcessorPayout.objects.filter(external_id=text).exists() or payouts_named(viewer, text)
    return reverse("refunds:payout", args=[text]) if is_payout else ""


def trails_of_lines(viewer: User, lines: Iterable[StatementLine]) -> Mapping[int, str]:
    """Tell the trail of each line that agrees with operations, of the first, or names one; two queries for all."""
    lines = list(lines)
    named: dict[int, list[UUID]] = {}
    for line_id, operation_id in (
        Match.objects.filter(line__in=lines).order_by("pk").values_list("line_id", "operation")
    ):
        named.setdefault(line_id, []).append(operation_id)
    for line in lines:
        if line.pk not in named and (told := operation_id_of(line)) is not None:
            named[line.pk] = [told]
    visible = operations_visible_to(viewer).filter(pk__in={one for found in named.values() for one in found})
    references = dict(visible.values_list("pk", "refund_request__reference"))
    trails = {pk: next((references[one] for one in found if one in references), "") for pk, found in named.items()}
    return {pk: trail_url(reference) for pk, reference in trails.items() if reference}


def trail_of_entry(viewer: User, entry: JournalEntry) -> str:
    """Tell the trail of what an entry books; empty where it is of no request."""
    if not viewer.has_perm(SEES):
        return ""
    if entry.subject_kind == "refund_request":
        return trail_url(entry.reference)
    if entry.subject_kind != "statement_line":
        return ""
    line = lines_visible_to(viewer).filter(pk=entry.subject_id).first()
    return trails_of_lines(viewer, [line]).get(line.pk, "") if line is not None else ""


def payout_of_entry(viewer: User, entry: JournalEntry) -> str:
    """Name the payout that an entry of a statement's line belongs to; empty where there is none."""
    if entry.subject_kind != "statement_line":
        return ""
    return lines_visible_to(viewer).filter(pk=entry.subject_id).values_list("payout_ref", flat=True).first() or ""


def refunds_of_period(viewer: User, period: Period) -> QuerySet[Operation]:
    """Select what left in a month of an account, first what no statement shows; `is_shown` says whether one does."""
    is_bank = period.account == "bank"
    gateway = "bank_transfer" if is_bank else period.account
    found = operations_visible_to(viewer).filter(
        gateway=gateway,
        state__in=[OperationState.SUCCEEDED, OperationState.FAILED],
        succeeded_at__gte=period.from_at,
        succeeded_at__lt=period.until_at,
    )
    shown = Exists(Match.objects.filter(operation=OuterRef("pk")))
    return found.annotate(is_shown=shown).select_related("refund_request").order_by("is_shown", "-succeeded_at", "pk")


def _statement(line: StatementLine) -> str:
    return reverse("refunds:statement", args=[line.statement_id])
