"""The pages of patterns, over a planted year: who sees what, in numbers, drawings, rows and files."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # what is parsed here was drawn by us

import pytest
from django.test import Client
from django.urls import reverse

from analytics.models import PatternReading, PatternSignal
from analytics.patterns.finding import signals_in
from analytics.patterns.kept import odds
from analytics.patterns.kinds import KINDS
from refunds.models import RefundRequest

from .year import SERIAL, SPLIT_CUSTOMER, STAMPER, TEAM

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User

    from .year import Year


def asked(viewer: User, kind: str = "", **more: str) -> str:
    client = Client()
    client.force_login(viewer)
    address = reverse("analytics:pattern", args=[kind]) if kind else reverse("analytics:patterns")
    answer = client.get(address, more)
    assert answer.status_code == 200
    return answer.content.decode()


def standing(pattern: str, key: str) -> UUID:
    return PatternSignal.objects.get(pattern=pattern, key=key, reading__is_standing=True).standing_id


def drawn(text: str) -> list[ET.Element]:
    parts = ["<svg class" + part.split("</svg>")[0] + "</svg>" for part in text.split('<svg class="chart')[1:]]
    return [ET.fromstring(part.replace("<svg class", '<svg class="chart', 1)) for part in parts]  # noqa: S314 - see above


class TestOverview:
    def test_lists_every_kind_and_what_stands_out(self, sam: User) -> None:
        text = asked(sam)

        for kind in KINDS.values():
            assert kind.name in text
        assert f"Person {STAMPER}" in text
        assert "2 requests of 2 customers came with the same photo." in text

    def test_shows_a_stranger_nothing(self, luis: User) -> None:
        text = asked(luis)

        assert "What stands out" not in text
        assert "were not read yet" in text

    def test_says_when_only_the_newest_were_looked_at(self, sam: User) -> None:
        PatternReading.objects.update(is_cut=True)

        assert "looked at since 20 Nov 2025, the newest 20,000 requests" in asked(sam)

    def test_says_as_of_when_and_computes_nothing(self, sam: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr("analytics.patterns.finding.signals_in")
        monkeypatch.delattr("analytics.patterns.reading.observe")

        assert "since 20 Nov 2025" in asked(sam)


class TestNames:
    def test_are_kept_from_who_may_not_know(self, dana: User) -> None:
        for kind in ("", "approvers", "stamping", "splitting", "insiders"):
            text = asked(dana, kind)
            assert f"Person {STAMPER}" not in text
            assert f"person-{STAMPER}" not in text
            assert "People have numbers here instead of names." in text
        assert re.search(r"Person \d opened none of the evidence of", asked(dana, "stamping"))

    def test_are_kept_in_the_rows_and_the_file_too(self, dana: User, year: Year) -> None:
        assert reverse("refunds:requests") + "PR-" not in asked(dana, "stamping")
        client = Client()
        client.force_login(dana)
        answer = client.get(reverse("analytics:pattern_csv", args=["stamping"]))
        assert len(answer.content.decode().splitlines()) == 1

    def test_are_told_to_quality(self, sam: User) -> None:
        assert f"Person {STAMPER} opened none of the evidence of" in asked(sam, "stamping")


class TestOneKind:
    @pytest.mark.parametrize("kind", KINDS)
    def test_is_answered_with_how_to_read_it_and_when_it_means_nothing(self, sam: User, kind: str) -> None:
        text = asked(sam, kind).replace("&#x27;", "'")

        assert KINDS[kind].reading in text
        assert KINDS[kind].innocent in text

    def test_shows_exactly_the_rows_of_a_signal(self, sam: User, year: Year) -> None:
        key = f"{TEAM}-GBP-10000-{SPLIT_CUSTOMER}"
        text = asked(sam, "splitting", signal=str(standing("splitting", key)))

        signal = next(one for one in signals_in(year.observed()) if one.key == key)
        references = RefundRequest.objects.filter(pk__in=signal.rows).values_list("reference", flat=True)
        assert {word for word in set(text.replace("<", ">").split(">")) if word.startswith("PR-")} == set(references)

    def test_hands_out_the_same_rows_as_a_file(self, sam: User, year: Year) -> None:
        client = Client()
        client.force_login(sam)
        answer = client.get(
            reverse("analytics:pattern_csv", args=["serial"]), {"signal": str(standing("serial", str(SERIAL)))}
        )

        rows = list(csv.DictReader(io.StringIO(answer.content.decode().lstrip("\ufeff"))))
        signal = next(one for one in signals_in(year.observed()) if one.key == str(SERIAL))
        known = dict(RefundRequest.objects.values_list("reference", "pk"))
        assert [known[row["Request"]] for row in rows] == list(signal.rows)

    def test_walks_on_through_many_rows(self, sam: User) -> None:
        signal = str(standing("stamping", f"haste-{STAMPER}"))
        first = asked(sam, "stamping", signal=signal)

        assert "first=50" in first
        assert "first=50" not in asked(sam, "stamping", signal=signal, first="50")

    @pytest.mark.parametrize("address", ["/insight/patterns/gossip/", "/insight/patterns/serial/?signal=nobody"])
    def test_that_is_unknown_is_not_found(self, sam: User, address: str) -> None:
        client = Client()
        client.force_login(sam)

        assert client.get(address).status_code == 404

    def test_takes_odd_words_in_its_address(self, sam: User) -> None:
        assert "Show" in asked(sam, "serial", first="-7", team="%00", state="no")


class TestDrawings:
    @pytest.mark.parametrize(("kind", "count"), [("approvers", 2), ("hugging", 1), ("weeks", 3)])
    def test_come_in_both_forms_named_and_described(self, sam: User, kind: str, count: int) -> None:
        charts = drawn(asked(sam, kind))

        assert [chart.get("class") for chart in charts] == ["chart wide", "chart narrow"] * count
        assert all(chart.get("aria-label") and chart.findtext("desc") for chart in charts)
        assert all(mark.find("title") is not None for chart in charts for mark in chart.iter("g"))

    def test_give_every_approver_with_enough_decisions_a_mark_and_a_row(self, sam: User) -> None:
        text = asked(sam, "approvers")

        wide = drawn(text)[0]
        titles = [mark.findtext("title") or "" for mark in wide.iter("g")]
        assert len(titles) == 8
        assert sum(title.startswith(f"Person {STAMPER}: ") for title in titles) == 1
        assert text.count("within the limits</td>") + text.count("outside 9") >= 8

    def test_keep_every_word_on_the_drawing(self, sam: User) -> None:
        for kind in ("approvers", "hugging", "weeks"):
            for chart in drawn(asked(sam, kind)):
                _, _, width, height = map(int, (chart.get("viewBox") or "").split())
                for words in chart.iter("text"):
                    x, room = int(words.get("x") or 0), 6 * len(words.text or "")
                    left = {"end": x - room, "middle": x - room // 2}.get(words.get("text-anchor") or "", x)
                    assert left >= 0, words.text
                    assert left + room <= width, words.text
                    assert 0 <= int(words.get("y") or 0) <= height


class TestOdds:
    def test_promise_no_more_than_two_digits(self) -> None:
        assert [odds(value) for value in (None, 1e-12, 1 / 34_567, 0.5)] == [
            "no chance is involved",
            "less than 1 in a billion",
            "1 in 35,000",
            "1 in 2",
        ]
