"""A made-up year of refunds in which nothing is wrong, and ways to plant something in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from analytics.patterns.rows import Asked, Disputed, Limit, Observed, SharedPhoto, Signed

if TYPE_CHECKING:
    from collections.abc import Sequence

FROM_AT = datetime(2025, 11, 20, tzinfo=UTC)
TO_AT = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = 365

TEAM = 7_001
AGENTS, APPROVERS = tuple(range(7_101, 7_110)), tuple(range(7_201, 7_209))
CUSTOMERS, ORDERS = 1_500, 7_500
RETURNED, NEEDS_SIGNATURE, EXCEPTION, DECLINED = 0.3, 0.7, 0.08, 0.1
LIMIT = Limit(TEAM, "GBP", 100_00)
REASONS = {"changed_mind": 40, "damaged": 20, "not_as_described": 15, "late_delivery": 15, "wrong_item": 10}
CODES = {"GOODWILL": 5, "VIP": 3, "OTHER": 2}
SAID = ("Fits the policy.", "Checked with the warehouse.", "Photo shows it.")

STAMPER, SPLITTER, SERIAL, SPLIT_CUSTOMER = APPROVERS[2], AGENTS[4], 500, 900


@dataclass
class Year:
    """The rows of a year while it is being made."""

    chance: Random
    requests: list[Asked]
    decisions: list[Signed]
    photos: list[SharedPhoto]
    disputed: list[Disputed]
    orders: list[int]
    """The customer of each order; the place is the order."""

    def observed(self) -> Observed:
        """Hand it over as the patterns see it."""
        orders_of: dict[int, int] = {}
        for customer in self.orders:
            orders_of[customer] = orders_of.get(customer, 0) + 1
        return Observed(
            from_at=FROM_AT,
            to_at=TO_AT,
            requests=sorted(self.requests, key=lambda one: (one.submitted_at, one.id)),
            decisions=sorted(self.decisions, key=lambda one: (one.decided_at, one.request.id)),
            orders_of=orders_of,
            order_count=len(self.orders),
            identity_count=len(orders_of),
            disputed=self.disputed,
            photos=self.photos,
        )

    def ask(self, order: int, **more: object) -> Asked:
        """Add a request for an order, as chance has it but for what is said."""
        reason = self.pick(REASONS)
        amount_minor = max(round(60_00 * 2.718281828 ** self.chance.gauss(0, 0.6)), 1_00)
        is_exception = self.chance.random() < EXCEPTION
        one = Asked(
            id=UUID(int=self.chance.getrandbits(128), version=4),
            team_id=TEAM,
            agent_id=self.chance.choice(AGENTS),
            customer=self.orders[order],
            order_id=order,
            currency="GBP",
            amount_minor=amount_minor,
            allowed_minor=amount_minor // 2 if is_exception else amount_minor,
            reason=reason,
            exception_code=self.pick(CODES) if is_exception else "",
            submitted_at=FROM_AT + timedelta(seconds=self.chance.randrange(DAYS * 86_400 - 20 * 86_400)),
            refunded_at=None,
            is_decided=True,
            is_declined=self.chance.random() < DECLINED,
            limits=(LIMIT.minor,),
        )
        one = replace(one, **more)  # type: ignore[arg-type]
        if not one.is_declined:
            one = replace(one, refunded_at=one.submitted_at + timedelta(days=2))
        self.requests.append(one)
        return one

    def sign(self, one: Asked) -> None:
        """Have somebody decide on a request, as chance has it."""
        seconds = round(600 * 2.718281828 ** self.chance.gauss(0, 1)) + 5
        files = self.chance.randrange(4)
        self.decisions.append(
            Signed(
                request=one,
                approver_id=self.chance.choice(APPROVERS),
                is_approval=not one.is_declined,
                rationale=self.chance.choice(SAID) if self.chance.random() < 0.2 else f"Seen {len(self.decisions)}.",
                seconds=seconds,
                evidence_count=files,
                opened_count=sum(self.chance.random() < 0.8 for _ in range(files)),
                decided_at=one.submitted_at + timedelta(seconds=seconds),
            )
        )

    def pick(self, weights: dict[str, int]) -> str:
        """Draw a word."""
        return self.chance.choices(list(weights), list(weights.values()))[0]


def clean_year(seed: int) -> Year:
    """Make a year in which everything is drawn alike for everybody."""
    chance = Random(seed)  # noqa: S311 - a made-up world, the same every time
    year = Year(chance, [], [], [], [], [chance.randrange(CUSTOMERS) for _ in range(ORDERS)])
    for order in range(ORDERS):
        if chance.random() < RETURNED:
            one = year.ask(order, submitted_at=FROM_AT + timedelta(seconds=chance.randrange(DAYS * 86_400 - 1)))
            if chance.random() < NEEDS_SIGNATURE:
                year.sign(one)
    return year


def plant_stamper(year: Year) -> None:
    """Let one approver sign without a look."""
    year.decisions = [
        replace(
            one, seconds=4, opened_count=0, rationale="ok", decided_at=one.request.submitted_at + timedelta(seconds=4)
        )
        if one.approver_id == STAMPER
        else one
        for one in year.decisions
    ]


def plant_splitter(year: Year, times: int = 8) -> None:
    """Let one agent file what one customer wants in two parts, a few hours apart."""
    for time in range(times):
        first_at = FROM_AT + timedelta(days=30 + 40 * time)
        for part in range(2):
            year.orders.append(SPLIT_CUSTOMER)
            year.ask(
                len(year.orders) - 1,
                agent_id=SPLITTER,
                amount_minor=92_00,
                allowed_minor=92_00,
                exception_code="",
                submitted_at=first_at + timedelta(hours=3 * part),
            )


def plant_serial(year: Year, orders: int = 14) -> None:
    """Let one identity give back all but one of its orders."""
    for number in range(orders):
        year.orders.append(SERIAL)
        if number:
            year.ask(len(year.orders) - 1, submitted_at=FROM_AT + timedelta(days=20 * number))


def plant_drift(year: Year, code: str = "damaged", part: float = 0.25) -> None:
    """Let a part of what comes in the last eight weeks carry another reason than it would."""
    since = TO_AT - timedelta(weeks=8)
    new: dict[UUID, Asked] = {}
    for place, one in enumerate(year.requests):
        if one.submitted_at >= since and year.chance.random() < part:
            year.requests[place] = new[one.id] = replace(one, reason=code)
    year.decisions = [replace(one, request=new.get(one.request.id, one.request)) for one in year.decisions]


def plant_photo(year: Year) -> Sequence[Asked]:
    """Let two requests that nobody signed, of different customers, come with the same photo."""
    signed = {one.request.id for one in year.decisions}
    unsigned = [one for one in year.requests if one.id not in signed]
    earlier, later = sorted(unsigned[10:12], key=lambda one: one.submitted_at)
    year.photos.append(SharedPhoto(earlier.id, later.id, "exact"))
    return earlier, later


def plant_dispute(year: Year) -> Asked:
    """Let one charge be disputed a day before its refund left."""
    one = next(one for one in year.requests if one.refunded_at is not None)
    assert one.refunded_at is not None
    year.disputed.append(Disputed(one.id, one.refunded_at - timedelta(days=1, hours=1)))
    return one


def planted_year(seed: int) -> Year:
    """Make a year with one of each."""
    year = clean_year(seed)
    plant_photo(year)
    plant_dispute(year)
    plant_drift(year)
    plant_stamper(year)
    plant_splitter(year)
    plant_serial(year)
    return year
