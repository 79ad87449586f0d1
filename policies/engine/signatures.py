"""Who signs when people decide: tiers of an amount, steps within a tier, and signatures that only some cases need."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from policies.engine.parts import (
    CategoryWord,
    Currency,
    ExceptionCode,
    Minor,
    Part,
    ReasonWord,
    RiskWord,
    Role,
)

if TYPE_CHECKING:
    from typing import Self

MOST_TIERS = 12
MOST_STEPS = 5
MOST_EXTRAS = 12
MOST_PEOPLE = 10

People = Annotated[int, Field(ge=1, le=MOST_PEOPLE)]


class Step(Part):
    """A signature: how many people of a role, within how many hours, and which role is asked when they let it pass.

    With `out_of` so many vote, and a no ends it only once the quorum is out of reach. A parallel one is waited for
    together with the step before it.
    """

    role: Role
    quorum: People = 1
    sla_hours: Annotated[int, Field(ge=1, le=24 * 90)]
    escalates_to: Role | None = None
    out_of: People | None = None
    is_parallel: bool = False

    @field_validator("out_of")
    @classmethod
    def _enough_people_vote(cls, out_of: int | None, info: ValidationInfo) -> int | None:
        if out_of is not None and out_of < info.data.get("quorum", 1):
            message = "Must not be below quorum: fewer would vote than must agree."
            raise ValueError(message)
        return out_of


def _first_stands_alone(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    if steps and steps[0].is_parallel:
        message = "The first signature has none before it to be together with."
        raise ValueError(message)
    return steps


Steps = Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS), AfterValidator(_first_stands_alone)]


class Tier(Part):
    """The signatures an amount needs, up to a limit."""

    up_to_minor: Minor
    steps: Steps


def _climbing(ladder: tuple[Tier, ...]) -> tuple[Tier, ...]:
    limits = [tier.up_to_minor for tier in ladder]
    if any(upper <= lower for lower, upper in pairwise(limits)):
        message = "Each tier must reach further than the one before it."
        raise ValueError(message)
    return ladder


Ladder = Annotated[tuple[Tier, ...], Field(max_length=MOST_TIERS), AfterValidator(_climbing)]


class When(Part):
    """What brings an extra signature in: of each list that is not empty a word must fit, and the amount be above.

    Amounts are those the tiers go by; a currency that `above_minor` does not name is never above.
    """

    risks: frozenset[RiskWord] = frozenset()
    reasons: frozenset[ReasonWord] = frozenset()
    exception_codes: frozenset[ExceptionCode] = frozenset()
    categories: frozenset[CategoryWord] = frozenset()
    above_minor: dict[Currency, Minor] = {}

    @model_validator(mode="after")
    def _something_is_named(self) -> Self:
        if not any((self.risks, self.reasons, self.exception_codes, self.categories, self.above_minor)):
            message = "Name at least one condition: a signature that is always needed belongs to the tiers."
            raise ValueError(message)
        return self

    def may_hold(self, category: str, currency: str, amount_minor: int) -> bool:
        """Tell whether what is known of every case of a stretch of amounts lets it hold."""
        if self.categories and category not in self.categories:
            return False
        return not self.above_minor or amount_minor > self.above_minor.get(currency, amount_minor)

    def fits(self, risk: str, reason: str, exception_code: str) -> bool:
        """Tell whether what only one case can say lets it hold."""
        return (
            (not self.risks or risk in self.risks)
            and (not self.reasons or reason in self.reasons)
            and (not self.exception_codes or exception_code in self.exception_codes)
        )


class Extra(Step):
    """A signature that only some cases need, after those of the tier, by people who have not signed yet."""

    when: When


class Approval(Part):
    """Who approves: per currency the first tier that reaches the amount, `otherwise` above and elsewhere.

    `also` names who signs besides; one that is parallel is waited for together with the last step before it.
    """

    tiers: dict[Currency, Ladder] = {}
    otherwise: Steps
    also: Annotated[tuple[Extra, ...], Field(max_length=MOST_EXTRAS)] = ()
