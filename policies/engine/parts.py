"""The chapters of a policy document, each strict, frozen and limited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from config.kernel.money import LARGEST_MINOR, known_currency
from policies.engine.words import Category, Condition, EvidenceKind, LegalBasis, Reason, Risk, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST_WINDOW_DAYS = 3650
DEFAULT: Final = "default"
"""The key of the bands every category without its own falls back to."""
EXCEPTABLE: Final = (
    Rule.PAYMENT_FOUND,
    Rule.OPEN_DISPUTE,
    Rule.RETURN_WINDOW,
    Rule.FINAL_SALE,
    Rule.EXCLUDED_PRODUCT,
    Rule.CONDITION,
    Rule.VELOCITY,
)
"""The rules a reviewer may set aside with a code; thresholds, balances and blocked reasons are not among them."""


def _currency(code: str) -> str:
    if not known_currency(code):
        message = f"{code} is not an ISO 4217 currency."
        raise ValueError(message)
    return code


def one_of(words: Iterable[str]) -> Callable[[str], str]:
    """Make a check that a word is on a closed list."""
    known = tuple(str(word) for word in words)

    def check(word: str) -> str:
        if word not in known:
            message = f"{word!r} is not one of {', '.join(known)}."
            raise ValueError(message)
        return word

    return check


Currency = Annotated[str, AfterValidator(_currency)]
Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR)]
Days = Annotated[int, Field(ge=0, le=LONGEST_WINDOW_DAYS)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
ProductCategory = Annotated[str, Field(min_length=1, max_length=60)]
ExceptionCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")]
Role = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]
ThresholdKey = Annotated[str, AfterValidator(one_of([DEFAULT, *Category]))]
ReasonWord = Annotated[str, AfterValidator(one_of(Reason))]
ConditionWord = Annotated[str, AfterValidator(one_of(Condition))]
LegalBasisWord = Annotated[str, AfterValidator(one_of(LegalBasis))]
EvidenceWord = Annotated[str, AfterValidator(one_of(EvidenceKind))]
RiskWord = Annotated[str, AfterValidator(one_of(Risk))]
CategoryWord = Annotated[str, AfterValidator(one_of(Category))]
ExceptableRule = Annotated[str, AfterValidator(one_of(EXCEPTABLE))]


class Part(BaseModel):
    """A chapter: no unknown field, no number as text, no change once read."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Threshold(Part):
    """Three bands of an amount in minor units: automatic up to, approved by people up to, blocked above."""

    auto_up_to_minor: Minor
    approve_up_to_minor: Minor

    @field_validator("approve_up_to_minor")
    @classmethod
    def _bands_are_ordered(cls, approve_up_to_minor: int, info: ValidationInfo) -> int:
        if approve_up_to_minor < info.data.get("auto_up_to_minor", 0):
            message = "Must not be below auto_up_to_minor: the bands would overlap."
            raise ValueError(message)
        return approve_up_to_minor


class BasisWindow(Part):
    """The window of one legal basis: days for all goods, others by product category; null means without limit."""

    default_days: Days | None
    days_by_product_category: dict[ProductCategory, Days | None] = {}


class ReturnWindows(Part):
    """Days in which goods may come back; null means without limit.

    A reason's own window goes first, then the window of its legal basis, then that of the product.
    """

    default_days: Days | None = None
    days_by_product_category: dict[ProductCategory, Days | None] = {}
    days_by_legal_basis: dict[LegalBasisWord, BasisWindow] = {}
    legal_basis_by_reason: dict[ReasonWord, LegalBasisWord] = {}
    days_by_reason: dict[ReasonWord, Days | None] = {}

    @field_validator("days_by_reason")
    @classmethod
    def _windows_do_not_overlap(cls, days_by_reason: dict[str, int | None], info: ValidationInfo) -> dict[str, Any]:
        windows, bases = info.data.get("days_by_legal_basis", {}), info.data.get("legal_basis_by_reason", {})
        twice = sorted(reason for reason in days_by_reason if bases.get(reason) in windows)
        if twice:
            message = f"{', '.join(twice)}: the window of its legal basis would overlap with one of its own; name one."
            raise ValueError(message)
        return days_by_reason


class Conditions(Part):
    """States in which goods are accepted, by reason where it matters, and the share kept back for restocking."""

    accepted: frozenset[ConditionWord] = frozenset(Condition)
    accepted_by_reason: dict[ReasonWord, frozenset[ConditionWord]] = {}
    restocking_basis_points: dict[ConditionWord, BasisPoints] = {}
    restocking_reasons: frozenset[ReasonWord] = frozenset({Reason.CHANGED_MIND})


class Exclusions(Part):
    """Goods that only come back as an exception."""

    excludes_final_sale: bool = True
    product_categories: frozenset[ProductCategory] = frozenset()


class EvidenceDemand(Part):
    """Evidence that must be there above an amount; a currency not named demands none, since it is never automatic."""

    kinds: frozenset[EvidenceWord] = Field(min_length=1)
    above_minor: dict[Currency, Minor] = Field(min_length=1)


class RiskHints(Part):
    """What makes a request worth a closer look; it never changes an outcome, only who signs."""

    new_customer_days: Days = 30
    reasons: frozenset[ReasonWord] = frozenset({Reason.FRAUDULENT})
    large_above_minor: dict[Currency, Minor] = {}
