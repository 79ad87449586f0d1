"""Catalogues as files: sorted, without places and dates, so that two people's work meets in few lines."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from .places import AREAS, LANGUAGES, catalogue
from .sources import Marked, marked_by_area

if TYPE_CHECKING:
    from pathlib import Path

Translation = str | tuple[str, ...]


def read(path: Path, language: str) -> dict[Marked, Translation]:
    """Read a catalogue; nothing where there is none."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=language, abort_invalid=True)
    return {marked_of(message): _said(message.string) for message in found if message.id}


def _said(words: object) -> Translation:
    return tuple(map(str, words)) if isinstance(words, list | tuple) else str(words or "")


def marked_of(message: object) -> Marked:
    """Name an entry of a catalogue as the sources do."""
    context, ids = message.context or "", message.id  # type: ignore[attr-defined]
    return Marked(context, *ids) if isinstance(ids, tuple) else Marked(context, ids)


def written(texts: dict[Marked, Translation], language: str) -> bytes:
    """Write a catalogue as it is kept."""
    made = Catalog(locale=language)
    for text, translation in sorted(texts.items()):
        made.add(text.id, string=translation, context=text.context or None)
    out = BytesIO()
    write_po(out, made, width=0, omit_header=True, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {made.plural_forms}\\n"\n\n'
    )
    return header.encode() + out.getvalue().strip() + b"\n"


def update() -> dict[str, int]:
    """Bring every catalogue up to date: new texts empty, forgotten ones gone; answers how many wait, by language."""
    found = marked_by_area()
    waiting = {}
    for language in LANGUAGES:
        known: dict[Marked, Translation] = {}
        for area in reversed(AREAS):
            known |= {
                text: words for text, words in read(catalogue(area, language), language).items() if is_said(words)
            }
        waiting[language] = 0
        for area in AREAS:
            texts = {text: known.get(text, ("", "") if text.many else "") for text in found[area]}
            waiting[language] += sum(not is_said(words) for words in texts.values())
            path = catalogue(area, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != written(texts, language):
                path.write_bytes(written(texts, language))
    return waiting


def is_said(words: Translation) -> bool:
    """Tell whether there is a translation, of each number where there are several."""
    return all(words) if isinstance(words, tuple) else bool(words)
