"""What goes wrong in the demo's world, so that whoever looks for patterns finds some; all of it in the drawn cases.

* Viktor signs within a minute, always with the same word, and some of what Dana would have signed.
* Asha enters what one customer wants in two halves, a few hours apart, each half under the automatic limit.
* One person gives back nearly everything, under three accounts with the same mailbox.
* The same photo of a broken jug comes with two requests of two customers.
* A new carrier: for eight weeks late deliveries make up far more of the British shop, for four many of them too late.
* Wrong items were frequent until somebody changed how they are picked, two months ago.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from .cases import AUTO_UP_TO, SIGNED_UP_TO, Case, Fate
from .lives import HASTY
from .people import TEAMS
from .shops import WORLD_DAYS, Sale
from .words import ALIASES, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from .people import DemoTeam
    from .words import Product

UK, US = (next(team for team in TEAMS if team.slug == slug) for slug in ("uk-retail", "us-dtc"))
NEW_CARRIER_DAYS, TOO_LATE_DAYS, LATE_SHARE, MOST_TOO_LATE = 56, 26, 0.5, 16
PICKED_ANEW_DAYS, PICKING_DAYS, WRONG_SHARE, STILL_WRONG = 62, 30, 0.4, 0.2
HANDED_TO_VIKTOR, MOST_HANDED_MINOR = 30, 450_00
SPLIT_DAYS_AGO, HOURS_BETWEEN_HALVES, SPLIT_BY, SPLITTER = (104, 83, 61, 37, 12), 3, "asha", -3
KEPT_BY_SPLITTER = 14
RETURNED_DAYS_AGO = (111, 99, 92, 80, 71, 58, 44, 33, 19, 7)
CARVER_LIKES = {"DC-004", "DC-005", "DC-007", "DC-009", "DC-011"}
PHOTO_DAYS_AGO, PHOTO, JUGS = (26, 5), 7, 16


def with_signals(cases: Sequence[Case], *, seed: int, now: datetime) -> list[Case]:
    """Change what some of the cases are about, and add a few; oldest first. Cases that wait stay as they are."""
    rng = Random(f"{seed} planted")  # noqa: S311 - a world to look at, not a secret
    history = [case for case in cases if _is_usual(case, now=now)]
    _change_carrier(history, rng, now=now)
    _pick_anew(history, rng, now=now)
    _hand_to_viktor(history, rng)
    added = [*_in_halves(now), *_nearly_everything(now), *_with_one_photo(now)]
    return sorted([*cases, *added], key=lambda case: case.filed_at)


def kept_sales(*, now: datetime) -> list[Sale]:
    """List what the customer of the halves and the one of three accounts bought and kept."""
    some = PRODUCTS[US.slug][3:9]
    bought = [SPLITTER] * KEPT_BY_SPLITTER + [min(ALIASES[US.slug])]
    return [
        Sale(now - timedelta(days=WORLD_DAYS - 6 * place), [(some[place % len(some)], 1)], customer=customer)
        for place, customer in enumerate(bought, start=1)
    ]


def _is_usual(case: Case, *, now: datetime) -> bool:
    return (
        case.fate is Fate.COURSE
        and case.team in {UK, US}
        and case.amount_minor <= SIGNED_UP_TO[case.team.slug]
        and case.filed_at < now - timedelta(days=1)
    )


def _change_carrier(cases: Iterable[Case], rng: Random, *, now: datetime) -> None:
    too_late = 0
    for case in cases:
        age = (now - case.filed_at).days
        if case.team is not UK or age >= NEW_CARRIER_DAYS or rng.random() > LATE_SHARE:
            continue
        case.reason, case.condition = "late_delivery", "unopened"
        if age < TOO_LATE_DAYS and too_late < MOST_TOO_LATE:
            too_late += 1
            case.is_granted, case.gap_days = True, rng.uniform(40, 55)
            case.sale.placed_at = case.filed_at - timedelta(days=case.gap_days)


def _pick_anew(cases: Iterable[Case], rng: Random, *, now: datetime) -> None:
    for case in cases:
        since = (now - case.filed_at).days - PICKED_ANEW_DAYS
        if 0 <= since < PICKING_DAYS and rng.random() < WRONG_SHARE:
            case.reason, case.condition = "wrong_item", "unopened"
        elif -PICKING_DAYS <= since < 0 and case.reason == "wrong_item" and rng.random() > STILL_WRONG:
            case.reason, case.condition = "changed_mind", "unopened"


def _hand_to_viktor(cases: Iterable[Case], rng: Random) -> None:
    for_dana = [case for case in cases if AUTO_UP_TO[case.team.slug] < case.amount_minor <= MOST_HANDED_MINOR]
    for case in rng.sample(for_dana, min(HANDED_TO_VIKTOR, len(for_dana))):
        case.signer = HASTY


def _in_halves(now: datetime) -> Iterator[Case]:
    shoe = PRODUCTS[US.slug][0]
    for days in SPLIT_DAYS_AGO:
        for half in range(2):
            filed_at = now - timedelta(days=days, hours=-HOURS_BETWEEN_HALVES * half)
            case = _case(US, shoe, 1, filed_at, "changed_mind", customer=SPLITTER)
            case.agent = SPLIT_BY
            yield case


def _nearly_everything(now: datetime) -> Iterator[Case]:
    goods = [product for product in PRODUCTS[US.slug] if product.sku in CARVER_LIKES]
    accounts = sorted(ALIASES[US.slug])
    for place, days in enumerate(RETURNED_DAYS_AGO):
        reason = ("changed_mind", "not_as_described", "late_delivery")[place % 3]
        customer = accounts[place % len(accounts)]
        yield _case(US, goods[place % len(goods)], 1, now - timedelta(days=days, hours=4), reason, customer=customer)


def _with_one_photo(now: datetime) -> Iterator[Case]:
    jug = PRODUCTS[UK.slug][0]
    for customer, days in zip((31, 77), PHOTO_DAYS_AGO, strict=True):
        case = _case(UK, jug, JUGS, now - timedelta(days=days, hours=2), "damaged", customer=customer)
        case.photo = PHOTO
        yield case


def _case(team: DemoTeam, product: Product, pieces: int, filed_at: datetime, reason: str, *, customer: int) -> Case:
    case = Case(
        team=team,
        fate=Fate.COURSE,
        filed_at=filed_at,
        amount_minor=product.price_minor * pieces,
        reason=reason,
        condition={"damaged": "damaged", "not_as_described": "opened"}.get(reason, "unopened"),
        gap_days=8,
    )
    case.sale, case.quantity = Sale(filed_at - timedelta(days=8), [(product, pieces)], customer=customer), pieces
    return case
