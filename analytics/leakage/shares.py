"""The shares as the page lays them out: tiles for all the days, a line for each month, every number to its rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.http import urlencode

from analytics.models import Basis, Origin
from config.kernel.wording import joined, said

from . import rates
from .before import of_share, span_before
from .definitions import BYPASS, CAPTURED, IN_TIME, LATE_NOW, RATES, REFUNDED
from .figures import month_end
from .rates import Rates
from .waiting import late_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from config.kernel.people import User

    from .asking import Ask


def shares(viewer: User, ask: Ask, *, at: datetime) -> dict[str, Any]:
    """Lay out the rates of these days, and what is late at this moment."""
    months = rates.by_month(viewer, ask)
    earlier = {one.currency: one for one in rates.totals(rates.by_month(viewer, span_before(ask)))}
    return {
        "tiles": [*_tiles(rates.totals(months), earlier, ask), _late_now(viewer, ask, at)],
        "months": [_month(one, ask) for one in reversed(months)],
        "formulas": [CAPTURED, RATES[Basis.REFUND], RATES[Basis.SALE], BYPASS, IN_TIME],
        "csv": f"{reverse('analytics:leakage_csv', args=['rates'])}?{urlencode(ask.words())}",
    }


def captured_rows(ask: Ask, currency: str) -> str:
    """Name the address of the payments captured in these days."""
    words = ask.words(currency=currency)
    return f"{reverse('analytics:captured')}?{urlencode(words)}"


def _tiles(totals: Sequence[Rates], earlier: Mapping[str, Rates], ask: Ask) -> list[dict[str, Any]]:
    tiles: list[dict[str, Any]] = []
    for one in totals:
        was = earlier.get(one.currency, Rates(month=None, currency=one.currency))
        tiles += [*_money_tiles(one, was, ask), *_people_tiles(one, was, ask)]
    return tiles


def _money_tiles(one: Rates, was: Rates, ask: Ask) -> list[dict[str, Any]]:
    currency, captured = one.currency, captured_rows(ask, one.currency)
    if not one.captured_count:
        none = said("No payment of these days is known here, so there is nothing to hold refunds against.")
        note = joined([none, CAPTURED])
        return [
            {"label": said("Refund rate, {currency}", currency=currency), "value": "-", "rows": captured, "note": note}
        ]
    told = [
        (
            said("Refund rate by month of the refund, {currency}", currency=currency),
            Basis.REFUND,
            one.cash_rate,
            one.refunded,
            was.refunded_minor,
        ),
        (
            said("Refund rate by month of the sale, {currency}", currency=currency),
            Basis.SALE,
            one.cohort_rate,
            one.given_back,
            was.given_back_minor,
        ),
    ]
    return [
        {
            "label": words,
            "value": rate,
            "rows": ask.by(basis).rows(currency=currency, kind=REFUNDED.slug),
            "note": joined([said("{part} of {whole}.", part=part, whole=one.captured), RATES[basis]]),
            "change": of_share(part.minor, one.captured_minor, before, was.captured_minor, is_worse_high=True),
        }
        for words, basis, rate, part, before in told
    ]


def _people_tiles(one: Rates, was: Rates, ask: Ask) -> list[dict[str, Any]]:
    tiles: list[dict[str, Any]] = []
    if one.gone_count:
        tiles.append(
            {
                "label": said("Bypass rate, {currency}", currency=one.currency),
                "value": one.bypass_by_count,
                "rows": _bypass_rows(ask, one.currency),
                "note": joined(
                    [
                        said(
                            "{part} of {whole} refunds, {share} of the money ({amount}).",
                            part=Decimal(one.ungoverned_count),
                            whole=Decimal(one.gone_count),
                            share=one.bypass_by_money,
                            amount=one.ungoverned,
                        ),
                        BYPASS,
                    ]
                ),
                "change": of_share(
                    *(one.ungoverned_count, one.gone_count, was.ungoverned_count, was.gone_count), is_worse_high=True
                ),
            }
        )
    if one.due_count:
        tiles.append(
            {
                "label": said("Decided in time, {currency}", currency=one.currency),
                "value": one.in_time,
                "rows": ask.rows(only="late", currency=one.currency),
                "note": joined(
                    [
                        said(
                            "{part} of {whole} steps; the link shows the late ones.",
                            part=Decimal(one.in_time_count),
                            whole=Decimal(one.due_count),
                        ),
                        IN_TIME,
                    ]
                ),
                "change": of_share(
                    *(one.in_time_count, one.due_count, was.in_time_count, was.due_count), is_worse_high=False
                ),
            }
        )
    return tiles


def _late_now(viewer: User, ask: Ask, at: datetime) -> dict[str, str]:
    return {
        "label": said("Late now"),
        "value": f"{late_count(viewer, ask, at=at):,}",
        "rows": f"{reverse('analytics:late')}?{urlencode(ask.words())}",
        "note": LATE_NOW,
    }


def _month(one: Rates, ask: Ask) -> dict[str, Any]:
    month = ask if one.month is None else ask.between(one.month, month_end(one.month))
    currency = one.currency
    return {
        "rates": one,
        "captured": captured_rows(month, currency),
        "refunded": month.by(Basis.REFUND).rows(currency=currency, kind=REFUNDED.slug),
        "given_back": month.by(Basis.SALE).rows(currency=currency, kind=REFUNDED.slug),
        "bypass": _bypass_rows(month, currency),
        "signed": month.rows(only="signed", currency=currency),
        "late": month.rows(only="late", currency=currency),
    }


def _bypass_rows(ask: Ask, currency: str) -> str:
    return ask.rows(currency=currency, by="origin", value=Origin.UNGOVERNED.value, kind=REFUNDED.slug)
