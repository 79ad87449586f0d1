"""The money trail of one request, and the payouts that many of them leave by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from config.kernel.money import Money
from config.kernel.web import PersonRequest, number_in, or_404, page, render_page
from refunds.models import ProcessorPayout
from refunds.money_trail.finding import SEES, trails_of_lines
from refunds.money_trail.payouts import bank_lines_of, lines_of_payout, payouts_named
from refunds.money_trail.trail import trail_of
from refunds.reconciliation.selectors import line_rows
from refunds.selectors import request_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from refunds.models import RefundRequest, StatementLine

PAGE = 50


@page(SEES)
@require_safe
def money_trail(request: PersonRequest, reference: str) -> HttpResponse:
    """Follow the money of one request to the bank and the books."""
    found: RefundRequest = or_404(request_page(request.user, reference), "request")
    now = timezone.now()
    trail = trail_of(request.user, found, at=now)
    return render_page(request, "refunds/money_trail.html", {"refund_request": found, "trail": trail, "now": now})


@page(SEES)
@require_safe
def payout(request: PersonRequest, payout_ref: str) -> HttpResponse:
    """Show a payout: what its lines add up to, what the bank shows, and the lines themselves."""
    viewer = request.user
    sums = payouts_named(viewer, payout_ref)
    bank_lines = list(bank_lines_of(viewer, payout_ref))
    told = ProcessorPayout.objects.filter(external_id=payout_ref).first()
    if not sums and not bank_lines and told is None:
        raise Http404("No payout.")
    lines = list(lines_of_payout(viewer, payout_ref, after=number_in(request.GET.get("after", "")) or 0)[: PAGE + 1])
    rows = line_rows(viewer, lines[:PAGE])
    trails = trails_of_lines(viewer, lines[:PAGE])
    context = {
        "payout_ref": payout_ref,
        "sums": [{"payout": one, "arrived": _arrived(bank_lines, one.lines.currency)} for one in sums],
        "bank_lines": bank_lines,
        "told": told,
        "rows": [{"row": row, "trail": trails.get(row.line.pk, "")} for row in rows],
        "next": f"?{urlencode({'after': lines[PAGE - 1].pk})}" if len(lines) > PAGE else "",
    }
    return render_page(request, "refunds/payout.html", context)


def _arrived(bank_lines: list[StatementLine], currency: str) -> Money | None:
    """Add up what the bank shows of a payout in its currency; None where it shows nothing."""
    shown = [line.gross_minor for line in bank_lines if line.currency == currency]
    return Money(sum(shown), currency) if shown else None
