"""Filling an edition: in the customer's language where there is one, with the closing that nobody edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence.vocabulary import Channel, Event, Language

from .editions import edition_in_use
from .events import USABLE, examples
from .text import UnableToWrite, closing, filled, on_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence.models import MessageTemplate

FALLBACK = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Composed:
    """What a customer would read; `closing` is the end of `body` that nobody edits."""

    edition: MessageTemplate
    subject_line: str
    body: str
    closing: str


def language_for(wanted: str) -> Language:
    """Choose the language of a message for a customer who reads `wanted`, a BCP 47 tag such as `de-AT` or nothing."""
    spoken = _primary(wanted)
    return Language(spoken) if spoken in Language.values else FALLBACK


def lacks_text_in(wanted: str) -> bool:
    """Tell whether a customer who reads `wanted` gets another language instead."""
    return _primary(wanted) not in {"", *Language.values}


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


def compose(*, event: str, language: Language, words: Mapping[str, str], channel: Channel = Channel.MAIL) -> Composed:
    """Fill the edition in use.

    :raises UnableToWrite: for an unknown event, or naming each word without a value
    """
    if event not in Event.values:
        message = f"{event!r} is nothing we write about."
        raise UnableToWrite(message)
    return compose_from(edition_in_use(Event(event), language, channel), words)


def compose_from(edition: MessageTemplate, words: Mapping[str, str]) -> Composed:
    """Fill one edition.

    :raises UnableToWrite: naming each word without a value
    """
    event = Event(edition.event)
    known = {word: words.get(word, "") for word in USABLE[event]}
    subject_line = on_one_line(filled(edition.subject_line, known))
    end = closing(event, Language(edition.language), known["team"])
    return Composed(edition, subject_line, filled(edition.body, known) + end, end)


def example_of(edition: MessageTemplate) -> Composed:
    """Fill an edition with examples."""
    return compose_from(edition, examples(Event(edition.event), Language(edition.language)))
