"""What is wrong with a code as somebody wrote it, field by field; the same for every door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from config.kernel.refusals import Reason
from config.kernel.wording import said

from .engine.words import EvidenceKind
from .models import WHOLE_BASIS_POINTS
from .vocabulary import CodeKind, LeakageClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_PROMISE_HOURS = 24 * 365
LONGEST = {"label": 80, "hint": 240, "owner": 80, "playbook": 4000, "when_to_use": 4000, "when_not_to_use": 4000}

WORD_OF: Final = {
    CodeKind.REASON: (
        re.compile(r"[a-z][a-z0-9_]{1,39}"),
        said("Use small letters and underscores, such as wrong_item."),
    ),
    CodeKind.EXCEPTION: (
        re.compile(r"[A-Z][A-Z0-9_]{1,39}"),
        said("Use capitals, digits and underscores, such as WINDOW_EXPIRED."),
    ),
}
_NEEDED = {
    "label": said("Say what people call this code."),
    "owner": said("Name the team that answers for this code."),
    "playbook": said("Say what to do when this code occurs."),
}


def code_faults(kind: CodeKind, code: str, words: Mapping[str, object]) -> list[Reason]:
    """List every fault; `words` are the columns of a code by name. Nobody owns a code without owner and playbook."""
    return [Reason("invalid", sentence, field) for field, sentence in _faults(kind, code, words)]


def _faults(kind: CodeKind, code: str, words: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    pattern, sentence = WORD_OF[kind]
    if not pattern.fullmatch(code):
        yield "code", sentence
    for field, needed in _NEEDED.items():
        if not str(words.get(field) or "").strip():
            yield field, needed
    for field, longest in LONGEST.items():
        if len(str(words.get(field) or "")) > longest:
            yield field, said("At most {longest} characters.", longest=longest)
    if words.get("leakage_class") not in LeakageClass.values:
        yield "leakage_class", said("Choose whether better work would have kept the money.")
    hours = words.get("sla_hours")
    if not isinstance(hours, int) or not 1 <= hours <= LONGEST_PROMISE_HOURS:
        yield "sla_hours", said("Promise a whole number of hours, at least one and at most a year.")
    share = words.get("most_share_basis_points")
    if share is not None and (not isinstance(share, int) or not 0 <= share <= WHOLE_BASIS_POINTS):
        yield "most_share_basis_points", said("A share lies between nothing and everything: 0 to 10,000.")
    kinds = words.get("evidence_kinds")
    unknown = sorted(set(kinds) - set(EvidenceKind)) if isinstance(kinds, list | tuple) else []
    if unknown:
        yield "evidence_kinds", said("There is no evidence of the kind {kinds}.", kinds=", ".join(map(str, unknown)))
