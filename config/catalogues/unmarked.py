"""What templates print as it stands: words between the tags, and in the attributes people see or hear."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.template.base import Lexer, TokenType

from .places import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HIDDEN: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for a tag of the template language, so that what surrounds it stays in one piece."""

SEEN: Final = re.compile(r'\s(?:aria-label|title|placeholder|alt|label|note|word|detail|caption)="([^"]*)"')
LEFT_OUT: Final = re.compile(
    r"<(script|style|code|kbd)\b.*?</\1>|<!--.*?-->|<!doctype[^>]*>|&\w+;", re.DOTALL | re.IGNORECASE
)
NOT_WORDS: Final = frozenset({"Redress", "CSV", "Ctrl", "Enter", "Esc", "Shift"})


def unmarked_texts() -> list[str]:
    """Name the words no template asks a translation for, a line each."""
    return [
        f"{path.relative_to(PROJECT)}: {words}"
        for path in sorted((PROJECT / "templates").rglob("*.html"))
        for words in unmarked_in(path)
    ]


def unmarked_in(path: Path) -> Iterator[str]:
    """Find the unmarked words of one template."""
    page = LEFT_OUT.sub(" ", _without_tags(path.read_text()))
    texts = [*re.split(r"<[^<>]*>", page), *SEEN.findall(page)]
    for text in texts:
        words = " ".join(text.replace(HIDDEN, " ").split())
        if re.search(r"[A-Za-z]{2}", words) and words not in NOT_WORDS:
            yield words


def _without_tags(template: str) -> str:
    out, until = [], ""
    for token in Lexer(template).tokenize():
        if until:
            until = "" if token.token_type is TokenType.BLOCK and token.contents.split()[0] in until else until
        elif token.token_type is TokenType.TEXT:
            out.append(token.contents)
        elif token.token_type is TokenType.BLOCK:
            first = token.contents.split()[0]
            if first in {"comment", "blocktranslate", "blocktrans"}:
                until = f"end{first}"
            out.append(HIDDEN)
        elif token.token_type is TokenType.VAR:
            out.append(HIDDEN)
    return "".join(out)
