"""What will become of each return of the demo: drawn from a seed before anything happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum, auto
from typing import TYPE_CHECKING

from .calendars import worked_before
from .people import TEAMS, DemoTeam
from .shops import WORLD_DAYS, returned_after, returned_amount, sale_for

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from .shops import Sale


class Fate(StrEnum):
    """How far a case goes."""

    COURSE = auto()  # whatever policy and people say, to the end
    WAITS = auto()
    ASKED = auto()
    ANSWERED = auto()
    HELD = auto()
    DRAFT = auto()
    LACKS_EVIDENCE = auto()
    WITHDRAWN = auto()
    DECLINED = auto()
    LOWERED = auto()
    FAILED = auto()
    RETRIED = auto()
    STUCK = auto()


@dataclass(slots=True)
class Case:
    """One return: what is asked, when, and where it ends."""

    team: DemoTeam
    fate: Fate
    filed_at: datetime
    amount_minor: int
    reason: str
    condition: str
    gap_days: float
    is_final_sale: bool = False
    is_granted: bool = False
    """Whether a reviewer grants an exception for sure."""

    agent: str = ""
    signer: str = ""
    """Who enters it and who signs it, where somebody in particular does."""

    photo: int | None = None
    """Which picture comes with it, where it is a particular one."""

    sale: Sale = field(init=False)
    quantity: int = field(init=False)


AUTO_UP_TO = {"uk-retail": 50_00, "us-dtc": 200_00, "eu-saas": 0}
SIGNED_UP_TO = {"uk-retail": 5_000_00, "us-dtc": 2_500_00, "eu-saas": 20_000_00}
SHARES = {"uk-retail": 0.48, "us-dtc": 0.36, "eu-saas": 0.16}
WAITING = {"uk-retail": 24, "us-dtc": 21, "eu-saas": 15}
HISTORY_COUNT = 372
FATES_OF_HISTORY = (
    (Fate.COURSE, 300),
    (Fate.DECLINED, 20),
    (Fate.LOWERED, 14),
    (Fate.WITHDRAWN, 14),
    (Fate.ANSWERED, 12),
    (Fate.RETRIED, 4),
    (Fate.FAILED, 8),
)
FATES_OF_NOW = (
    (Fate.ASKED, 10),
    (Fate.HELD, 6),
    (Fate.DRAFT, 9),
    (Fate.LACKS_EVIDENCE, 4),
    (Fate.STUCK, 4),
)
EXCEPTIONS_NOW, BLOCKED_NOW = 15, 7
NEEDS_A_SIGNATURE = {Fate.DECLINED, Fate.LOWERED, Fate.ANSWERED, Fate.ASKED, Fate.HELD, Fate.WITHDRAWN}
SLA_HOURS = ((500_00, 4), (5_000_00, 8), (10**12, 24))

GOODS_REASONS = (
    ("changed_mind", 32),
    ("damaged", 22),
    ("not_as_described", 12),
    ("wrong_item", 10),
    ("not_received", 8),
    ("late_delivery", 6),
    ("duplicate_charge", 3),
    ("billing_error", 3),
    ("other", 3),
    ("fraudulent", 1),
)
PLAN_REASONS = (
    ("cancelled_subscription", 36),
    ("billing_error", 26),
    ("service_outage", 14),
    ("duplicate_charge", 10),
    ("changed_mind", 10),
    ("other", 4),
)
CONDITIONS = {
    "changed_mind": ("unopened",) * 8 + ("opened",) * 3 + ("worn",),
    "damaged": ("damaged",),
    "not_as_described": ("opened",),
    "wrong_item": ("unopened", "opened"),
    "not_received": ("missing",),
    "late_delivery": ("unopened", "opened"),
}
FINAL_SALE_SHARE = 0.02


def draw_cases(rng: Random, *, now: datetime) -> list[Case]:
    """Draw every case of the demo, oldest first: four months of history, and what waits today."""
    cases = [*_history(rng, now), *_waiting(rng, now), *_other_open_ones(rng, now)]
    for case in cases:
        case.is_final_sale = case.fate is Fate.COURSE and rng.random() < FINAL_SALE_SHARE
        placed_at = case.filed_at - timedelta(days=case.gap_days)
        case.sale, case.quantity = sale_for(rng, case.team.slug, placed_at=placed_at, amount_minor=case.amount_minor)
        case.sale.is_final_sale = case.is_final_sale
        if case.fate is Fate.STUCK:
            case.sale.method = "pm_sandbox_refundRequiresAction"
    return sorted(cases, key=lambda case: case.filed_at)


def _history(rng: Random, now: datetime) -> list[Case]:
    fates = [fate for fate, count in FATES_OF_HISTORY for _ in range(count)]
    rng.shuffle(fates)
    cases = []
    for fate in fates:
        team = rng.choices(TEAMS, weights=[SHARES[team.slug] for team in TEAMS])[0]
        # More happens lately than long ago.
        filed_at = now - timedelta(days=1.2 + (WORLD_DAYS - 2) * rng.random() ** 1.3)
        cases.append(_case(rng, team, fate, _office_hours(rng, filed_at), needs_signature=fate in NEEDS_A_SIGNATURE))
    return cases


def _waiting(rng: Random, now: datetime) -> list[Case]:
    """What an approver finds: some overdue, some due within the hour, most later today."""
    cases = []
    for team in TEAMS:
        for place in range(WAITING[team.slug]):
            case = _case(rng, team, Fate.WAITS, now, needs_signature=True)
            hours = next(hours for up_to, hours in SLA_HOURS if case.amount_minor <= up_to)
            left = (rng.uniform(-3, -0.15), rng.uniform(0.1, 0.95), rng.uniform(1, hours - 0.1))[
                (0, 1, 2, 2, 2)[place % 5]
            ]
            case.filed_at = worked_before(team.slug, team.time_zone, hours=hours - left, now=now)
            cases.append(case)
    return cases


def _other_open_ones(rng: Random, now: datetime) -> list[Case]:
    cases = []
    for fate, count in FATES_OF_NOW:
        for _ in range(count):
            team = rng.choice(TEAMS[:2])
            filed_at = now - timedelta(hours=rng.uniform(1, 60))
            case = _case(rng, team, fate, filed_at, needs_signature=fate in NEEDS_A_SIGNATURE)
            if fate is Fate.LACKS_EVIDENCE:
                case.reason, case.condition = "damaged", "damaged"
                case.amount_minor = returned_amount(rng, least=120_00, most=900_00)
            cases.append(case)
    for _ in range(EXCEPTIONS_NOW):
        case = _case(rng, rng.choice(TEAMS[:2]), Fate.WAITS, now - timedelta(hours=rng.uniform(0.5, 30)))
        case.gap_days = rng.uniform(37, 95)
        if case.reason in {"billing_error", "duplicate_charge"}:
            case.reason, case.condition = "changed_mind", "unopened"
        cases.append(case)
    for _ in range(BLOCKED_NOW):
        team = rng.choice(TEAMS[:2])
        case = _case(rng, team, Fate.COURSE, now - timedelta(hours=rng.uniform(2, 200)))
        case.amount_minor = returned_amount(rng, least=SIGNED_UP_TO[team.slug] + 500_00)
        cases.append(case)
    return cases


def _case(rng: Random, team: DemoTeam, fate: Fate, filed_at: datetime, *, needs_signature: bool = False) -> Case:
    reasons = PLAN_REASONS if team.slug == "eu-saas" else GOODS_REASONS
    reason = rng.choices([code for code, _ in reasons], weights=[weight for _, weight in reasons])[0]
    least = AUTO_UP_TO[team.slug] + 5_00 if needs_signature else 0
    most = SIGNED_UP_TO[team.slug] * 3 // 4 if needs_signature else 10**9
    return Case(
        team=team,
        fate=fate,
        filed_at=filed_at,
        amount_minor=returned_amount(rng, least=least, most=most),
        reason=reason,
        condition="unopened" if team.slug == "eu-saas" else rng.choice(CONDITIONS.get(reason, ("unopened",))),
        gap_days=returned_after(rng, most=25 if needs_signature else 100),
    )


def _office_hours(rng: Random, at: datetime) -> datetime:
    return at.replace(hour=rng.choice((8, 9, 9, 10, 10, 11, 13, 14, 14, 15, 16, 17)), minute=rng.randrange(60))
