"""The chapters about who asks how often, since when, and at what hour."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from policies.engine.parts import BasisPoints, Currency, Days, Minor, Part, one_of
from policies.engine.words import Outcome, Per

if TYPE_CHECKING:
    from collections.abc import Iterable

WINDOWS_DAYS: Final = (1, 7, 30, 90, 365)
"""A closed list, so that the facts of every decision know them all and any draft can be tried on any decision."""

PerWord = Annotated[str, AfterValidator(one_of(Per))]
WindowDays = Literal[1, 7, 30, 90, 365]
MOST_LIMITS = 12
MOST_SPANS = 14
MOST_HOLIDAYS = 400


class Sums(Part):
    """What is added to an amount before its bands, evidence and signatures are asked, so that splitting does not help.

    `same_charge` adds all that went back or is spoken for on the same purchase, by whichever of its charges, ever; the
    others what the customer asked
    for, or the agent entered, within so many days. The largest of them counts.
    """

    same_charge: bool = False
    customer_days: WindowDays | None = None
    agent_days: WindowDays | None = None


class VelocityLimit(Part):
    """How often, how much, and what share of the purchases may go back within a window, this outflow included."""

    per: PerWord
    window_days: WindowDays
    most_count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    most_minor: dict[Currency, Minor] = {}
    most_share_basis_points: BasisPoints | None = None
    outcome: Literal["require_approval", "exception", "block"] = "require_approval"

    @field_validator("most_share_basis_points")
    @classmethod
    def _agents_buy_nothing(cls, share: int | None, info: ValidationInfo) -> int | None:
        if share is not None and info.data.get("per") == Per.AGENT:
            message = "An agent buys nothing, so there is no share; limit her count or her money."
            raise ValueError(message)
        return share

    @field_validator("outcome")
    @classmethod
    def _something_is_limited(cls, outcome: str, info: ValidationInfo) -> str:
        said = [info.data.get(name) for name in ("most_count", "most_share_basis_points")]
        if not info.data.get("most_minor") and all(limit is None for limit in said):
            message = "Limit a count, an amount or a share."
            raise ValueError(message)
        return outcome

    @property
    def severity(self) -> Outcome:
        """What happens above the limit."""
        return Outcome(self.outcome)


def _named_once(limits: tuple[VelocityLimit, ...]) -> tuple[VelocityLimit, ...]:
    seen = [(limit.per, limit.window_days, limit.outcome) for limit in limits]
    for per, days, outcome in seen:
        if seen.count((per, days, outcome)) > 1:
            message = f"Two limits per {per} over {days} days with the outcome {outcome} overlap; make them one."
            raise ValueError(message)
    return limits


Velocity = Annotated[tuple[VelocityLimit, ...], Field(max_length=MOST_LIMITS), AfterValidator(_named_once)]


class Tenure(Part):
    """A customer for less than so many days, or for nobody knows how long, gets little without a person.

    A currency that is not named gets nothing automatic.
    """

    minimum_days: Annotated[Days, Field(ge=1)]
    auto_up_to_minor: dict[Currency, Minor] = {}


ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Weekday = Annotated[int, Field(ge=1, le=7)]


@lru_cache(maxsize=1441)
def minutes_of(clock: str) -> int:
    """Count the minutes since midnight of `09:30`."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class Span(Part):
    """Hours of some weekdays, Monday is 1; `closes` is the first minute that no longer belongs to it."""

    weekdays: frozenset[Weekday] = Field(min_length=1)
    opens: ClockTime
    closes: ClockTime

    @field_validator("closes")
    @classmethod
    def _closes_after_it_opens(cls, closes: str, info: ValidationInfo) -> str:
        if "opens" in info.data and minutes_of(closes) <= minutes_of(info.data["opens"]):
            message = "Must be later than opens; hours past midnight are a span of the next day."
            raise ValueError(message)
        return closes

    def covers(self, weekday: int, minute: int) -> bool:
        """Tell whether a minute of a weekday lies within."""
        return weekday in self.weekdays and minutes_of(self.opens) <= minute < minutes_of(self.closes)


def _apart(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for one, other in combinations(spans, 2):
        shared = one.weekdays & other.weekdays
        if (
            shared
            and minutes_of(one.opens) < minutes_of(other.closes)
            and minutes_of(other.opens) < minutes_of(one.closes)
        ):
            message = f"{one.opens} to {one.closes} and {other.opens} to {other.closes} overlap."
            raise ValueError(message)
    return spans


def _days(words: Iterable[str]) -> frozenset[str]:
    for word in words:
        if not _is_day(word):
            message = f"{word!r} is not a day such as 2026-12-25."
            raise ValueError(message)
    return frozenset(words)


def _is_day(word: str) -> bool:
    try:
        # ISO 8601 has other ways to write a day; they would never equal the day somebody asks on.
        return date.fromisoformat(word).isoformat() == word
    except ValueError:
        return False


Holidays = Annotated[frozenset[str], Field(max_length=MOST_HOLIDAYS), AfterValidator(_days)]


class BusinessHours(Part):
    """When somebody could look; outside these hours of the team's own clock only little is automatic.

    A currency that is not named gets nothing automatic outside them.
    """

    spans: Annotated[tuple[Span, ...], Field(min_length=1, max_length=MOST_SPANS), AfterValidator(_apart)]
    closed_on: Holidays = frozenset()
    auto_up_to_minor: dict[Currency, Minor] = {}

    def are_open(self, weekday: int, minute: int, day: str) -> bool:
        """Tell whether somebody could look at this minute."""
        return day not in self.closed_on and any(span.covers(weekday, minute) for span in self.spans)


Hours = Annotated[int, Field(ge=1, le=24 * 60)]
