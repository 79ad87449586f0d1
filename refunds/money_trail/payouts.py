"""A payout of a processor: the lines it consists of, what they add up to, and what the bank shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from config.kernel.money import Money
from refunds.models import Statement, StatementLine
from refunds.reconciliation.permissions import lines_visible_to
from refunds.reconciliation.readers import BANK

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from config.kernel.people import User

PAYOUT = "payout"
SENT_BACK = "payout_reversal"
PAID = (PAYOUT, SENT_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutSum:
    """What the lines of one payout add up to, net of fees, beside what the processor says it paid out.

    `paid` is None where no line tells of the payout itself, as in Stripe's report of what a payout consists of.
    """

    account: str
    reference: str
    lines: Money
    line_count: int
    paid: Money | None
    sent_back: Money

    @property
    def is_sent_back(self) -> bool:
        """Whether the bank returned it."""
        return self.sent_back.minor != 0

    @property
    def apart(self) -> Money:
        """How far its lines are from what was paid out; nothing where that is not told."""
        return self.lines - self.paid if self.paid is not None else Money(0, self.lines.currency)


def sums_of(viewer: User, *, accounts: Collection[str], refs: Collection[str]) -> dict[tuple[str, str], PayoutSum]:
    """Add up payouts, all lines of all teams: anything less would never be what the bank shows. One query."""
    if not viewer.has_perm("refunds.view_statement") or not refs:
        return {}
    is_paid, is_back = Q(category=PAYOUT), Q(category=SENT_BACK)
    rows = (
        StatementLine.objects.filter(account__in=accounts, payout_ref__in=refs)
        .exclude(account=BANK)
        .order_by()
        .values_list("account", "payout_ref", "currency")
        .annotate(
            lines_minor=Coalesce(Sum("net_minor", filter=~is_paid & ~is_back), 0),
            lines_count=Count("pk", filter=~is_paid & ~is_back),
            paid_minor=Sum("net_minor", filter=is_paid),
            back_minor=Coalesce(Sum("net_minor", filter=is_back), 0),
        )
    )
    return {
        (account, ref): PayoutSum(
            account=account,
            reference=ref,
            lines=Money(lines, currency),
            line_count=count,
            paid=Money(-paid, currency) if paid is not None else None,
            sent_back=Money(back, currency),
        )
        for account, ref, currency, lines, count, paid, back in rows
    }


def lines_of_payout(viewer: User, reference: str, *, after: int = 0) -> QuerySet[StatementLine]:
    """Select the lines of a payout that the viewer may see, in the order they were read."""
    lines = lines_visible_to(viewer).exclude(account=BANK).filter(account__in=_accounts(), payout_ref=reference)
    return lines.filter(pk__gt=after).order_by("pk")


def payouts_named(viewer: User, reference: str) -> list[PayoutSum]:
    """Add up what is known of a payout, for each account that has one of this name."""
    return list(sums_of(viewer, accounts=_accounts(), refs=[reference]).values()) if reference else []


def bank_lines_of(viewer: User, reference: str) -> QuerySet[StatementLine]:
    """Select what the bank shows of a payout."""
    return lines_visible_to(viewer).filter(account=BANK, payout_ref=reference).order_by("booked_at", "pk")


def _accounts() -> list[str]:
    # The index of lines by payout begins with the account.
    return list(Statement.objects.order_by().values_list("account", flat=True).distinct())
