"""The laws of language: what is marked is translated, what is printed is marked, and no side is called left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from config.catalogues.files import Translation, is_said, read
from config.catalogues.places import AREAS, LANGUAGES, catalogue
from config.catalogues.pseudo import KEPT, pseudo
from config.catalogues.sources import Marked, marked_by_area
from config.catalogues.unmarked import unmarked_texts
from config.kernel.preferences import Language
from config.language_names import NAMES

PRINTED_AS_THEY_STAND = {
    "templates/api_docs.html": "a page for programmers, whose document is English",
    "templates/refunds/bundle/": "a bundle is taken away and kept, so it is English for everybody",
}
NOT_LANGUAGE = re.compile(
    r"(?:app|model)-\w+(?: model-\w+)? change-form|· · Redress|· Redress|wide|EUR|PDF|SHA-256(?: …)?"
    r"|changed_mind|WINDOW_EXPIRED|amir"
)
"""Names of classes, currencies, formats and examples of what may be typed."""

NO_HELP = re.compile(
    r"\b(?:please|sorry|oops|whoops|unfortunately|an error occurred|something went wrong)\b", re.IGNORECASE
)
"""Words that stand where a sentence should say what is wrong and what to do now."""

CSS = Path(settings.BASE_DIR) / "static" / "css"
SIDED = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
FOUR_SIDES = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-width|border-color|border-style)\s*:\s*([^;{}]+)")
A_VALUE = re.compile(r"(?:[^\s()]|\([^()]*(?:\([^()]*\)[^()]*)*\))+")


def placeholders(text: str) -> set[str]:
    """Find what a text is filled with, and its markup."""
    return {found for found in KEPT.findall(text) if not found.startswith("&")}


def disagreements(text: Marked, words: Translation) -> bool:
    """Tell whether a translation is filled with something else than its text."""
    wanted = placeholders(text.many or text.one)
    may_lack = wanted ^ placeholders(text.one) if text.many else set()
    told = words if isinstance(words, tuple) else (words,)
    return any(not wanted - may_lack <= placeholders(one) <= wanted for one in told)


@pytest.fixture(scope="module")
def marked() -> dict[str, set[Marked]]:
    return marked_by_area()


class TestTone:
    def test_begs_nobody_and_is_sorry_for_nothing(self, marked: dict[str, set[Marked]]) -> None:
        texts = [text.one for area in marked.values() for text in area]

        assert [text for text in texts if NO_HELP.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
class TestACatalogue:
    @pytest.mark.parametrize("area", AREAS)
    def test_says_everything_that_is_marked(self, marked: dict[str, set[Marked]], area: str, language: str) -> None:
        told = {
            text
            for other in AREAS
            for text, words in read(catalogue(other, language), language).items()
            if is_said(words)
        }

        assert marked[area] - told == set(), "Run python -m config.catalogues update, and translate what is empty."

    def test_is_filled_with_the_same_things(self, language: str) -> None:
        wrong = [
            f"{area}: {text.one} -> {words}"
            for area in AREAS
            for text, words in read(catalogue(area, language), language).items()
            if is_said(words) and disagreements(text, words)
        ]

        assert wrong == []

    def test_is_certain(self, language: str) -> None:
        assert [area for area in AREAS if "#, fuzzy" in catalogue(area, language).read_text()] == []

    def test_says_a_text_in_one_way(self, language: str) -> None:
        said: dict[tuple[str, str], set[Translation]] = {}
        for area in AREAS:
            for text, words in read(catalogue(area, language), language).items():
                if is_said(words):
                    said.setdefault((text.context, text.one), set()).add(words)

        assert {text: ways for text, ways in said.items() if len(ways) > 1} == {}


class TestTemplates:
    def test_mark_what_they_print(self) -> None:
        bare = [
            line
            for line in unmarked_texts()
            if not line.startswith(tuple(PRINTED_AS_THEY_STAND)) and not NOT_LANGUAGE.fullmatch(line.partition(": ")[2])
        ]

        assert bare == []


class TestTheMadeUpLanguage:
    def test_is_longer_and_keeps_what_is_filled_in(self) -> None:
        text = "Nothing of %(amount)s is left, says <b>{name}</b>."

        assert placeholders(pseudo(text)) == placeholders(text)
        assert len(pseudo(text)) > 1.3 * len(text)

    def test_is_offered_where_the_others_are_and_known_to_the_table(self) -> None:
        assert set(Language.values) == {"", *NAMES}


class TestStylesheets:
    @pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda sheet: sheet.name)
    def test_know_a_beginning_and_an_end_but_no_left_and_right(self, sheet: Path) -> None:
        rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        lopsided = [
            found.group().strip()
            for found in FOUR_SIDES.finditer(rules)
            if len(sides := A_VALUE.findall(found[1])) == 4 and sides[1] != sides[3]
        ]

        assert SIDED.findall(rules) + lopsided == []
