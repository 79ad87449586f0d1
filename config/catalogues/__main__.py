"""The command for whoever marks or translates texts."""

from __future__ import annotations

import sys

from .files import is_said, read, update
from .places import AREAS, LANGUAGES, PROJECT, catalogue
from .unmarked import unmarked_texts


def main(verb: str = "") -> str:
    """Do what was asked and say what came of it."""
    if verb == "update":
        waiting = update()
        return "\n".join(f"{language}: {count} texts wait for a translation" for language, count in waiting.items())
    if verb == "missing":
        return "\n".join(missing())
    if verb == "unmarked":
        return "\n".join(unmarked_texts())
    return __doc__ or ""


def missing() -> list[str]:
    """Name what has no translation, a line each."""
    return [
        f"{catalogue(area, language).relative_to(PROJECT)}: {text.one}"
        for language in LANGUAGES
        for area in AREAS
        for text, words in sorted(read(catalogue(area, language), language).items())
        if not is_said(words)
    ]


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:2]) + "\n")
