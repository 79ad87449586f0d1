"""The catalogues as Django reads them, in a folder named after what they were made of: none can be out of date."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from .files import is_said, read
from .places import AREAS, LANGUAGES, PROJECT, catalogue
from .pseudo import pseudo

if TYPE_CHECKING:
    from .files import Translation
    from .sources import Marked

PSEUDO: Final = "qps"
KEPT_SECONDS: Final = 7 * 24 * 60 * 60


def compiled(kept_in: Path) -> Path:
    """Answer the folder of the compiled catalogues, made when there is none of these very texts."""
    folder = kept_in / digest()
    if folder.exists():
        return folder
    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=kept_in))
    except OSError:
        # Nothing may be written there: this process keeps its own until it ends.
        draft = Path(tempfile.mkdtemp(prefix="redress-locale-"))
        atexit.register(shutil.rmtree, draft, ignore_errors=True)
        compile_into(draft)
        return draft
    compile_into(draft)
    draft.chmod(0o755)
    try:
        draft.rename(folder)
    except OSError:
        # Another process was faster, with the same result.
        shutil.rmtree(draft)
    forget_old_ones(kept_in)
    return folder


def digest() -> str:
    """Return what the catalogues, and the code that compiles them, hash to."""
    hashed = hashlib.sha256()
    sources = [catalogue(area, language) for area in AREAS for language in LANGUAGES]
    for path in (*sources, *sorted(Path(__file__).parent.glob("*.py"))):
        hashed.update(f"{path.relative_to(PROJECT)}\n".encode())
        hashed.update(path.read_bytes() if path.exists() else b"")
    return hashed.hexdigest()[:16]


def compile_into(folder: Path) -> None:
    """Write one file a language, and the one that is made up."""
    said: dict[str, dict[Marked, Translation]] = {}
    for language in LANGUAGES:
        said[language] = {}
        for area in reversed(AREAS):
            said[language] |= read(catalogue(area, language), language)
    texts = {text for language in LANGUAGES for text in said[language]}
    said[PSEUDO] = {text: (pseudo(text.one), pseudo(text.many)) if text.many else pseudo(text.one) for text in texts}
    for language, translations in said.items():
        made = Catalog(locale="en" if language == PSEUDO else language)
        for text, words in translations.items():
            if is_said(words):
                made.add(text.id, string=words, context=text.context or None)
        home = folder / language / "LC_MESSAGES"
        home.mkdir(parents=True)
        with (home / "django.mo").open("wb") as file:
            write_mo(file, made)


def forget_old_ones(kept_in: Path) -> None:
    """Remove what nobody made of late: a process of the release before may still want yesterday's."""
    for folder in kept_in.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
