"""The control report of a month: what two people sign, in figures, hashes and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from refunds.models import GLExport, JournalLine, Statement, StatementLine

from .charting import names_of_codes
from .closing import ages, checklist, operations_without_line, unmatched_lines

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import Period

MOST_LISTED: Final = 200


def report_of(period: Period, *, at: datetime) -> dict[str, Any]:
    """Put the report together as it is at this moment: texts and whole numbers alone, so that it has one exact hash.

    It holds no word that somebody typed: what is kept for good names nobody but who signed.
    """
    return {
        "account": period.account,
        "from": str(period.first_on),
        "to": str(period.last_on),
        "made_at": at.isoformat(),
        "statements": _statements(period),
        "lines": _lines(period),
        "journal": _journal(period),
        "exports": _exports(period),
        "checklist": [
            {"key": item.key, "title": item.title, "count": item.count, "sentence": item.sentence}
            for item in checklist(period)
        ],
        "ages": [{"label": age.label, "count": age.count} for age in ages(period, at=at)],
        "open": _open(period),
        "signatures": _signatures(period),
    }


def _statements(period: Period) -> list[dict[str, Any]]:
    found = Statement.objects.filter(
        account=period.account, undone_at__isnull=True, from_at__lt=period.until_at, to_at__gte=period.from_at
    )
    rows = found.order_by("uploaded_at", "pk").values_list("format", "sha256", "line_count", "from_at", "to_at")
    return [
        {"format": form, "sha256": sha256, "lines": count, "from": start.isoformat(), "to": end.isoformat()}
        for form, sha256, count, start, end in rows
        if start is not None and end is not None
    ]


def _lines(period: Period) -> list[dict[str, Any]]:
    """Add up the statements' lines by currency and category."""
    found = StatementLine.objects.filter(
        account=period.account, booked_at__gte=period.from_at, booked_at__lt=period.until_at
    )
    rows = found.order_by("currency", "category").values_list("currency", "category")
    return [
        {"currency": currency, "category": category, "count": count, "gross_minor": str(gross), "fee_minor": str(fee)}
        for currency, category, count, gross, fee in rows.annotate(Count("pk"), Sum("gross_minor"), Sum("fee_minor"))
    ]


def _journal(period: Period) -> list[dict[str, Any]]:
    """Add up the journal by currency and account; debits and credits of a currency are the same."""
    names = names_of_codes()
    lines = JournalLine.objects.filter(
        entry__account=period.account, entry__booked_on__range=(period.first_on, period.last_on)
    )
    rows = lines.order_by("currency", "code").values_list("currency", "code")
    summed = rows.annotate(
        count=Count("pk"),
        debits=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
        credits=Coalesce(Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
    )
    return [
        {
            "currency": currency,
            "code": code,
            "name": names.get(code, ""),
            "count": count,
            "debit_minor": str(debits),
            "credit_minor": str(-taken),
        }
        for currency, code, count, debits, taken in summed
    ]


def _exports(period: Period) -> list[dict[str, Any]]:
    """Name the files that hold an entry of the month."""
    found = GLExport.objects.filter(from_on__lte=period.last_on, to_on__gte=period.first_on).exclude(sha256="")
    rows = found.order_by("made_at", "pk").values_list("format", "sha256", "entry_count")
    return [{"format": form, "sha256": sha256, "entries": count} for form, sha256, count in rows]


def _open(period: Period) -> list[dict[str, Any]]:
    """List what is open on either side, the oldest first, each as its record names it."""
    lines = unmatched_lines(period).values_list("external_id", "booked_at", "gross_minor", "currency")
    operations = operations_without_line(period).values_list("pk", "succeeded_at", "amount_minor", "currency")
    listed = [
        {"what": external_id, "at": at.isoformat(), "minor": str(minor), "currency": currency}
        for external_id, at, minor, currency in lines[:MOST_LISTED]
    ]
    listed += [
        {"what": f"operation {pk}", "at": at.isoformat(), "minor": str(-minor), "currency": currency}
        for pk, at, minor, currency in operations[:MOST_LISTED]
        if at is not None
    ]
    return listed


def _signatures(period: Period) -> list[dict[str, Any]]:
    given = ((period.first_by, period.first_at), (period.second_by, period.second_at))
    return [
        {"name": str(person), "username": person.username, "at": at.isoformat()}
        for person, at in given
        if person is not None and at is not None
    ]
