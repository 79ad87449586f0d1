"""The page of leakage: every number leads to the rows that add up to it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import OutflowFact
from analytics.rollups.following import catch_up
from analytics.rollups.rebuilding import latest_recount
from tests.harness.people import settle
from tests.harness.world import NOON, World

from .year import a_year

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.plugin import DjangoDbBlocker

    from tests.analytics.rollups.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_of_the_story")]

CELL = re.compile(r'<a href="(/insight/leakage/rows/[^"]*kind=[^"]*)">\s*(?:<[^>]*>)*\s*([^<]+)')


@pytest.fixture(scope="module")
def lasting_year(lasting_database: DjangoDbBlocker) -> Shop:
    """Let a year pass once for all tests of this module."""
    with lasting_database.unblock(), time_machine.travel(NOON, tick=True):
        return a_year(World(), until=NOON)


@pytest.fixture
def year(db: None, lasting_year: Shop) -> Shop:
    """Go on where the year ended: whatever a test adds is taken back with it."""
    return replace(lasting_year)


def text_of(client: Client, address: str, username: str = "sam") -> str:
    """Read a page as somebody."""
    client.force_login(settle(username))
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(b"".join(answer).decode() if answer.streaming else answer.text)


def parted(told: str) -> tuple[list[list[str]], dict[str, list[str]]]:
    """Part a file into its rows and what is said below them."""
    lines = list(csv.reader(io.StringIO(told.lstrip("\ufeff"))))
    foot = next(place for place, line in enumerate(lines) if line[0] == "Query")
    return lines[1:foot], {line[0]: line[1:] for line in lines[foot:]}


class TestEveryNumber:
    def test_leads_to_rows_that_add_up_to_it(self, client: Client, year: Shop) -> None:
        links = CELL.findall(text_of(client, "/insight/leakage/"))
        found = {(address, said.strip()) for address, said in links if "£" in said}
        assert len(found) > 40

        odd = []
        for address, said in sorted(found):
            told = text_of(client, address.replace("/rows/", "/rows.csv"))
            _, foot = parted(told)
            if Decimal(re.sub(r"[^0-9.]", "", said)) != Decimal(foot.get("Sum", ["", "0"])[1]):
                odd.append((address, said, foot.get("Sum")))
        assert odd == []

    def test_by_the_month_of_the_sale_too(self, client: Client, year: Shop) -> None:
        text = text_of(client, "/insight/leakage/?basis=sale&from=2026-06-01&to=2026-11-30")
        address, said = CELL.findall(text)[0]

        _, foot = parted(text_of(client, address.replace("/rows/", "/rows.csv")))

        assert "basis=sale" in address
        assert Decimal(re.sub(r"[^0-9.]", "", said)) == Decimal(foot["Sum"][1])


class TestTheFile:
    def test_says_what_was_asked_how_much_it_is_and_its_hash(self, client: Client, year: Shop) -> None:
        told = text_of(client, "/insight/leakage/rows.csv?kind=override&from=2026-06-01&to=2026-11-30")

        rows, foot = parted(told)

        overrides = [fact.override_minor for fact in OutflowFact.objects.filter(override_minor__gt=0)]
        assert int(foot["Rows"][0]) == len(rows) == len(overrides)
        assert Decimal(foot["Sum"][1]) * 100 == sum(overrides)
        assert "kind=override" in foot["Query"][0]
        body, _, last = told.rstrip("\r\n").rpartition("\r\n")
        assert last == f"SHA-256 of all above,{hashlib.sha256(f'{body}{chr(13)}{chr(10)}'.encode()).hexdigest()}"

    def test_of_a_dimension_has_a_line_for_each_value(self, client: Client, year: Shop) -> None:
        rows, foot = parted(text_of(client, "/insight/leakage/by/code.csv"))

        assert {row[1] for row in rows} == {"WINDOW_EXPIRED", "OTHER", ""}
        assert Decimal(foot["Sum"][1]) == sum(Decimal(row[5]) for row in rows)

    def test_of_nothing_we_know_is_not_there(self, client: Client, world: World) -> None:
        client.force_login(settle("sam"))

        assert client.get("/insight/leakage/by/customer.csv").status_code == 404


class TestThePage:
    def test_has_one_chart_of_each_form_for_what_leaked(self, client: Client, year: Shop) -> None:
        text = text_of(client, "/insight/leakage/")

        assert text.count('<svg class="chart wide"') == text.count('<svg class="chart narrow"') == 5
        assert text.count('role="group" aria-label="Leakage per month, GBP"') == 2
        for word in ("Override", "Ungoverned", "Duplicate or over-refund", "Double loss", "Late failure"):
            assert f">{word}" in text
        assert "In force since 2026-11: retail-goods v1" in text

    def test_shows_somebody_else_nothing_of_it(self, client: Client, year: Shop) -> None:
        text = text_of(client, "/insight/leakage/?team=us-dtc")

        assert "Nothing was refunded in these days" in text

    def test_costs_the_same_however_much_leaked(self, client: Client, year: Shop) -> None:
        text_of(client, "/insight/leakage/")
        with CaptureQueriesContext(connection) as few:
            text_of(client, "/insight/leakage/")
        for pounds in (20, 30, 300):
            year.refunded(pounds)
        catch_up(at=year.at)

        with CaptureQueriesContext(connection) as many:
            text_of(client, "/insight/leakage/")

        assert len(many) == len(few) <= 60

    @pytest.mark.parametrize(
        "query",
        [
            "from=0001-01-01&to=9999-12-31",
            "from=x&to=&currency=ZZZ&basis=moon&team=%00",
            "by=approver&value=x&kind=y",
            "by=version&value=x&before=2026-11-01&before_id=99999999999999999999",
            "only=nobody&before=%00",
            "by=approver&value=few&only=preventable",
        ],
    )
    def test_bears_addresses_that_make_no_sense(self, client: Client, year: Shop, query: str) -> None:
        client.force_login(settle("sam"))

        for place in ("", "rows/", "rows.csv", "by/code.csv"):
            assert client.get(f"/insight/leakage/{place}?{query}").status_code in {200, 422}


class TestRows:
    def test_go_on_page_by_page_without_losing_one(
        self, client: Client, year: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("analytics.leakage.pages.PAGE", 4)
        address, seen = "/insight/leakage/rows/?kind=refunded&from=2026-06-01&to=2026-12-30", []
        while address:
            client.force_login(settle("sam"))
            answer = client.get(address)
            seen += [row.fact.pk for row in answer.context["rows"]]
            following = answer.context["next"]
            address = f"/insight/leakage/rows/{following}" if following else ""

        wanted = OutflowFact.objects.filter(refunded_minor__gt=0).order_by("-refunded_on", "-pk")
        assert seen == list(wanted.values_list("pk", flat=True))

    def test_lead_to_their_requests(self, client: Client, year: Shop) -> None:
        text = text_of(client, "/insight/leakage/rows/?kind=ungoverned")

        assert re.search(r'<a href="/actions/[^"]+/">GA-', text)


class TestARecount:
    def test_is_asked_for_and_stopped(self, client: Client, world: World) -> None:
        client.force_login(settle("sam"))

        assert client.post("/insight/leakage/recount/").status_code == 302
        job = latest_recount()
        assert job is not None
        assert not job.is_over
        assert "Counting everything anew" in client.get("/insight/leakage/").text
        assert client.post("/insight/leakage/recount/stop/").status_code == 302

        assert client.post("/insight/leakage/recount/stop/").status_code == 409
