"""Finance's books: what moved in a month, entry by entry, and whether clearing holds what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, number_in, or_404, page, render_page
from config.kernel.wording import said
from refunds.books import selectors
from refunds.books.charting import names_of_codes
from refunds.breaks.permissions import SEES as SEES_BREAKS
from refunds.models import StatementLine
from refunds.money_trail.finding import payout_of_entry, trail_of_entry

if TYPE_CHECKING:
    from django.http import HttpResponse

    from config.kernel.people import User
    from refunds.books.selectors import Month
    from refunds.models import JournalEntry

SEES = selectors.SEES
PAGE = 50
SEES_STATEMENTS = "refunds.view_statement"
OPENED_BY = {
    "refund_request": "refunds.view_refundrequest",
    "governed_action": "policies.view_governedaction",
    "break": SEES_BREAKS,
}
"""Which right opens the page of what an entry books; of any other kind it is a line of a statement."""
TABS = {"balances": said("Accounts"), "entries": said("Entries"), "clearing": said("Clearing")}


@page(SEES)
@require_safe
def books(request: PersonRequest) -> HttpResponse:
    """Show a month of the books: accounts, entries, or what is in clearing."""
    query = request.GET
    month = selectors.month_in(query.get("month", ""), at=timezone.now())
    tab = query.get("tab", "") if query.get("tab", "") in TABS else "balances"
    context = {
        "month": month,
        "tab": tab,
        "tabs": [
            {"label": label, "current": name == tab, "url": _address(tab=name, month=str(month))}
            for name, label in TABS.items()
        ],
        **_rows(request, month, tab),
    }
    return render_page(request, "refunds/books.html", context, fragment="journal")


@page(SEES)
@require_safe
def journal_entry(request: PersonRequest, entry_id: int) -> HttpResponse:
    """Show one entry, what it books, and what reversed it."""
    found = selectors.entries_visible_to(request.user).select_related("reversal_of", "reversed_by")
    entry: JournalEntry = or_404(found.filter(pk=entry_id).first(), "journal entry")
    names = names_of_codes()
    context = {
        "entry": entry,
        "lines": [{"line": line, "name": names.get(line.code, "")} for line in entry.lines.select_related("team")],
        "source": _source_of(request.user, entry),
        "trail": trail_of_entry(request.user, entry),
        "payout_ref": payout_of_entry(request.user, entry),
    }
    return render_page(request, "refunds/journal_entry.html", context)


def _rows(request: PersonRequest, month: Month, tab: str) -> dict[str, Any]:
    if tab == "clearing":
        return {"clearing": selectors.clearing(request.user)}
    if tab == "entries":
        return _entries(request.user, month, request.GET.dict())
    return {
        "balances": [
            {"row": row, "url": _address(tab="entries", month=str(month), code=row.code, currency=row.debit.currency)}
            for row in selectors.balances(request.user, month)
        ]
    }


def _entries(viewer: User, month: Month, query: dict[str, str]) -> dict[str, Any]:
    code, currency = query.get("code", "")[:40], query.get("currency", "")[:3]
    found = selectors.entries(viewer, month, code=code, currency=currency, before=number_in(query.get("before", "")))
    rows = list(found[: PAGE + 1])
    kept = {"tab": "entries", "month": str(month), "code": code, "currency": currency}
    return {
        "entries": rows[:PAGE],
        "code": code,
        "currency": currency,
        "next": _address(**kept, before=str(rows[PAGE - 1].pk)) if len(rows) > PAGE else "",
    }


def _source_of(viewer: User, entry: JournalEntry) -> str:
    """Find the page of what was booked; nothing where a statement was taken back, or the viewer may not open it."""
    if not viewer.has_perm(OPENED_BY.get(entry.subject_kind, SEES_STATEMENTS)):
        return ""
    if entry.subject_kind == "refund_request":
        return reverse("refunds:request", args=[entry.reference])
    if entry.subject_kind == "governed_action":
        return reverse("policies:action", args=[entry.reference])
    if entry.subject_kind == "break":
        return reverse("refunds:break", args=[entry.subject_id])
    line = StatementLine.objects.filter(pk=entry.subject_id).values_list("statement_id", flat=True).first()
    return reverse("refunds:statement", args=[line]) if line is not None else ""


def _address(**words: str) -> str:
    return f"?{urlencode({name: value for name, value in words.items() if value})}"
