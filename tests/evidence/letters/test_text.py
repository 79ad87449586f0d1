"""Texts with merge fields: checked against the closed list of their event, filled once."""

from __future__ import annotations

import re

import pytest

from config.kernel.refusals import Refused
from evidence.letters.composing import compose_from
from evidence.letters.events import NEEDED, USABLE, examples, locked_lines
from evidence.letters.supplied import supplied_text
from evidence.letters.text import UnableToWrite, closing, filled, refuse_faults
from evidence.models import MessageTemplate
from evidence.vocabulary import Event, Language

EVERY = [(event, language) for event in Event for language in Language]


def faults_of(event: Event, subject_line: str, body: str) -> list[tuple[str, str]]:
    """List the codes and sentences of what is refused."""
    with pytest.raises(Refused) as caught:
        refuse_faults(event, subject_line, body)
    return [(reason.code, reason.detail) for reason in caught.value.reasons]


class TestSuppliedTexts:
    """What Redress comes with."""

    @pytest.mark.parametrize(("event", "language"), EVERY)
    def test_fill_completely(self, event: Event, language: Language) -> None:
        subject_line, body = supplied_text(event, language)
        refuse_faults(event, subject_line, body)

        edition = MessageTemplate(event=event, language=language, subject_line=subject_line, body=body, number=1)
        shown = compose_from(edition, examples(event, language))

        assert len(shown.subject_line) < 100
        assert ("536365" in shown.subject_line) == ("order" in USABLE[event])
        assert shown.body.startswith("Dear Ada" if language is Language.ENGLISH else "Guten Tag Ada")
        assert "RR-7F3K" in shown.body
        assert shown.body.endswith("\n\nUK retail\n")
        assert not re.search(r"[{}%]|\n\n\n| {2}| [.,]", shown.subject_line + shown.body)

    @pytest.mark.parametrize(("event", "language"), EVERY)
    def test_end_with_every_locked_line(self, event: Event, language: Language) -> None:
        end = closing(event, language, "North")

        assert all(f"\n{line}\n" in end for line in locked_lines(event, language))
        assert end.endswith("\n\nNorth\n")

    @pytest.mark.parametrize("language", Language)
    def test_never_decline_without_naming_the_customers_rights(self, language: Language) -> None:
        assert re.search("statutory rights|gesetzlichen Rechte", closing(Event.DECLINED, language, "North"))


class TestRefuseFaults:
    """What cannot be filled is never kept."""

    @pytest.mark.parametrize("word", ["rationale", "amount ", "Amount", "", "customer.email", "amount!r"])
    def test_refuses_an_unknown_field_with_its_name(self, word: str) -> None:
        [(code, sentence)] = faults_of(Event.APPROVED, "Hello", f"{{reference}} {{amount}} {{{word}}}")

        assert code == "unknown_field"
        assert f"“{{{word}}}”" in sentence
        assert "{expected}" in sentence

    def test_refuses_a_field_of_another_event(self) -> None:
        assert ("unknown_field", "amount") in [
            (code, "amount") for code, sentence in faults_of(Event.DECLINED, "{amount}", "{reference} {order}")
        ]

    @pytest.mark.parametrize("text", ["{reference} {order", "{reference} {order} }", "{{reference}} {order}"])
    def test_refuses_a_brace_that_stands_alone(self, text: str) -> None:
        assert "unknown_field" in {code for code, _ in faults_of(Event.DECLINED, "Hello", text)}

    @pytest.mark.parametrize("event", Event)
    def test_refuses_a_text_that_does_not_say_what_it_is_for(self, event: Event) -> None:
        told = faults_of(event, "Hello", "Nothing is said here.")

        assert told == [("missing_field", f"The text must use “{{{word}}}”.") for word in NEEDED[event]]
        assert set(NEEDED[event]) <= set(USABLE[event])

    @pytest.mark.parametrize(("subject_line", "body"), [("", "x"), ("x" * 151, "x"), ("x", "\n"), ("x", "x" * 4001)])
    def test_refuses_what_is_empty_or_too_long(self, subject_line: str, body: str) -> None:
        assert "invalid" in {code for code, _ in faults_of(Event.DECLINED, subject_line, body)}


class TestFilled:
    """How values get into their places."""

    def test_names_every_word_that_has_no_value(self) -> None:
        with pytest.raises(UnableToWrite, match="No value for amount, order"):
            filled("{order} {amount} {customer}", {"customer": "Ada", "amount": "  "})

    def test_never_reads_a_value_as_a_field(self) -> None:
        assert filled("Dear {customer}", {"customer": "{amount}", "amount": "£9"}) == "Dear {amount}"
