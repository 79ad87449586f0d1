"""Replaying a decision: it is judged again from its stored facts, under its own version, and must say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .engine.document import MalformedDocument, parse_document
from .engine.facts import RefundFacts
from .engine.judgement import judge
from .models import PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from .engine.document import PolicyDocument
    from .engine.verdict import Verdict
    from .models import PolicyDecision


class Difference(NamedTuple):
    """One thing that was said otherwise when it was stored than the engine says now."""

    what: str
    stored: str
    now: str

    def __str__(self) -> str:
        return f"{self.what} was {self.stored}, is now {self.now}"


class Replay(NamedTuple):
    """One decision judged again: the verdict, unless there can be none, and what differs from the stored one."""

    verdict: Verdict | None
    differences: tuple[Difference, ...]


COLUMNS = (
    "id",
    "version_id",
    "version__shadow_since",
    "is_trial",
    "decided_at",
    "reference",
    "outcome",
    "matched_rule",
    "allowed_minor",
    "facts",
    "findings",
)


class Stored(NamedTuple):
    """What is needed of a row, in the order of `COLUMNS`."""

    id: UUID
    version_id: UUID
    shadow_since: datetime | None
    is_trial: bool
    decided_at: datetime
    reference: str
    outcome: str
    matched_rule: str
    allowed_minor: int
    facts: dict[str, Any]
    findings: list[dict[str, Any]]


def _row_of(decision: PolicyDecision) -> Iterator[Any]:
    for column in COLUMNS:
        yield decision.version.shadow_since if column == "version__shadow_since" else getattr(decision, column)


def replay(decision: PolicyDecision) -> Replay:
    """Judge one decision again from its facts, as if its version were asked today."""
    stored = Stored(*_row_of(decision))
    return replay_stored(stored, document_of(stored.version_id))


def was_rewritten(*, is_trial: bool, decided_at: datetime, shadow_since: datetime | None) -> bool:
    """Tell whether the edition that said a trial was taken back since; a version in shadow may become a draft again."""
    return is_trial and (shadow_since is None or decided_at < shadow_since)


def document_of(version_id: UUID) -> PolicyDocument | str:
    """Read a version's document; when it is no policy any more, say why."""
    try:
        return parse_document(PolicyVersion.objects.values_list("document", flat=True).get(pk=version_id))
    except MalformedDocument as fault:
        return f"the document is malformed: {fault}"


def replay_stored(stored: Stored, document: PolicyDocument | str) -> Replay:
    """Judge what was stored by a document; one that cannot be read differs, as facts do that no engine understands."""
    if isinstance(document, str):
        return Replay(None, (Difference("verdict", stored.outcome, f"none, {document}"),))
    try:
        verdict = judge(document, RefundFacts.from_json(stored.facts))
    except Exception as fault:  # noqa: BLE001 - whatever goes wrong is what this looks for, and the next row still counts
        told = f"none, {type(fault).__name__}: {fault}"
        return Replay(None, (Difference("verdict", stored.outcome, told),))
    return Replay(verdict, tuple(_differences(stored, verdict)))


def _differences(stored: Stored, verdict: Verdict) -> Iterator[Difference]:
    compared = (
        ("outcome", stored.outcome, str(verdict.outcome)),
        ("rule that decided", stored.matched_rule, str(verdict.matched_rule)),
        ("allowed amount in minor units", str(stored.allowed_minor), str(verdict.allowed_minor)),
    )
    yield from (Difference(what, then, now) for what, then, now in compared if then != now)
    said = _by_rule((finding["rule"], finding["passed"]) for finding in stored.findings)
    says = _by_rule((finding.rule, finding.passed) for finding in verdict.findings)
    for rule in [*said, *(rule for rule in says if rule not in said)]:
        then, now = _word(said.get(rule)), _word(says.get(rule))
        if then != now:
            yield Difference(f"finding {rule}", then, now)


def _by_rule(findings: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """Say of each rule whether it passed; one that was asked twice passed when it did both times."""
    passed: dict[str, bool] = {}
    for rule, is_passed in findings:
        passed[str(rule)] = passed.get(str(rule), True) and is_passed
    return passed


def _word(passed: bool | None) -> str:  # noqa: FBT001 - an answer of three
    return "not asked" if passed is None else "passed" if passed else "failed"
