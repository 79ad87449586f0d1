"""What we write about, and which words a text about it may use; closed lists, so that no letter leaves with a hole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.kernel.wording import said
from evidence.vocabulary import Event, Language

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Word:
    """One merge field: what stands in its place, and an example of it in each language."""

    meaning: str
    examples: Mapping[Language, str]


def _same(meaning: str, example: str) -> Word:
    return Word(meaning, dict.fromkeys(Language, example))


WORDS: Final[dict[str, Word]] = {
    "customer": _same(said("The customer's name"), "Ada Lovelace"),
    "order": _same(said("The shop's order number"), "536365"),
    "reference": _same(said("The number of the request"), "RR-7F3K"),
    "team": _same(said("The team that signs"), "UK retail"),
    "amount": Word(said("What goes back"), {Language.ENGLISH: "£25.00", Language.GERMAN: "25,00 £"}),
    "destination": Word(
        said("Where the money goes"),
        {
            Language.ENGLISH: "to the card ending in 4242",
            Language.GERMAN: "auf die Karte mit den Endziffern 4242",
        },
    ),
    "expected": Word(
        said("When to expect it, as a sentence"),
        {
            Language.ENGLISH: "You can expect to see it within 5 to 10 business days.",
            Language.GERMAN: "In der Regel sehen Sie das Geld innerhalb von 5 bis 10 Bankarbeitstagen.",
        },
    ),
    "balance": Word(
        said("All the store credit the customer has"), {Language.ENGLISH: "£40.00", Language.GERMAN: "40,00 £"}
    ),
    "acquirer_reference": _same(said("The number by which the bank finds it"), "74537604221222132710572"),
    "question": Word(
        said("What we ask the customer"),
        {Language.ENGLISH: "Which lamp is broken?", Language.GERMAN: "Welche Lampe ist defekt?"},
    ),
}

WITHOUT_ORDER: Final = ("customer", "reference", "team")
COMMON: Final = (*WITHOUT_ORDER, "order")

USABLE: Final[dict[Event, tuple[str, ...]]] = {
    Event.APPROVED: (*COMMON, "amount", "destination", "expected"),
    Event.DECLINED: COMMON,
    Event.PAID: (*COMMON, "amount", "destination", "expected"),
    Event.TRACEABLE: (*COMMON, "amount", "acquirer_reference"),
    Event.FAILED: (*COMMON, "amount"),
    Event.OTHER_WAY: (*COMMON, "amount", "destination", "expected"),
    Event.CREDITED: (*COMMON, "amount", "balance"),
    Event.GOODWILL: (*WITHOUT_ORDER, "amount", "balance"),
    Event.NO_GOODWILL: WITHOUT_ORDER,
    Event.QUESTION: (*COMMON, "question"),
}
"""The words a text may use."""

NEEDED: Final[dict[Event, tuple[str, ...]]] = {
    Event.APPROVED: ("reference", "amount"),
    Event.DECLINED: ("reference", "order"),
    Event.PAID: ("reference", "amount", "expected"),
    Event.TRACEABLE: ("reference", "acquirer_reference"),
    Event.FAILED: ("reference", "amount"),
    Event.OTHER_WAY: ("reference", "amount", "destination"),
    Event.CREDITED: ("reference", "amount", "balance"),
    Event.GOODWILL: ("reference", "amount", "balance"),
    Event.NO_GOODWILL: ("reference",),
    Event.QUESTION: ("reference", "question"),
}
"""The words a text must use, or it would not tell what it is for."""

_NO_CARDS: Final = {
    Language.ENGLISH: "We never ask for card numbers or passwords by mail; please do not send any.",
    Language.GERMAN: "Wir fragen nie per E-Mail nach Kartennummern oder Passwörtern; bitte senden Sie uns keine.",
}
_RIGHTS: Final = {
    Language.ENGLISH: "Your statutory rights are not affected by this decision.",
    Language.GERMAN: "Ihre gesetzlichen Rechte bleiben von dieser Entscheidung unberührt.",
}


def locked_lines(event: Event, language: Language) -> tuple[str, ...]:
    """Name the lines that stand under every text about this event, whoever wrote it; no editor reaches them."""
    rights = (_RIGHTS[language],) if event in {Event.DECLINED, Event.NO_GOODWILL} else ()
    return (*rights, _NO_CARDS[language])


def examples(event: Event, language: Language) -> dict[str, str]:
    """Give an example of every word of an event."""
    return {word: WORDS[word].examples[language] for word in USABLE[event]}
