"""Sentences that are English wherever they are kept, and speak the reader's language where a page prints them.

`said("Nothing is left of {amount}.", amount=money)` is the English sentence: a plain string to the ledger, the
database, the API, a log or a file. Only a template that prints it, or `told()`, looks it up in the catalogue. So no
language of a reader can reach a record, whoever forgets what.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext, gettext_noop, ngettext, pgettext

from .money import Money, NoAmount
from .printing import isolated, printed, printed_number, reader_locale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.safestring import SafeString

SOURCE: Final = "en-gb"
"""The language the code is written in, and every record with it."""


_NO_AMOUNT: Final = (
    gettext_noop("Enter an amount such as {example}."),
    gettext_noop("That is not an amount we can pay."),
    gettext_noop("{currency} has {digits} decimals."),
)
"""What money says of what is no amount: it knows no catalogue, so its sentences are marked here."""


class Words(str):
    """An English string that knows what it was made of."""

    message = ""
    many = ""
    context = ""
    number = 0
    parts: dict[str, object]

    __slots__ = ("__dict__",)

    def told(self) -> str:
        """Say it in the language that is active now."""
        if self.many:
            sentence = ngettext(self.message, self.many, self.number)
        elif self.context:
            sentence = pgettext(self.context, self.message)
        else:
            sentence = gettext(self.message)
        if not self.parts:
            return sentence
        return sentence.format(**{name: isolated(str(_told_part(part))) for name, part in self.parts.items()})

    def __html__(self) -> SafeString:
        """Be translated where a template prints it: Django asks this of whatever it prints."""
        return escape(self.told())


class JoinedWords(Words):
    """Several sentences, one after the other."""

    __slots__ = ()

    between = " "
    each: tuple[str, ...] = ()

    def told(self) -> str:
        """Say them all."""
        return told(self.between).join(told(one) for one in self.each)


def said(message: str, **parts: object) -> Words:
    """Make a sentence; `{name}` in it stands for a part: words, money, a day, a moment, a number, a name."""
    return _made(message, parts)


def said_as(context: str, message: str, **parts: object) -> Words:
    """Make a sentence of a word that means several things: `said_as("verb", "Open")`."""
    words = _made(message, parts)
    words.context = context
    return words


def counted(one: str, many: str, count: int, **parts: object) -> Words:
    """Make a sentence about a number of things; `{count}` in it stands for the number."""
    parts |= {"count": count}
    words = _made(one if count == 1 else many, parts)
    words.message, words.many, words.number = one, many, count
    return words


def joined(sentences: Iterable[str], between: str = " ") -> Words:
    """Put sentences one after the other, so that each is still told in the reader's language."""
    each = tuple(sentences)
    words = JoinedWords(between.join(each))
    words.between, words.each = between, each
    return words


class InnerWords(Words):
    """Words as they stand inside a sentence."""

    __slots__ = ()

    whole: str = ""

    def told(self) -> str:
        """Say them, their first letter small unless the language writes its nouns large."""
        words = told(self.whole)
        return words if (translation.get_language() or "").startswith("de") else _with_small_letter(words)


def inside(label: str) -> Words:
    """Put a label inside a sentence: `awaiting approval`; a German translation sets it in quotation marks instead."""
    words = InnerWords(_with_small_letter(label))
    words.whole = label
    return words


def _with_small_letter(words: str) -> str:
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def told(thing: object) -> str:
    """Say something in the reader's language: for what a page prints without a template, such as an error of a form."""
    return thing.told() if isinstance(thing, Words) else str(thing)


def why_no_amount(error: ValueError) -> str:
    """Say why what somebody typed is no amount."""
    return said(error.message, **error.parts) if isinstance(error, NoAmount) else str(error)


def printed_for_keeps(template: str, context: Mapping[str, Any]) -> str:
    """Fill a template that is kept or taken away: in English and UTC, whoever asked for it."""
    with translation.override(SOURCE), timezone.override(UTC):
        return render_to_string(template, dict(context))


def _made(message: str, parts: dict[str, object]) -> Words:
    words = Words(message.format(**{name: _kept_part(part) for name, part in parts.items()}) if parts else message)
    words.message, words.parts = message, parts
    return words


def _kept_part(part: object) -> object:
    if isinstance(part, datetime):
        with translation.override(SOURCE), timezone.override(UTC):
            return printed(part, "zoned")
    if isinstance(part, date | Decimal | float):
        with translation.override(SOURCE):
            return _told_part(part)
    return part


def _told_part(part: object) -> object:
    if isinstance(part, Money):
        return part.format(reader_locale())
    if isinstance(part, datetime):
        return printed(part, "zoned")
    if isinstance(part, date):
        return printed(part)
    if isinstance(part, Decimal | float):
        return printed_number(part)
    return told(part) if isinstance(part, Words) else part
