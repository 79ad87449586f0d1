"""What changes between two editions, rule by rule, in the words of `describe`."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from policies.engine.describe import chapters
from policies.engine.signature_words import ALSO_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policies.engine.document import PolicyDocument

_AMOUNT = re.compile(r"[\d,.]+")
_GROUND = re.compile(r"(By [^,:]+), (?:only where|the ground of)")
_NAMED = re.compile(r"[^“]*“[^”]+”")
_WORDS_THAT_TELL = 2


class Change(NamedTuple):
    """A rule as it was and as it will be; empty before when it is new, empty after when it goes."""

    before: str
    after: str


def difference(old: PolicyDocument, new: PolicyDocument) -> list[Change]:
    """List every sentence that differs, chapter by chapter, each beside the one that takes its place.

    1. Sentences with the same head, or that differ in their amounts alone, are the same rule.
    2. Of what is left, those that speak of the same thing are, unless the head is all that tells rules apart.
    """
    changes: list[Change] = []
    for (title, before), (_, after) in zip(chapters(old), chapters(new), strict=True):
        keys = (_rule_of,) if title in _TOLD_BY_THEIR_HEAD else (_rule_of, _subject_of)
        apart = [
            code for code in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes() if code[0] != "equal"
        ]
        gone = [sentence for _, i, j, _, _ in apart for sentence in before[i:j]]
        come = [sentence for _, _, _, k, m in apart for sentence in after[k:m]]
        changes += _paired(gone, come, keys)
    return changes


_TOLD_BY_THEIR_HEAD = {"Thresholds", "Approval", "Exception codes", "Signs of risk"}


def _paired(gone: list[str], come: list[str], keys: Sequence[Callable[[str], str]]) -> list[Change]:
    successors: dict[int, str] = {}
    left = list(come)
    for key in keys:
        for place, sentence in enumerate(gone):
            found = next((other for other in left if key(other) == key(sentence)), "")
            if place not in successors and found:
                left.remove(found)
                successors[place] = found
    changes = [Change(sentence, successors.get(place, "")) for place, sentence in enumerate(gone)]
    return [*changes, *[Change("", sentence) for sentence in left]]


def _rule_of(sentence: str) -> str:
    condition, needs, _ = sentence.partition(ALSO_NEEDS)
    head, colon, _ = sentence.partition(":")
    return _AMOUNT.sub("#", condition if needs else head if colon else sentence)


def _subject_of(sentence: str) -> str:
    """Name what a sentence speaks of: its ground, the word it quotes, else what it begins with."""
    ground = _GROUND.match(sentence)
    if ground is not None:
        return ground[1]
    named = _NAMED.match(sentence)
    head = " ".join(sentence.split()[:_WORDS_THAT_TELL])
    return named[0] if named is not None and sentence.startswith(("For ", "By ", "Goods ")) else head
