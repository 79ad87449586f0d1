"""What is behind the shares: the payments that were captured, the steps that are late now, and the shares as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from django.db.models import Q, Sum
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from analytics.models import CaptureCell, CaptureFact
from config.kernel.csv_out import proven_lines
from config.kernel.money import Money
from config.kernel.web import PersonRequest, day_in, page, render_page
from refunds.models import Payment

from . import heat, rates
from .asking import Ask
from .definitions import CAPTURED, LATE_NOW
from .figures import number_in
from .waiting import late_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from config.kernel.csv_out import Cell
    from config.kernel.people import User

SEES: Final = "analytics.view_insight"
PAGE: Final = 50
AT_ONCE: Final = 1_000


@page(SEES)
@require_safe
def captured(request: PersonRequest) -> HttpResponse:
    """List the payments captured in some days, newest first, with their sum in each currency."""
    ask = _asked(request)
    facts = _captures(request.user, ask)
    before, last = day_in(request.GET.get("before", "")), number_in(request.GET.get("before_id", ""))
    if before is not None and last:
        facts = facts.filter(Q(on__lt=before) | Q(on=before, payment_id__lt=last))
    found = list(facts.select_related("team")[: PAGE + 1])
    shown, words = found[:PAGE], ask.words()
    following = {"before": shown[-1].on.isoformat(), "before_id": str(shown[-1].pk)} if len(found) > PAGE else {}
    context = {
        "ask": ask,
        "rows": _with_orders(shown),
        "sums": _sums(request.user, ask),
        "formula": CAPTURED,
        "next": f"?{urlencode({**words, **following})}" if following else "",
        "first": f"?{urlencode(words)}",
        "is_first": before is None,
        "csv": f"{reverse('analytics:leakage_csv', args=['captured'])}?{urlencode(words)}",
        "back": f"{reverse('analytics:leakage')}?{urlencode(words)}",
    }
    return render_page(request, "analytics/captured.html", context, fragment="rows")


def captured_file(viewer: User, ask: Ask) -> HttpResponse:
    """Hand out the payments behind captured money, with the question, their count, their sums and a hash."""

    def told() -> Iterator[tuple[Sequence[Cell], Money | None]]:
        some: list[CaptureFact] = []
        for fact in _captures(viewer, ask).select_related("team").iterator(chunk_size=AT_ONCE):
            some.append(fact)
            if len(some) == AT_ONCE:
                yield from _lines(some)
                some = []
        yield from _lines(some)

    header = ["Order", "Channel", "Team", "Captured on", "Currency", "Captured"]
    return _file(proven_lines(header, told(), query=urlencode(ask.words()), at=timezone.now()), "captured", ask)


@page(SEES)
@require_safe
def late(request: PersonRequest) -> HttpResponse:
    """List the approval steps that are late now, the latest first."""
    ask, now = _asked(request), timezone.now()
    steps = late_steps(request.user, ask, at=now)
    context = {
        "ask": ask,
        "steps": steps[:PAGE],
        "count": steps.count(),
        "formula": LATE_NOW,
        "csv": f"{reverse('analytics:leakage_csv', args=['late'])}?{urlencode(ask.words())}",
        "back": f"{reverse('analytics:leakage')}?{urlencode(ask.words())}",
        "now": now,
    }
    return render_page(request, "analytics/late.html", context)


def late_file(viewer: User, ask: Ask) -> HttpResponse:
    """Hand out the steps that are late now, with the question, their count, the amounts that wait, and a hash."""
    now = timezone.now()

    def told() -> Iterator[tuple[Sequence[Cell], Money | None]]:
        for step in late_steps(viewer, ask, at=now).iterator(chunk_size=AT_ONCE):
            route, due = step.route, step.due_at
            amount = Money(route.amount_minor, route.currency)
            words = [route.reference, route.team.slug, step.role, due.isoformat() if due else "", route.currency]
            yield [*words, amount.major], amount

    header = ["Reference", "Team", "Role", "Due", "Currency", "Amount"]
    return _file(proven_lines(header, told(), query=urlencode(ask.words()), at=now), "late-now", ask)


def rates_file(viewer: User, ask: Ask) -> HttpResponse:
    """Hand out the shares of each month; the sums below are of what was captured."""
    header = ["Month", "Currency", "Payments", "Captured", "Refunded in it", "Refund rate, cash"]
    header += ["Given back of its sales", "Refund rate, cohort", "Refunds", "Nobody had asked", "Bypass rate"]
    header += ["Nobody had asked, money", "Bypass rate by money", "Steps answered", "Late", "In time"]

    def told() -> Iterator[tuple[Sequence[Cell], Money | None]]:
        for one in rates.by_month(viewer, ask):
            words: list[Cell] = [one.label, one.currency, one.captured_count, one.captured.major, one.refunded.major]
            words += [one.cash_rate, one.given_back.major, one.cohort_rate, one.gone_count, one.ungoverned_count]
            words += [one.bypass_by_count, one.ungoverned.major, one.bypass_by_money, one.due_count, one.late_count]
            yield [*words, one.in_time], one.captured

    query = urlencode({"by": "rates", **ask.words()})
    return _file(proven_lines(header, told(), query=query, at=timezone.now()), "leakage-rates", ask)


def week_file(viewer: User, ask: Ask) -> HttpResponse:
    """Hand out the weeks of the heat maps; the sums below are of what leaked."""

    def told() -> Iterator[tuple[Sequence[Cell], Money | None]]:
        for one in heat.heat_maps(viewer, ask):
            for row in one.rows:
                for week, cell in zip(one.weeks, row.cells, strict=True):
                    if cell is not None:
                        words: list[Cell] = [row.team, one.currency, week.isoformat(), cell.count]
                        yield [*words, cell.refunded.major, cell.leaked.major, cell.share], cell.leaked

    header = ["Team", "Currency", "Week from Monday", "Refunds", "Refunded", "Leaked", "Share"]
    query = urlencode({"by": "week", **ask.words()})
    return _file(proven_lines(header, told(), query=query, at=timezone.now()), "leakage-by-week", ask)


def _asked(request: PersonRequest) -> Ask:
    return Ask.of(request.GET.dict(), today=timezone.now().date())


def _captures(viewer: User, ask: Ask) -> QuerySet[CaptureFact]:
    return CaptureFact.objects.filter(ask.narrowed(viewer), ask.days).order_by("-on", "-payment_id")


def _sums(viewer: User, ask: Ask) -> list[tuple[int, Money]]:
    rows = (
        CaptureCell.objects.filter(ask.narrowed(viewer), ask.days)
        .order_by()
        .values_list("currency")
        .annotate(payments=Sum("count"), minor=Sum("captured_minor"))
        .order_by("currency")
    )
    return [(int(payments), Money(int(minor), currency)) for currency, payments, minor in rows]


def _with_orders(facts: Iterable[CaptureFact]) -> list[tuple[CaptureFact, Payment | None, Money]]:
    facts = list(facts)
    payments = Payment.objects.select_related("order").in_bulk([fact.payment_id for fact in facts])
    return [(fact, payments.get(fact.payment_id), Money(fact.captured_minor, fact.currency)) for fact in facts]


def _lines(facts: Iterable[CaptureFact]) -> Iterator[tuple[Sequence[Cell], Money | None]]:
    for fact, payment, money in _with_orders(facts):
        order, channel = ("", "") if payment is None else (payment.order.external_id, payment.order.channel)
        yield [order, channel, fact.team.slug, fact.on.isoformat(), fact.currency, money.major], money


def _file(lines: Iterator[str], name: str, ask: Ask) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{ask.from_on}-{ask.to_on}.csv"'}
    streamed = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    return cast("HttpResponse", streamed)
