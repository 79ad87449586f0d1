"""A text with merge fields: checked against its event's closed list, then filled once. A field is a word in braces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said

from .events import NEEDED, USABLE, locked_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evidence.vocabulary import Event, Language

FIELD = re.compile(r"\{([^{}]*)\}")
LONGEST_SUBJECT_LINE = 150
LONGEST_BODY = 4_000


class UnableToWrite(Exception):
    """A word is missing, or there is no text: a message with a hole never leaves."""


def tidied(subject_line: str, body: str) -> tuple[str, str]:
    """Put a subject on one line and give the body one kind of line break, as browsers send others."""
    return on_one_line(subject_line), "\n".join(body.strip().splitlines()) + "\n"


def on_one_line(text: str) -> str:
    """Take the line breaks out of a subject; spaces that do not break stay."""
    return " ".join(part for line in text.splitlines() if (part := line.strip()))


def refuse_faults(event: Event, subject_line: str, body: str) -> None:
    """Refuse a text that cannot be filled.

    :raises Refused: naming every field that the event does not know, that it lacks, or a brace that stands alone
    """
    faults = list(_faults(event, subject_line, body))
    if faults:
        raise Refused.of(faults)


def _faults(event: Event, subject_line: str, body: str) -> Iterator[Reason]:
    if not 0 < len(subject_line) <= LONGEST_SUBJECT_LINE:
        yield Reason(
            "invalid", said("Write a subject of up to {most} characters.", most=LONGEST_SUBJECT_LINE), "subject_line"
        )
    if not 1 < len(body) <= LONGEST_BODY:
        yield Reason("invalid", said("Write a text of up to {most} characters.", most=LONGEST_BODY), "body")
    for place, text in (("subject_line", subject_line), ("body", body)):
        for word in dict.fromkeys(FIELD.findall(text)):
            if word not in USABLE[event]:
                usable = ", ".join(f"{{{one}}}" for one in USABLE[event])
                yield Reason(
                    "unknown_field",
                    said("There is no field “{{{field}}}” here. There are: {usable}.", field=word, usable=usable),
                    place,
                )
        if re.search(r"[{}]", FIELD.sub("", text)):
            yield Reason("unknown_field", said("A brace stands alone; a field is a word between two of them."), place)
    used = set(FIELD.findall(subject_line + body))
    for word in NEEDED[event]:
        if word not in used:
            yield Reason("missing_field", said("The text must use “{{{field}}}”.", field=word), "body")


def filled(text: str, words: Mapping[str, str]) -> str:
    """Put the values in their places, once: what a value says is never read as a field.

    :raises UnableToWrite: naming each word without a value
    """
    missing = sorted({word for word in FIELD.findall(text) if not words.get(word, "").strip()})
    if missing:
        message = f"No value for {', '.join(missing)}."
        raise UnableToWrite(message)
    return FIELD.sub(lambda found: words[found[1]], text)


def closing(event: Event, language: Language, team: str) -> str:
    """Write what stands under every text: the locked lines, and who signs."""
    return "\n" + "\n".join(locked_lines(event, language)) + f"\n\n{team}\n"
