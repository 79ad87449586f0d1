"""A policy as a typed document: what may leave by itself, what needs people, what never leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError, ValidationInfo, field_validator

from policies.engine.conduct import BusinessHours, Hours, Sums, Tenure, Velocity
from policies.engine.parts import (
    DEFAULT,
    Conditions,
    Currency,
    EvidenceDemand,
    ExceptableRule,
    ExceptionCode,
    Exclusions,
    Minor,
    Part,
    ReasonWord,
    ReturnWindows,
    RiskHints,
    Threshold,
    ThresholdKey,
)
from policies.engine.signatures import Approval  # noqa: TC001 - pydantic reads it

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from policies.engine.signatures import Step


NEWEST_SCHEMA: Final = 2
OF_SCHEMA_2: Final = ("sums", "velocity", "tenure", "business_hours", "dispute_deadline_hours", "release_above_minor")
"""Chapters that a document of the first schema cannot have. They are silent there, so that it judges as it ever did."""


class PolicyDocument(Part):
    """One edition of a policy, complete and checked; equal documents judge alike."""

    schema_version: Literal[1, 2] = NEWEST_SCHEMA
    thresholds: dict[ThresholdKey, dict[Currency, Threshold]]
    return_windows: ReturnWindows = ReturnWindows()
    conditions: Conditions = Conditions()
    exclusions: Exclusions = Exclusions()
    reasons_always_escalated: frozenset[ReasonWord] = frozenset()
    reasons_blocked: frozenset[ReasonWord] = frozenset()
    open_dispute: Literal["exception", "block"] = "block"
    evidence: dict[ReasonWord, EvidenceDemand] = {}
    approval: Approval
    exception_codes: dict[ExceptableRule, frozenset[ExceptionCode]] = {}
    risk: RiskHints = RiskHints()
    sums: Sums = Sums()
    velocity: Velocity = ()
    tenure: Tenure | None = None
    business_hours: BusinessHours | None = None
    dispute_deadline_hours: Hours | None = None
    release_above_minor: dict[Currency, Minor] = {}

    @field_validator(*OF_SCHEMA_2)
    @classmethod
    def _schema_knows_the_chapter(cls, chapter: Any, info: ValidationInfo) -> Any:
        silent = cls.model_fields[str(info.field_name)].default
        if info.data.get("schema_version") == 1 and chapter != silent:
            message = "Needs schema_version 2."
            raise ValueError(message)
        return chapter

    @field_validator("thresholds")
    @classmethod
    def _something_is_decided(cls, thresholds: dict[str, dict[str, Threshold]]) -> dict[str, dict[str, Threshold]]:
        if not any(thresholds.values()):
            message = "Name the bands of at least one currency."
            raise ValueError(message)
        return thresholds

    def threshold_for(self, category: str, currency: str) -> Threshold | None:
        """Find the bands of a category in a currency, its own before the default's; None when neither has any."""
        own = self.thresholds.get(category)
        found = own.get(currency) if own else None
        return found or self.thresholds.get(DEFAULT, {}).get(currency)

    def steps_for(self, amount_minor: int, currency: str) -> tuple[Step, ...]:
        """Name the signatures an amount needs."""
        for tier in self.approval.tiers.get(currency, ()):
            if amount_minor <= tier.up_to_minor:
                return tier.steps
        return self.approval.otherwise

    def waits_for_release(self, amount_minor: int, currency: str) -> bool:
        """Tell whether approved money of this amount waits until somebody without a part in it releases it."""
        limit = self.release_above_minor.get(currency)
        return limit is not None and amount_minor > limit

    def legal_basis(self, reason: str, claimed: str) -> str:
        """Name the ground goods come back on: the one that was claimed, else the reason's; empty when neither is."""
        return claimed or self.return_windows.legal_basis_by_reason.get(reason, "")

    def window_days(self, reason: str, product_categories: Sequence[str], claimed_basis: str = "") -> int | None:
        """Find the strictest return window for goods of these categories; None when nothing limits it."""
        windows = self.return_windows
        if reason in windows.days_by_reason and not claimed_basis:
            return windows.days_by_reason[reason]
        window = windows.days_by_legal_basis.get(self.legal_basis(reason, claimed_basis), windows)
        by_product = window.days_by_product_category
        if not by_product or not product_categories:
            return window.default_days
        limits = [by_product.get(product, window.default_days) for product in product_categories]
        return min((days for days in limits if days is not None), default=None)

    def accepted_conditions(self, reason: str) -> frozenset[str]:
        """Name the states in which goods are accepted for a reason."""
        return self.conditions.accepted_by_reason.get(reason, self.conditions.accepted)


class MalformedDocument(ValueError):
    """The document cannot be a policy; `errors` lists (path, sentence) pairs."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {sentence}" for path, sentence in errors))
        self.errors = errors


def parse_document(raw: dict[str, Any]) -> PolicyDocument:
    """Read a document from JSON types, strictly: no number as text, no unknown field.

    :raises MalformedDocument: with the path of each faulty field, `thresholds.refund.GBP.approve_up_to_minor`
    """
    try:
        # Strict mode takes lists for sets and words for enums only from JSON text.
        text = json.dumps(raw, allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise MalformedDocument([("document", f"Is not JSON: {problem}.")]) from problem
    try:
        return PolicyDocument.model_validate_json(text)
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        found = [(_path(error), _sentence(error)) for error in errors if not _follows(error, errors)]
        raise MalformedDocument(list(dict.fromkeys(found))) from problem


def document_json(document: PolicyDocument) -> dict[str, Any]:
    """Write a document as JSON types, sets sorted, so that equal documents give equal text."""
    dumped: dict[str, Any] = _sorted(document.model_dump())
    return dumped


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _sorted(inner) for key, inner in value.items()}
        case set() | frozenset():
            return sorted(_sorted(inner) for inner in value)
        case list() | tuple():
            return [_sorted(inner) for inner in value]
        case str():
            return str(value)
        case _:
            return value


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Tell whether a list is only short because pydantic did not count a faulty entry, which is named itself."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in errors
    )


def _path(error: ErrorDetails) -> str:
    return ".".join(str(step) for step in error["loc"] if step != "[key]") or "document"


_SENTENCES: Final = {
    "missing": "Is required.",
    "extra_forbidden": "Is not a field of a policy.",
    "literal_error": "{input!r} is not {expected}.",
    "greater_than_equal": "Must be {ge} or more.",
    "less_than_equal": "Must be {le} or less.",
    "too_short": "Needs at least {min_length}.",
    "too_long": "Takes {max_length} at most.",
    "int_type": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "value_error": "{error}",
}
"""Plain words for pydantic's error types; the rest speak for themselves."""


def _sentence(error: ErrorDetails) -> str:
    pattern = _SENTENCES.get(error["type"])
    if pattern is None:
        return error["msg"] + "."
    return pattern.format(input=error["input"], **error.get("ctx", {}))
