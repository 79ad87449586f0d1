"""Typed templates: policies to start from, as data. Install one and edit the draft."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from policies.engine.describe import describe
from policies.engine.document import PolicyDocument, parse_document

_FOLDER = Path(__file__).parent


class TypedTemplate(NamedTuple):
    """A policy to start from; `document` is JSON as it will be stored, `parsed` the same, checked.

    `rationale` says why these numbers, and which of them are our own; what they are, the rules say themselves.
    """

    slug: str
    title: str
    currency: str
    tags: tuple[str, ...]
    rationale: str
    document: dict[str, Any]
    parsed: PolicyDocument

    @property
    def sentences(self) -> list[str]:
        """Every limit in words, rendered from the rules."""
        return describe(self.parsed)

    @property
    def description(self) -> str:
        """The same as one text."""
        return " ".join(self.sentences)


@cache
def typed_templates() -> tuple[TypedTemplate, ...]:
    """Read every template once, ordered by slug.

    :raises MalformedDocument: for a template that is no policy
    """
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.json")))


def typed_template(slug: str) -> TypedTemplate | None:
    """Find a template by its slug."""
    return next((template for template in typed_templates() if template.slug == slug), None)


def _read(path: Path) -> TypedTemplate:
    stored = json.loads(path.read_text(encoding="utf-8"))
    document = stored["document"]
    return TypedTemplate(
        slug=stored["slug"],
        title=stored["title"],
        currency=stored["currency"],
        tags=tuple(stored["tags"]),
        rationale=stored["rationale"],
        document=document,
        parsed=parse_document(document),
    )
