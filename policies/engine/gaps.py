"""What a proof finds: holes in a policy, and rules that do nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple


class Severity(StrEnum):
    """How much it matters, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Kind(StrEnum):
    """What was found."""

    EVERYTHING_IS_BLOCKED = "everything_is_blocked"
    NOTHING_IS_AUTOMATIC = "nothing_is_automatic"
    CURRENCY_WITHOUT_BANDS = "currency_without_bands"
    CATEGORY_WITHOUT_BANDS = "category_without_bands"
    CATEGORY_BY_DEFAULT = "category_by_default"
    CATEGORY_CLOSED = "category_closed"
    NOTHING_TO_APPROVE = "nothing_to_approve"
    TIERS_END_EARLY = "tiers_end_early"
    CURRENCY_WITHOUT_TIERS = "currency_without_tiers"
    EVIDENCE_IN_SOME_CURRENCIES = "evidence_in_some_currencies"
    RULE_WITHOUT_CODES = "rule_without_codes"
    LIMIT_OF_NOTHING = "limit_of_nothing"
    EXTRA_IN_SOME_CURRENCIES = "extra_in_some_currencies"
    EXTRA_CODE_NEVER_GRANTED = "extra_code_never_granted"
    REASON_BLOCKED_AND_ESCALATED = "reason_blocked_and_escalated"
    RULE_ON_A_BLOCKED_REASON = "rule_on_a_blocked_reason"
    EVIDENCE_NEVER_ASKED = "evidence_never_asked"
    TIER_NEVER_REACHED = "tier_never_reached"
    TIER_LIKE_THE_NEXT = "tier_like_the_next"
    EXTRA_NEVER_ASKED = "extra_never_asked"
    LIMIT_SHADOWED = "limit_shadowed"
    TENURE_CHANGES_NOTHING = "tenure_changes_nothing"
    HOURS_CHANGE_NOTHING = "hours_change_nothing"
    RESTOCKING_NEVER_KEPT = "restocking_never_kept"
    CODES_NEVER_NEEDED = "codes_never_needed"
    WINDOW_LIKE_THE_USUAL = "window_like_the_usual"
    STATES_LIKE_THE_USUAL = "states_like_the_usual"
    BANDS_LIKE_THE_DEFAULT = "bands_like_the_default"
    NOBODY_MAY_APPROVE = "nobody_may_approve"
    TOO_FEW_PEOPLE = "too_few_people"
    ROLE_UNKNOWN = "role_unknown"
    ROLE_MAY_NOT_SIGN = "role_may_not_sign"
    CODE_UNKNOWN = "code_unknown"
    CODE_NOT_IN_USE = "code_not_in_use"


CHANGES_NOTHING: Final = frozenset(
    {
        Kind.REASON_BLOCKED_AND_ESCALATED,
        Kind.RULE_ON_A_BLOCKED_REASON,
        Kind.EVIDENCE_NEVER_ASKED,
        Kind.TIER_NEVER_REACHED,
        Kind.TIER_LIKE_THE_NEXT,
        Kind.EXTRA_NEVER_ASKED,
        Kind.LIMIT_SHADOWED,
        Kind.TENURE_CHANGES_NOTHING,
        Kind.HOURS_CHANGE_NOTHING,
        Kind.RESTOCKING_NEVER_KEPT,
        Kind.CODES_NEVER_NEEDED,
        Kind.WINDOW_LIKE_THE_USUAL,
        Kind.STATES_LIKE_THE_USUAL,
        Kind.BANDS_LIKE_THE_DEFAULT,
    }
)
"""The rule at the path of such a gap could go, and no outcome and no signature would change."""


class Gap(NamedTuple):
    """One finding of a proof: where in the document, and a sentence for people."""

    kind: Kind
    severity: Severity
    path: str
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON types, to be kept beside a version."""
        return {name: str(value) for name, value in self._asdict().items()}


_RANKS: Final[dict[str, int]] = {severity: rank for rank, severity in enumerate(Severity)}


def worst_first(gaps: list[Gap]) -> tuple[Gap, ...]:
    """Order gaps by how much they matter, else as they were found."""
    return tuple(sorted(gaps, key=lambda gap: _RANKS[gap.severity]))
