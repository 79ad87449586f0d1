"""The figures of all the days, each with its formula, its rows, and how it changed against as many days before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.selectors import percent
from config.kernel.wording import joined, said

from . import definitions, figures, steps
from .before import of_amount, of_share, span_before
from .definitions import GOODWILL, LEAKAGE, REFUNDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import User

    from .asking import Ask
    from .figures import Line


def money_tiles(viewer: User, ask: Ask, totals: Sequence[Line]) -> list[dict[str, Any]]:
    """Lay out what leaked, left and was given away, for each currency."""
    earlier = span_before(ask)
    avoidable, avoidable_before = (figures.preventable(viewer, some) for some in (ask, earlier))
    before = {line.currency: line for line in figures.totals(viewer, earlier)}
    tiles = []
    for line in totals:
        currency, leaked, was = line.currency, line.money(LEAKAGE), before.get(line.currency)
        share = percent(leaked.minor, line.sums["refunded_minor"])
        told = [
            (
                LEAKAGE,
                leaked,
                {"kind": LEAKAGE.slug},
                joined([said("{share} of what was refunded.", share=share), definitions.SHARE]),
                True,
            ),
            (REFUNDED, line.money(REFUNDED), {"kind": REFUNDED.slug}, REFUNDED.formula, None),
            (GOODWILL, line.money(GOODWILL), {"kind": GOODWILL.slug}, GOODWILL.formula, None),
        ]
        for kind, money, more, note, is_worse_high in told:
            change = of_amount(money.minor, was.minor(kind) if was else 0, is_worse_high=is_worse_high)
            tiles.append(
                {
                    "label": said("{measure}, {currency}", measure=kind.name, currency=currency),
                    "money": money,
                    "rows": ask.rows(currency=currency, **more),
                    "note": note,
                    "change": change,
                }
            )
        if currency in avoidable:
            money, earlier_money = avoidable[currency], avoidable_before.get(currency)
            tiles.append(
                {
                    "label": said("Preventable, {currency}", currency=currency),
                    "money": money,
                    "rows": ask.rows(currency=currency, only="preventable"),
                    "note": definitions.PREVENTABLE,
                    "change": of_amount(money.minor, earlier_money.minor if earlier_money else 0, is_worse_high=True),
                }
            )
    return tiles


def touch_tiles(viewer: User, ask: Ask) -> list[dict[str, Any]]:
    """Lay out what control costs: shares of requests, whatever their currency."""
    now, was = (steps.touch(viewer, some) for some in (ask, span_before(ask)))
    changed, changed_before = (one.reviewed_count - one.unchanged_count for one in (now, was))
    told = [
        (
            said("Touch-free"),
            now.touch_free,
            "touch-free",
            definitions.TOUCH_FREE,
            of_share(now.touch_free_count, now.decided_count, was.touch_free_count, was.decided_count),
        ),
        (
            said("Approvals that changed nothing"),
            now.unchanged,
            "unchanged",
            definitions.UNCHANGED,
            of_share(
                *(now.unchanged_count, now.reviewed_count, was.unchanged_count, was.reviewed_count), is_worse_high=True
            ),
        ),
        (
            said("Approval yield"),
            now.approval_yield,
            "reviewed",
            definitions.YIELD,
            of_share(changed, now.reviewed_count, changed_before, was.reviewed_count),
        ),
        (
            said("Hours waited for people"),
            f"{now.waited_hours:,}",
            "reviewed",
            definitions.WAITED,
            of_amount(now.waited_hours, was.waited_hours, is_worse_high=True),
        ),
        (
            said("Evidence complete"),
            now.evidence,
            "unproved",
            definitions.EVIDENCE,
            of_share(
                *(now.evidence_held_count, now.evidence_asked_count, was.evidence_held_count, was.evidence_asked_count),
                is_worse_high=False,
            ),
        ),
    ]
    return [
        {"label": label, "value": value, "rows": ask.rows(only=only), "note": note, "change": change}
        for label, value, only, note, change in told
    ]
