"""What changes between two editions, rule by rule, in the words of `describe`."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from policies.engine.describe import describe

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument

_AMOUNT = re.compile(r"[\d,.]+")


class Change(NamedTuple):
    """A rule as it was and as it will be; empty before when it is new, empty after when it goes."""

    before: str
    after: str


def difference(old: PolicyDocument, new: PolicyDocument) -> list[Change]:
    """List every sentence that differs, each beside the one that takes its place.

    Sentences that differ in their amounts alone are the same rule.
    """
    before, after = describe(old), describe(new)
    changes: list[Change] = []
    for tag, i, j, k, m in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag != "equal":
            changes += _paired(before[i:j], after[k:m])
    return changes


def _paired(gone: list[str], come: list[str]) -> list[Change]:
    left = list(come)
    changes = []
    for sentence in gone:
        successor = next((other for other in left if _rule_of(other) == _rule_of(sentence)), "")
        if successor:
            left.remove(successor)
        changes.append(Change(sentence, successor))
    return [*changes, *[Change("", sentence) for sentence in left]]


def _rule_of(sentence: str) -> str:
    head, colon, _ = sentence.partition(":")
    return _AMOUNT.sub("#", head if colon else sentence)
