"""The texts Redress comes with: the first edition of each, installed when it is first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence.vocabulary import Event, Language

FOLDER = Path(__file__).parent / "texts"


@cache
def supplied_text(event: Event, language: Language) -> tuple[str, str]:
    """Read the subject line and the body of one file; the first line is the subject."""
    subject_line, _, body = (FOLDER / f"{event}.{language}.txt").read_text("utf-8").strip().partition("\n")
    return subject_line.strip(), body.strip() + "\n"
