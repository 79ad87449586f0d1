"""What finance reads in the books: balances, entries, and whether clearing holds what it should."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MINYEAR, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.web import LAST_DAY, day_in
from refunds.models import JournalEntry, JournalLine

from .charting import names_of_codes
from .sources import OPERATION_OF_LINE, SETTLES_ITS_REFUND
from .vocabulary import AccountRole

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from config.kernel.people import User

SEES = "refunds.view_journalentry"

_BOOKED = "found.state = 'resolved' AND found.books_against <> '' AND found.team_id = ANY(%(teams)s)"

_CLEARING = f"""
    SELECT gateway, currency, sum(booked), sum(expected) FROM (
        SELECT entry.gateway, line.currency, line.amount_minor AS booked, 0 AS expected
        FROM refunds_journalline AS line JOIN refunds_journalentry AS entry ON entry.id = line.entry_id
        WHERE line.role = '{AccountRole.PROCESSOR_CLEARING}' AND line.team_id = ANY(%(teams)s)
        UNION ALL
        SELECT operation.gateway, operation.currency, 0, -operation.amount_minor
        FROM refunds_operation AS operation
            JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
        WHERE operation.state = 'succeeded' AND operation.gateway <> 'store_credit' AND request.team_id = ANY(%(teams)s)
        UNION ALL
        SELECT operation.gateway, operation.currency, 0, match.amount_minor
        FROM refunds_match AS match
            JOIN refunds_operation AS operation ON operation.id = match.operation_id
            JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
        WHERE request.team_id = ANY(%(teams)s)
        UNION ALL
        SELECT operation.gateway, operation.currency, 0,
            CASE WHEN line.currency = operation.currency THEN -line.gross_minor ELSE -operation.amount_minor END
        FROM refunds_statementline AS line
            JOIN refunds_operation AS operation ON operation.id = {OPERATION_OF_LINE}
            JOIN refunds_refundrequest AS request ON request.id = operation.refund_request_id
        WHERE line.category = 'refund_failure' AND line.result IN ('matched', 'other')
            AND request.team_id = ANY(%(teams)s)
        UNION ALL
        SELECT operation.gateway, operation.currency, 0, operation.amount_minor
        FROM refunds_break AS found JOIN refunds_operation AS operation ON operation.id = found.operation_id
        WHERE {_BOOKED} AND {SETTLES_ITS_REFUND}
        UNION ALL
        SELECT operation.gateway, found.currency, 0, CASE WHEN found.line_id IS NULL THEN found.amount_minor
            ELSE -found.amount_minor END
        FROM refunds_break AS found JOIN refunds_operation AS operation ON operation.id = found.operation_id
        WHERE {_BOOKED} AND (found.line_id IS NULL OR found.books_against = '{AccountRole.PROCESSOR_CLEARING}')
    ) AS moved
    GROUP BY gateway, currency HAVING sum(booked) <> 0 OR sum(expected) <> 0
    ORDER BY gateway, currency
"""  # noqa: S608 - words of ours
"""The journal's clearing, and beside it what left less what statements show, take back, and people explained."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the books."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def previous(self) -> Month:
        """The month before it."""
        return Month((self.first - timedelta(days=1)).replace(day=1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What moved in one account and one currency."""

    role: str
    code: str
    name: str
    debit: Money
    credit: Money
    line_count: int

    @property
    def balance(self) -> Money:
        """Debits less credits."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Clearing:
    """What the journal says is in clearing at a gateway in a currency, beside what the records say."""

    gateway: str
    booked: Money
    expected: Money

    @property
    def difference(self) -> Money:
        """Nothing, once all is booked."""
        return self.booked - self.expected


def month_in(text: str, *, at: datetime) -> Month:
    """Read a month such as 2026-11 from an address; anything else is the month of `at`.

    The outermost years are nobody's: they have no month before, or none after.
    """
    first = day_in(f"{text}-01")
    if first is None or first.year in {MINYEAR, LAST_DAY.year}:
        first = at.astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)).date().replace(day=1)
    return Month(first)


def lines_visible_to(viewer: User) -> QuerySet[JournalLine]:
    """Select lines of the viewer's teams, and those of no team, as a statement's fees are."""
    if not viewer.has_perm(SEES):
        return JournalLine.objects.none()
    return JournalLine.objects.filter(Q(team__isnull=True) | Q(team_id__in=team_ids_of(viewer)))


def entries_visible_to(viewer: User) -> QuerySet[JournalEntry]:
    """Select entries without a line of a team that the viewer does not work for."""
    if not viewer.has_perm(SEES):
        return JournalEntry.objects.none()
    others = JournalLine.objects.filter(entry=OuterRef("pk"), team__isnull=False)
    return JournalEntry.objects.filter(~Exists(others.exclude(team_id__in=team_ids_of(viewer))))


def entries(
    viewer: User, month: Month, *, code: str = "", currency: str = "", before: int | None = None
) -> QuerySet[JournalEntry]:
    """Select the entries of a month, newest first, those of an account or a currency alone where one is named."""
    found = entries_visible_to(viewer).filter(booked_on__range=(month.first, month.last))
    if code or currency:
        wanted = {name: value for name, value in (("code", code), ("currency", currency)) if value}
        found = found.filter(Exists(JournalLine.objects.filter(entry=OuterRef("pk"), **wanted)))
    found = found.filter(pk__lt=before) if before else found
    return found.prefetch_related("lines").order_by("-pk")


def balances(viewer: User, month: Month) -> list[Balance]:
    """Add up what moved in a month, one row for each account and currency."""
    names = names_of_codes()
    rows = (
        lines_visible_to(viewer)
        .filter(entry__booked_on__range=(month.first, month.last))
        .order_by()
        .values_list("role", "code", "currency")
        .annotate(
            debits=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
            credits=Coalesce(Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
            lines=Count("pk"),
        )
    )
    return [
        Balance(
            role=AccountRole(role).label,
            code=code,
            name=names.get(code, ""),
            debit=Money(debit, currency),
            credit=Money(-credit, currency),
            line_count=count,
        )
        for role, code, currency, debit, credit, count in sorted(rows, key=lambda row: (row[2], row[1], row[0]))
    ]


def clearing(viewer: User) -> list[Clearing]:
    """Lay the journal's clearing beside refunds that succeeded less those that a statement shows, over all time."""
    teams = sorted(team_ids_of(viewer)) if viewer.has_perm(SEES) else []
    with connection.cursor() as cursor:
        cursor.execute(_CLEARING, {"teams": teams})
        return [
            Clearing(gateway, Money(int(booked), currency), Money(int(expected), currency))
            for gateway, currency, booked, expected in cursor.fetchall()
        ]
