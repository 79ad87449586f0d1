"""Sentences: English wherever they are kept, the reader's language where a page prints them."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.template import engines
from django.utils import translation

from config.kernel.money import Money, parse_amount
from config.kernel.preferences import Preferences, Theme
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import Words, counted, inside, joined, printed_for_keeps, said, told, why_no_amount
from tests.harness.people import settle

if TYPE_CHECKING:
    from django.template.backends.base import _EngineTemplate
    from django.test import Client


def template(text: str) -> _EngineTemplate:
    return engines["django"].from_string(text)


class TestASentence:
    def test_is_english_to_whatever_keeps_it(self) -> None:
        with translation.override("qps"):
            words = said("Sign in")

            assert words == str(words) == f"{words}" == json.loads(json.dumps(words)) == "Sign in"

    def test_speaks_where_a_template_prints_it(self) -> None:
        page = template(
            "{{ words }}|{{ several|join:', ' }}|"
            "{% load i18n %}{% blocktranslate with a=words %}{{ a }}{% endblocktranslate %}"
        )
        words = said("Sign in")
        with translation.override("qps"):
            printed = page.render({"words": words, "several": [words, words]})

        assert told(words) == "Sign in"
        assert printed.count("Šîĝñ îñ") == 4

    def test_is_filled_in_the_readers_way(self) -> None:
        words = said(
            "{amount} on {day}, {share}", amount=Money(124050, "EUR"), day=date(2026, 3, 2), share=Decimal("0.5")
        )

        assert words == "€1,240.50 on 2 Mar 2026, 0.5"
        with translation.override("de"):
            assert told(words) == "1.240,50\N{NO-BREAK SPACE}€ on 2. März 2026, 0,5"

    def test_keeps_what_it_is_filled_with_whole_where_a_page_runs_from_right_to_left(self) -> None:
        words = said("Nothing is left of {amount}.", amount=Money(-900, "GBP"))

        assert "\u2068" not in words
        with translation.override("qps"):
            assert "\u2068-£9.00\u2069" in told(words)

    def test_escapes_what_it_is_filled_with(self) -> None:
        assert template("{{ words }}").render({"words": said("{name}", name="<b>")}) == "&lt;b&gt;"

    def test_survives_being_copied_and_put_away(self) -> None:
        words = counted("{count} line", "{count} lines", 2)

        for again in (copy.deepcopy(words), pickle.loads(pickle.dumps(words))):  # noqa: S301 - our own bytes
            assert isinstance(again, Words)
            assert again.told() == "2 lines"

    def test_counts(self) -> None:
        assert counted("{count} line", "{count} lines", 1) == "1 line"

    def test_goes_on_with_another_and_both_are_told(self) -> None:
        both = joined([said("Sign in"), said("Sign in")])

        assert both == "Sign in Sign in"
        with translation.override("qps"):
            assert told(both).count("Šîĝñ îñ") == 2

    def test_is_a_label_too(self) -> None:
        assert Preferences(theme=Theme.DARK).get_theme_display() == "Dark"
        with translation.override("qps"):
            assert "Dāŕķ" in template("{{ row.get_theme_display }}").render({"row": Preferences(theme=Theme.DARK)})

    def test_is_the_detail_of_a_refusal(self) -> None:
        no = Refused.of([Reason("a", said("Sign in")), Reason("b", "Plain.")])

        assert no.detail == "Sign in Plain."


class TestALabelInsideASentence:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("en-gb", "needs information"), ("de", "Braucht Angaben"), ("fr", "précisions attendues")],
    )
    def test_begins_small_but_in_german(self, language: str, words: str) -> None:
        label = inside(said("Needs information"))

        with translation.override(language):
            assert told(label) == template("{% load redress %}{{ it|within }}").render(
                {"it": said("Needs information")}
            )
            assert told(label) == words
            assert label == "needs information"

    def test_keeps_what_is_an_abbreviation(self) -> None:
        assert inside("SEPA direct debit") == "SEPA direct debit"


class TestWhatIsNoAmount:
    @pytest.mark.parametrize(
        ("typed", "english", "german"),
        [
            ("ten", "Enter an amount such as 12.50.", "Geben Sie einen Betrag wie 12.50 ein."),
            ("1.234", "GBP has 2 decimals.", "GBP hat 2 Nachkommastellen."),
            ("9" * 18, "That is not an amount we can pay.", "Einen solchen Betrag können wir nicht zahlen."),
        ],
    )
    def test_is_said_to_whoever_typed_it(self, typed: str, english: str, german: str) -> None:
        with pytest.raises(ValueError, match=english) as refused:
            parse_amount(typed, "GBP")

        with translation.override("de"):
            assert told(why_no_amount(refused.value)) == german


class TestWhatIsKept:
    def test_is_printed_in_english_for_everybody(self) -> None:
        with translation.override("qps"):
            assert 'lang="en-gb"' in printed_for_keeps("500.html", {})


@pytest.mark.django_db
class TestAPage:
    def test_speaks_the_language_the_browser_asks_for(self, client: Client) -> None:
        answer = client.get("/account/login/", headers={"accept-language": "de-AT,de;q=0.9"})

        assert answer.headers["Content-Language"] == "de"
        assert b'<html lang="de" dir="ltr"' in answer.content

    def test_is_english_where_nothing_else_is_asked(self, client: Client) -> None:
        assert client.get("/account/login/").headers["Content-Language"] == "en-gb"

    def test_is_set_from_right_to_left(self, client: Client) -> None:
        client.post("/language/", {"language": "qps", "next": "/account/login/"})

        answer = client.get("/account/login/", headers={"accept-language": "de"})

        assert b'<html lang="en-XB" dir="rtl"' in answer.content

    def test_follows_what_its_reader_chose_to_every_browser(self, dana_signed_in: Client) -> None:
        answer = dana_signed_in.post("/settings/", {"language": "fr"})
        assert answer.status_code == 302

        other = dana_signed_in.get("/settings/", headers={"accept-language": "de"})

        assert other.headers["Content-Language"] == "fr"
        assert b'<html lang="fr"' in other.content

    def test_refuses_a_language_nobody_speaks(self, dana_signed_in: Client) -> None:
        assert dana_signed_in.post("/settings/", {"language": "tlh"}).status_code == 422
        assert not Preferences.objects.exists()

    def test_never_changes_what_programs_read(self, dana_signed_in: Client) -> None:
        dana_signed_in.post("/settings/", {"language": "de"})

        answer = dana_signed_in.get("/api/v1/nothing", headers={"accept-language": "de"})

        assert answer.headers["Content-Language"] == "en-gb"
        assert answer.json()["detail"] == "There is no such address."


@pytest.fixture
def dana_signed_in(client: Client) -> Client:
    client.force_login(settle("dana"), backend="config.kernel.backend.PeopleBackend")
    return client
