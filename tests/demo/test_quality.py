"""The demo shows what is wrong and who fixes it: each sign is found by the portal itself, each fix is where it says."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from analytics.models import OutflowFact, RemediationItem, RemediationReading, Sample, SampledDecision, Scorecard
from analytics.remediation.guards import closing_is_proposed
from analytics.rollups.recounting import compare
from config.demo.people import person
from evidence.models import LedgerEntry

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.usefixtures("past")]


def page_of(path: str) -> str:
    """Read a page as Sam does."""
    client = Client()
    client.force_login(person("sam"))
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


class TestPatterns:
    def test_show_who_signs_without_a_look(self) -> None:
        page = page_of("/insight/patterns/stamping/")

        assert "Viktor Sandoval decided" in page
        assert "Viktor Sandoval gave a reason" in page
        assert "Dana Okafor decided" not in page
        assert "Dana Okafor gave a reason" not in page

    def test_show_one_customer_in_halves_and_who_enters_them(self) -> None:
        split, insider = page_of("/insight/patterns/splitting/"), page_of("/insight/patterns/insiders/")

        assert "5 times a customer's request was followed within 7 days by another" in split
        assert "Entered by Asha Verma." in split
        assert "Asha Verma entered 10 of 10 requests of one customer" in insider

    def test_show_one_person_behind_three_accounts(self) -> None:
        assert "One customer asked for money back on 10 of 11 orders" in page_of("/insight/patterns/serial/")

    def test_show_the_code_that_drifted(self) -> None:
        assert re.search(r"[Ll]ate.delivery” went from", page_of("/insight/patterns/drift/"))

    def test_show_a_photo_that_came_twice(self) -> None:
        assert "2 requests of 2 customers came with the same photo." in page_of("/insight/patterns/photos/")


class TestRemediation:
    def test_is_there_in_every_state(self) -> None:
        states = dict(RemediationItem.objects.values_list("code", "state"))

        assert states["LATE_DELIVERY"] == "open"
        assert states["billing_error"] == "cause_found"
        assert states["damaged"] == "change_made"
        assert states["not_as_described"] == "verifying"
        assert states["wrong_item"] == "closed"

    def test_was_opened_by_rule_where_a_code_is_red(self) -> None:
        item = RemediationItem.objects.get(code="LATE_DELIVERY")

        assert (item.opened_by, item.colour, item.owner) == (None, "red", None)
        assert item.escalated_at is not None

    def test_was_closed_by_an_effect_that_chance_does_not_explain(self) -> None:
        item = RemediationItem.objects.get(code="wrong_item")
        reading = RemediationReading.objects.get(item=item, kind="effect_test")

        assert reading.has_improved
        assert {item.proposed_by, item.confirmed_by} == {person("sam"), person("mei")}
        assert LedgerEntry.objects.filter(subject_id=item.pk, kind="remediation_item.closed").count() == 1

    def test_waits_for_a_second_person(self) -> None:
        item = RemediationItem.objects.get(code="damaged")

        assert closing_is_proposed(item)
        assert item.proposed_by == person("sam")


class TestSecondLooks:
    def test_were_taken_by_two_people_at_decisions_that_were_not_theirs(self) -> None:
        looked = SampledDecision.objects.exclude(reviewer=None)

        assert Sample.objects.count() == 2
        assert {one.reviewer for one in looked} == {person("sam"), person("milo")}
        assert not [one for one in looked if one.reviewer_id in one.involved]
        assert {one.finding for one in looked} == {"right", "wrong_amount"}
        assert SampledDecision.objects.filter(reviewer=None).exists()


class TestScorecards:
    def test_hold_the_last_months(self) -> None:
        months = sorted(set(Scorecard.objects.values_list("month", flat=True)))

        assert len(months) == 3
        assert all(month.day == 1 for month in months)
        assert Scorecard.objects.filter(month=months[-1], team__slug="uk-retail").exists()
        assert LedgerEntry.objects.filter(kind="scorecard.published").count() == Scorecard.objects.count()

    def test_rest_on_sums_that_are_exact(self) -> None:
        assert OutflowFact.objects.exists()
        assert compare().differences == ()


class TestTheDoor:
    def test_says_where_to_look(self, client: Client) -> None:
        page = client.get("/demo/").content.decode()

        for words in ("See what leaks, and who fixes it", "remediation items, ", "sampled decisions to look at again"):
            assert words in page
