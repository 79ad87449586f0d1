"""What a page in the made-up language shows that nobody marked: its words in English letters that are no data."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

import allauth
import django
from babel.messages.mofile import read_mo
from django.db import connection
from psycopg import sql

from config.demo.people import PERSONAS
from config.kernel.people import Team
from config.time_zones import zones
from policies.models import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

STAYS: Final = {
    "Redress": "the portal's own name",
    "Deutsch": "a language is called by its own name",
    "Français": "a language is called by its own name",
    "Adyen": "a maker's name",
    "PayPal": "a maker's name",
    "Stripe": "a maker's name",
    "BAI2": "a format's name",
    "CSV": "a format's name",
    "MT940": "a format's name",
    "OFX": "a format's name",
    "camt.053 (XML": "a format's name",
    "image/jpeg": "a format's name",
    "SHA-256": "a format's name",
    "bytes": "a unit that browsers and people write alike",
    "Broker": "a part of the machinery, as its own library names it",
    "Database": "a part of the machinery, as its own library names it",
    "Migrations": "a part of the machinery, as its own library names it",
    "UTC": "a zone's name",
    "GMT": "a zone's name",
    "BST": "a zone's name",
}
"""English on every page, and why; what stands in a row is data, and stored sentences are English with it."""

STAYS_AS: Final = {
    r"(?:.* )?[Nn]obody can approve .* or more as .*: it needs .*|One approver|with the role “.*": (
        "what the engine says of a policy is English, like the findings that it leaves on the record"
    ),
    r"[\w-]+, [\d-]+ to [\d-]+(?: · Redress)?": "a sample is called what its entry on the ledger calls it",
    r"Card •••• \d{4}": "a way of paying, as its processor calls it",
    r"\d+ (?:hour|day|week|month)s?, \d+ (?:minute|hour|day|week)s?": "how long ago, as Django says it",
    r"not installed": "of a part of the machinery, as the probe answers",
}

OUT_OF_SIGHT: Final = frozenset({"script", "style", "template", "code", "pre", "kbd", "samp"})
"""What machines read, and what is quoted letter by letter."""

READ_ALOUD: Final = ("aria-label", "title", "placeholder", "alt", "data-confirm")

ENGLISH_RUN: Final = re.compile(r"[^⟦⟧\u2066-\u2069\u00c0-\u024f]+")
WORD: Final = re.compile(r"[A-Za-z]*[aceghijklnorstuwyzACEGHIJKLNORSTUWYZ][A-Za-z]*")
"""A word with a letter that the made-up language writes otherwise."""

DAY_OR_AMOUNT: Final = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)\b|\b(?:January|February|March|April|August|September"
    r"|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|UTC|GMT|BST|v[0-9]+)\b|US\$|\b[0-9a-f]{8,64}\b"
)
"""What Babel prints of days and money, in English here, and hashes."""

LONG_ENOUGH: Final = 20
"""What a library fills in is known by the letters around it."""

FILLED: Final = re.compile(r"%(?:\\\(\w+\\\))?[sd]")
EDGES: Final = " •,.;:·()\u2013—“”\"'|/→←…!?+#%<>="


class Reader(HTMLParser):
    """Collects what a page says, text by text."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._hidden_by = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what is read aloud."""
        told = dict(attrs)
        if self._hidden_by:
            return
        if tag in OUT_OF_SIGHT:
            self._hidden_by = tag
            return
        self.texts += [told[name] or "" for name in READ_ALOUD if name in told]
        if tag == "input" and told.get("type") in {"submit", "button", "reset"}:
            self.texts.append(told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        """See what follows what was hidden."""
        if tag == self._hidden_by:
            self._hidden_by = ""

    def handle_data(self, data: str) -> None:
        """Take what is seen."""
        if not self._hidden_by:
            self.texts.append(data)


class Known:
    """What may be English: what stands in a row, and what Django and allauth say themselves."""

    def __init__(self) -> None:
        """Read all rows."""
        stored, said = set(_stored()), set(_said_by_libraries())
        names = (text.strip(EDGES) for text in stored if not (text.islower() and text.isalpha()))
        people = (f"{one.username.capitalize()} {one.last_name}" for one in PERSONAS)
        codes = (*ReasonCode.objects.values_list("pk", flat=True), *Team.objects.values_list("slug", flat=True))
        places = {name.replace("_", " ") for zone in zones() for name in (zone, zone.partition("/")[0])}
        self.names = {*names, *people, *codes, *places, *STAYS}
        self.texts = {_small(text) for text in (*stored, *said, *self.names)}
        self.filled = [re.compile(FILLED.sub(".{1,40}", re.escape(text))) for text in said if _has_words(text)]

    def unmarked_in(self, page: str) -> set[str]:
        """Find the English of a page that is none of it."""
        reader = Reader()
        reader.feed(page)
        found: set[str] = set()
        for text in map(_plain, reader.texts):
            if _small(text) not in self.texts and not any(one.fullmatch(text) for one in self.filled):
                found |= {run.strip(EDGES) for run in ENGLISH_RUN.findall(text)}
        return {run for run in found if self._is_left(run)}

    def _is_left(self, run: str) -> bool:
        """Tell whether it says anything but known texts, or but names, codes, days and amounts one after the other."""
        if _small(run) in self.texts or any(re.fullmatch(like, run) for like in STAYS_AS):
            return False
        words = DAY_OR_AMOUNT.sub("", run).split()
        while words:
            most = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]).strip(EDGES) in self.names), 0)
            if not most and WORD.search(words[0]):
                return True
            del words[: most or 1]
        return False


def _has_words(text: str) -> bool:
    return "%" in text and len(FILLED.sub("", re.escape(text))) > LONG_ENOUGH


def _plain(text: str) -> str:
    return " ".join(text.split())


def _small(text: str) -> str:
    text = text.strip(EDGES)
    return text[:1].lower() + text[1:]


def _stored() -> Iterator[str]:
    """Read every text of every row, also within documents."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(table)))
            for (row,) in cursor.fetchall():
                yield from _texts_in(json.loads(row))


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield _plain(value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)


def _said_by_libraries() -> Iterator[str]:
    for home in (Path(django.__file__).parent, Path(allauth.__file__).parent):
        for catalogue in home.rglob("locale/de/LC_MESSAGES/django.mo"):
            with catalogue.open("rb") as file:
                for message in read_mo(file):
                    yield from map(_plain, message.id if isinstance(message.id, (list, tuple)) else [message.id])
