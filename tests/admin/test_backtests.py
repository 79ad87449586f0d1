"""A version is tried out from its own page: a window, a look at how far it is, the figures, and what would flip."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from config.kernel import outbox
from config.kernel.jobs import JobState
from config.kernel.people import assign_to_teams
from policies.models import Backtest, PolicyVersion
from policies.simulation import backtesting
from policies.simulation.backtesting import run_backtest
from tests.admin.desk import desk_of, draft_by, page_of
from tests.harness.people import fresh
from tests.harness.world import NOON
from tests.policies.simulation.stored import a_dozen, draft_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from policies.models import PolicyDecision
    from tests.harness.world import World

WINDOW = {"from_on": "2026-10-01", "until_on": "2026-10-31"}
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def dozen(world: World) -> list[PolicyDecision]:
    """Store a dozen decisions."""
    return a_dozen(world.policy())


@pytest.fixture
def draft(world: World, milo: User) -> PolicyVersion:
    """Draft what is tried on them."""
    version = draft_by(world, milo)
    PolicyVersion.objects.filter(pk=version.pk).update(document=draft_document(version))
    version.refresh_from_db(fields=["document"])
    return version


def asked(person: User, version: PolicyVersion) -> Backtest:
    """Ask by the page for October."""
    answer = desk_of(person).post(page_of(version, "backtests"), WINDOW)
    assert answer.status_code == 302, answer.content.decode()
    backtest = Backtest.objects.get()
    assert answer.headers["Location"] == address_of(version, backtest)
    return backtest


def address_of(version: PolicyVersion, backtest: Backtest, word: str = "") -> str:
    """Name a page about a backtest."""
    return reverse(f"admin:policies_policyversion_backtest{word}", args=[version.pk, backtest.pk])


def text_of(person: User, address: str, status: int = 200) -> str:
    """Open a page."""
    answer = desk_of(person).get(address)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


class TestAsking:
    def test_offers_the_last_ninety_days(self, draft: PolicyVersion, milo: User) -> None:
        page = text_of(milo, page_of(draft, "backtests"))

        assert 'value="2026-08-23"' in page
        assert 'value="2026-11-20"' in page

    def test_is_offered_on_every_page_about_a_version(self, draft: PolicyVersion, milo: User) -> None:
        assert page_of(draft, "backtests") in text_of(milo, page_of(draft, "matrix"))

    def test_reads_days_on_the_clock_of_the_team(self, draft: PolicyVersion, milo: User) -> None:
        backtest = asked(milo, draft)

        # London is an hour ahead of UTC on the first day and not on the last.
        assert backtest.from_at == datetime(2026, 9, 30, 23, 0, tzinfo=UTC)
        assert backtest.until_at == datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
        assert (backtest.version, backtest.document) == (draft, draft.document)

    @pytest.mark.parametrize(
        ("days", "words"),
        [
            ({"from_on": "2026-10-31", "until_on": "2026-10-01"}, "The window must end after it begins."),
            ({"from_on": "2020-01-01", "until_on": "2026-10-01"}, "three years at most"),
            ({"from_on": "2027-01-01", "until_on": "2027-01-02"}, "begins in the future"),
            ({"from_on": "soon", "until_on": "2026-10-01"}, "From: This is not a day such as 2026-01-31."),
            ({"from_on": "2026-10-01", "until_on": "9999-12-31"}, "Until: This is not a day such as 2026-01-31."),
            ({"from_on": "0001-01-01", "until_on": "2026-10-01"}, "three years at most"),
            ({}, "Name a day."),
        ],
    )
    def test_names_what_is_wrong_with_a_window(
        self, draft: PolicyVersion, milo: User, days: dict[str, str], words: str
    ) -> None:
        answer = desk_of(milo).post(page_of(draft, "backtests"), days)

        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert not Backtest.objects.exists()

    def test_lists_what_was_asked_before(self, draft: PolicyVersion, milo: User, mei: User) -> None:
        backtest = asked(milo, draft)

        page = text_of(mei, page_of(draft, "backtests"))

        assert address_of(draft, backtest) in page
        assert "Queued" in page


class TestABacktestUnderWay:
    def test_says_how_far_it_is_and_asks_again(self, draft: PolicyVersion, milo: User) -> None:
        backtest = asked(milo, draft)
        page = text_of(milo, address_of(draft, backtest))

        assert "Waiting for a worker" in page
        assert 'hx-trigger="every 1s"' in page
        assert 'http-equiv="refresh"' in page
        fragment = desk_of(milo).get(address_of(draft, backtest), headers=HTMX).content.decode()
        assert fragment.startswith('<section id="progress"')

    def test_shows_the_whole_page_once_it_is_through(self, draft: PolicyVersion, milo: User) -> None:
        backtest = asked(milo, draft)
        outbox.drain()

        assert desk_of(milo).get(address_of(draft, backtest), headers=HTMX).headers["HX-Refresh"] == "true"

    def test_is_cancelled_by_whoever_asked(self, draft: PolicyVersion, milo: User, mei: User) -> None:
        backtest = asked(milo, draft)
        cancel = address_of(draft, backtest, "_cancel")

        assert desk_of(milo).get(cancel).status_code == 302
        assert desk_of(mei).post(cancel).status_code == 403
        backtest.job.refresh_from_db()
        assert backtest.job.state == JobState.QUEUED
        desk_of(milo).post(cancel)

        assert "nothing of it was kept" in text_of(milo, address_of(draft, backtest))

    def test_is_nothing_strangers_know_of(self, world: World, draft: PolicyVersion, milo: User, mei: User) -> None:
        backtest = asked(milo, draft)
        run_backtest(job_id=backtest.job_id, at=NOON)
        assign_to_teams(user=mei, teams=[world.team("us-dtc")])
        stranger = fresh(mei)

        for word in ("", "_cancel", "_flips"):
            assert desk_of(stranger).get(address_of(draft, backtest, word)).status_code == 404
        assert desk_of(stranger).get(page_of(draft, "backtests")).status_code == 404
        # Nor is it found through a version of a team she does work for.
        assert desk_of(stranger).get(address_of(world.policy("us-dtc"), backtest)).status_code == 404


class TestTheResult:
    @pytest.fixture
    def backtest(self, dozen: list[PolicyDecision], draft: PolicyVersion, milo: User) -> Backtest:
        backtest = asked(milo, draft)
        run_backtest(job_id=backtest.job_id, at=NOON)
        return backtest

    def test_shows_counts_money_signatures_and_what_to_beware_of(
        self, draft: PolicyVersion, milo: User, backtest: Backtest
    ) -> None:
        page = text_of(milo, address_of(draft, backtest))

        for words in (
            "11 decisions over 10 days; 3 would come out another way.",
            "Only 10 days of data",
            "No customer is affected.",
            "£115.00",
            "£760.01",
            "€10.00",
            "Finance</th><td>0</td><td>2</td><td>0.2</td>",
            "Approver</th><td>5</td><td>4</td><td>-0.1</td>",
            "Tenure: 1 decision",
        ):
            assert words in page, words

    def test_names_the_decisions_that_would_flip_and_leads_to_them(
        self, draft: PolicyVersion, milo: User, backtest: Backtest, dozen: list[PolicyDecision]
    ) -> None:
        page = text_of(milo, address_of(draft, backtest))

        for number, decision in enumerate(dozen):
            assert (f'href="{decision.page}"' in page) is (number in {3, 4, 10})

    def test_narrows_the_decisions_to_a_cell(
        self, draft: PolicyVersion, milo: User, backtest: Backtest, dozen: list[PolicyDecision]
    ) -> None:
        page = text_of(milo, address_of(draft, backtest) + "?old=allow&new=require_approval&currency=GBP")

        assert dozen[10].reference in page
        assert dozen[3].reference not in page
        assert "No decision fits" in text_of(milo, address_of(draft, backtest) + "?currency=EUR")

    def test_leafs_through_the_decisions(
        self, draft: PolicyVersion, milo: User, backtest: Backtest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("policies.admin.backtests.ROWS_A_PAGE", 2)
        seen = []
        address = address_of(draft, backtest)
        while address:
            answer = desk_of(milo).get(address)
            seen += [decision.reference for decision, *_ in answer.context["flips"]]
            following = answer.context["next"]
            address = following and address_of(draft, backtest) + following

        assert len(seen) == len(set(seen)) == 3

    def test_ignores_an_address_somebody_wrote_himself(
        self, draft: PolicyVersion, milo: User, backtest: Backtest
    ) -> None:
        page = text_of(milo, address_of(draft, backtest) + "?old=x&new=%00&currency=';--&after=1")

        assert "Show all" not in page

    def test_is_taken_home_as_a_file(
        self, draft: PolicyVersion, milo: User, backtest: Backtest, dozen: list[PolicyDecision]
    ) -> None:
        answer = desk_of(milo).get(address_of(draft, backtest, "_flips") + "?new=allow")
        lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

        assert answer.headers["Content-Disposition"].endswith('backtest-flips.csv"')
        assert [line.split(",")[0] for line in lines[1:3]] == [dozen[4].reference, dozen[3].reference]
        assert "Rows,2" in lines
        assert "Sum,GBP,115.00" in lines

    def test_says_when_the_draft_was_changed_since(self, draft: PolicyVersion, milo: User, backtest: Backtest) -> None:
        assert "was changed since" not in text_of(milo, address_of(draft, backtest))
        PolicyVersion.objects.filter(pk=draft.pk).update(document=draft.document | {"tenure": None})

        assert "was changed since the backtest ran" in text_of(milo, address_of(draft, backtest))

    def test_says_how_many_are_not_listed(
        self, dozen: list[PolicyDecision], draft: PolicyVersion, milo: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backtesting, "MOST_FLIPS", 2)
        monkeypatch.setattr("policies.admin.backtests.MOST_FLIPS", 2)
        backtest = asked(milo, draft)
        run_backtest(job_id=backtest.job_id, at=NOON)

        assert "1 more were counted and are not listed." in text_of(milo, address_of(draft, backtest))

    def test_of_an_empty_window_says_so(self, draft: PolicyVersion, milo: User) -> None:
        backtest = asked(milo, draft)
        run_backtest(job_id=backtest.job_id, at=NOON)

        assert "decided nothing in these days" in text_of(milo, address_of(draft, backtest))
