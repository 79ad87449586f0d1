"""What a model answered, read as strictly as what a stranger posts.

One object with three known fields and nothing else. A reason is one of our codes; a text is plain, short and without
links or markup. Where anything is wrong all of it is refused: half of a bent answer is worth nothing.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence.text import holds_card_number
from refunds.models.proposal import LONGEST_PROPOSAL

from .vocabulary import ProposalKind

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_SUMMARY = 600
LONGEST_CONTENT = 8_000
MOST_TOKENS_SAID = 10_000_000
"""A larger number is no count, and would not fit its column."""

_LINKS_AND_MARKUP = re.compile(
    r"[<>\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]|\]\s*\(|://|\bwww\.|@", re.IGNORECASE
)


class NoProposal(Exception):
    """The answer is none that may be used."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Said(_Strict):
    value: Annotated[str, Field(min_length=1, max_length=LONGEST_PROPOSAL)]
    confidence: Annotated[int, Field(ge=0, le=100)]


class _Answer(_Strict):
    reason_code: _Said | None = None
    summary: _Said | None = None
    message: _Said | None = None


def proposals_in(raw: bytes, *, codes: Collection[str]) -> tuple[list[tuple[ProposalKind, str, int]], int]:
    """Read kinds, texts and confidence from a chat completion, and how many tokens it says it took.

    :raises NoProposal: for whatever is not exactly what was asked for
    """
    try:
        whole = json.loads(raw)
        content = whole["choices"][0]["message"]["content"]
        if not isinstance(content, str) or len(content) > LONGEST_CONTENT:
            raise NoProposal
        answer = _Answer.model_validate_json(content)
    except (ValueError, ValidationError, LookupError, TypeError, RecursionError):
        raise NoProposal from None
    found = [
        (kind, said.value.strip(), said.confidence)
        for kind in ProposalKind
        if (said := getattr(answer, kind.value)) is not None
    ]
    for kind, text, _ in found:
        _check(kind, text, codes)
    return found, _tokens_in(whole)


def _check(kind: ProposalKind, text: str, codes: Collection[str]) -> None:
    if kind is ProposalKind.REASON_CODE:
        if text not in codes:
            raise NoProposal
        return
    too_long = kind is ProposalKind.SUMMARY and len(text) > LONGEST_SUMMARY
    if not text or too_long or _LINKS_AND_MARKUP.search(text) or holds_card_number(text):
        raise NoProposal


def _tokens_in(whole: dict[str, Any]) -> int:
    usage = whole.get("usage")
    said = usage.get("total_tokens") if isinstance(usage, dict) else None
    return said if isinstance(said, int) and 0 < said <= MOST_TOKENS_SAID else 0
