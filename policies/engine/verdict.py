"""What the engine answers: an outcome, the findings it rests on, and who decides next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from policies.engine.words import Outcome, Risk

Compared = int | str | bool | None
"""What a finding compares: an amount in minor units, days, a word, a yes or no."""


class Finding(NamedTuple):
    """What one rule said about the facts, in one sentence people read.

    `fact` and `limit` are the two things compared; `outcome_if_failed` is what the rule demands when not passed.
    """

    rule: str
    passed: bool
    sentence: str
    fact: Compared
    limit: Compared
    outcome_if_failed: Outcome

    def to_json(self) -> dict[str, Any]:
        """Write the finding as the API shows it."""
        return {
            "rule": self.rule,
            "passed": self.passed,
            "sentence": self.sentence,
            "fact": self.fact,
            "limit": self.limit,
            "outcome_if_failed": str(self.outcome_if_failed),
        }


class PlannedStep(NamedTuple):
    """One signature the outflow needs: `quorum` people of `role`, within `sla_hours`; levels follow each other.

    Steps of one level are waited for together. With `out_of` so many vote, and a no ends the step only once the quorum
    is out of reach. `escalates_to` is the role asked when they let the time pass.
    """

    level: int
    role: str
    quorum: int
    sla_hours: int
    escalates_to: str | None = None
    out_of: int | None = None


class Verdict(NamedTuple):
    """The answer of a policy to one set of facts.

    `allowed_minor` is what the policy itself allows, before any exception: nothing when it refers or blocks.
    `exception_codes` are the codes that cover every failed rule; `plan` is filled when people must approve.
    `risk_signals` are the sentences that explain `risk`.
    """

    outcome: Outcome
    matched_rule: str
    findings: tuple[Finding, ...]
    allowed_minor: int
    plan: tuple[PlannedStep, ...]
    evidence_missing: tuple[str, ...]
    exception_codes: tuple[str, ...]
    why_not_automatic: list[str]
    risk: Risk
    risk_signals: tuple[str, ...]

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that keep this from being automatic."""
        return tuple(finding for finding in self.findings if not finding.passed)
