"""The thresholds: as an administrator set them, else as the standard says; every change on the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_OID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from analytics.models import RemediationRule
from approvals.guards import check_right
from config.kernel.refusals import Reason, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from policies.engine.amounts import share_words
from policies.vocabulary import CodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import User

CHANGES_RULE: Final = "analytics.change_remediationrule"

THRESHOLDS: Final = (
    "days", "least_count", "frequent_count", "amber_share_basis_points", "red_share_basis_points",
    "amber_leakage_basis_points", "red_leakage_basis_points", "least_days", "test_weeks",
)  # fmt: skip

STANDARD: Final[Mapping[str, Mapping[str, int]]] = {
    # An exception is a departure from policy: a twentieth of all requests is a policy that does not fit.
    CodeKind.EXCEPTION: dict(zip(THRESHOLDS, (30, 10, 100, 200, 500, 100, 200, 5, 4), strict=True)),
    # Every request has a reason, so its share is larger, and what counts is whether the money was due.
    CodeKind.REASON: dict(zip(THRESHOLDS, (30, 20, 500, 1500, 2500, 100, 200, 5, 4), strict=True)),
}


def rule_of(kind: str) -> RemediationRule:
    """Answer the rule of a kind; where nobody set one, the standard, which is not stored."""
    found = RemediationRule.objects.filter(code_kind=kind).first()
    return RemediationRule(code_kind=kind, **STANDARD[kind]) if found is None else found


def rules() -> list[RemediationRule]:
    """Answer the rule of every kind, exceptions first."""
    return [rule_of(CodeKind.EXCEPTION), rule_of(CodeKind.REASON)]


@transaction.atomic
def set_rule(*, kind: str, thresholds: Mapping[str, int], actor: User, at: datetime) -> RemediationRule:
    """Set the thresholds of a kind of code; items that are open keep their promise.

    :raises NotPermitted: without the right
    :raises Refused: with a reason for each threshold that makes no sense
    """
    check_right(actor, CHANGES_RULE)
    if kind not in STANDARD:
        raise Refused("refused", said("There is no such kind of code."), "code_kind")
    before = RemediationRule.objects.select_for_update().filter(code_kind=kind).first()
    was = rule_of(kind)
    rule = before or RemediationRule(code_kind=kind)
    for name in THRESHOLDS:
        setattr(rule, name, thresholds[name])
    _check(rule)
    changed = {name: [getattr(was, name), getattr(rule, name)] for name in THRESHOLDS}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if before is not None and not changed:
        return rule
    rule.save()
    ledger.record(
        subject=rule_subject(kind),
        kind="remediation_rule.set",
        actor=actor,
        at=at,
        sentence=f"set when {CodeKind(kind).label.lower()}s open a remediation item: {_said(changed)}.",
        data={"code_kind": kind, "changed": changed},
    )
    return rule


def rule_subject(kind: str) -> Subject:
    """Name the rule of a kind in the ledger."""
    return Subject("remediation_rule", uuid5(NAMESPACE_OID, f"remediation_rule:{kind}"))


def red_words(rule: RemediationRule) -> str:
    """Say when a code is red, from the rule itself."""
    return _colour_words(rule, rule.red_share_basis_points, rule.red_leakage_basis_points)


def amber_words(rule: RemediationRule) -> str:
    """Say when a code is amber, from the rule itself."""
    return _colour_words(rule, rule.amber_share_basis_points, rule.amber_leakage_basis_points)


def _colour_words(rule: RemediationRule, share: int, leakage: int) -> str:
    return said(
        "used {count} times or more in {days} days, and in {share} of all requests or more, or leaking {leakage} of "
        "what was refunded in a currency or more",
        count=Decimal(rule.least_count),
        days=rule.days,
        share=share_words(share),
        leakage=share_words(leakage),
    )


def _check(rule: RemediationRule) -> None:
    try:
        rule.full_clean(validate_unique=False)
    except ValidationError as fault:
        told: Any = fault.message_dict
        raise Refused.of(
            Reason("refused", _SENTENCES.get(sentence, sentence), name if name in THRESHOLDS else "")
            for name, sentences in told.items()
            for sentence in sentences
        ) from fault


_SENTENCES: Final = {
    "Constraint “rule_spans_are_sensible” is violated.": said(
        "Look back 7 to 365 days, give 1 to 90 days, test after 1 to 26 weeks."
    ),
    "Constraint “rule_counts_rise” is violated.": said("What is frequent is at least what is enough to tell."),
    "Constraint “rule_thresholds_rise” is violated.": said("Amber comes before red, and neither is above 100 %."),
}


def _said(changed: Mapping[str, list[int]]) -> str:
    written = [f"{name.replace('_', ' ')} {new} (was {old})" for name, (old, new) in changed.items()]
    return ", ".join(written) or "as the standard says"
