"""GET /reconciliation/breaks and POST /reconciliation/breaks/{id}/resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from refunds.models import Break, BreakLimit
from tests.refunds.books import paid, team_called
from tests.refunds.breaks.found import a_break

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db

LIST = "reconciliation/breaks"


@pytest.fixture(autouse=True)
def up_to_ten_pounds(db: None) -> None:
    BreakLimit.objects.create(currency="GBP", above_minor=10_00)


def resolve(caller: Caller, found: Break, **words: Any) -> Any:
    return caller.post(f"{LIST}/{found.pk}/resolve", {"resolution": "accept", "note": "By hand.", **words})


class TestTheList:
    def test_says_what_disagrees_and_by_when(self, calling: Callable[[str], Caller]) -> None:
        found = a_break(-5_00)

        [told] = calling("lena").get(LIST).json()["results"]

        assert told["id"] == str(found.pk)
        assert (told["kind"], told["state"], told["amount_minor"], told["currency"]) == (
            "ungoverned",
            "open",
            -500,
            "GBP",
        )
        assert (told["account"], told["owner"], told["reference"]) == ("stripe", None, found.reference)
        assert told["due_at"] > told["opened_at"]

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({}, 2),
            ({"state": "resolved"}, 0),
            ({"kind": "ungoverned"}, 2),
            ({"currency": "EUR"}, 1),
            ({"owner": "lena"}, 0),
        ],
    )
    def test_is_narrowed(self, calling: Callable[[str], Caller], query: dict[str, str], count: int) -> None:
        a_break(-5_00)
        a_break(-5_00, currency="EUR")

        assert len(calling("ada").get(LIST, **query).json()["results"]) == count

    def test_hides_what_is_another_teams(self, calling: Callable[[str], Caller]) -> None:
        theirs = a_break(-2219, operation_ref=str(paid(team=team_called("far-away")).pk))

        assert calling("lena").get(LIST).json()["results"] == []
        assert resolve(calling("lena"), theirs).status_code == 404


class TestResolving:
    def test_up_to_the_limit_is_done(self, calling: Callable[[str], Caller]) -> None:
        answer = resolve(calling("lena"), a_break(-5_00))

        assert answer.status_code == 200, answer.json()
        assert (answer.json()["state"], answer.json()["resolution"]) == ("resolved", "accept")
        assert (answer.json()["proposed_by"], answer.json()["confirmed_by"]) == ("lena", None)

    def test_above_the_limit_waits_for_the_same_word_of_another(self, calling: Callable[[str], Caller]) -> None:
        found = a_break(-50_00)

        first = resolve(calling("lena"), found)
        assert (first.status_code, first.json()["state"]) == (202, "proposed")
        again = resolve(calling("lena"), found)
        assert (again.status_code, again.json()["code"]) == (409, "out_of_date")
        other = resolve(calling("luis"), found, resolution="fee")
        assert other.status_code == 409
        second = resolve(calling("luis"), found)

        assert (second.status_code, second.json()["state"], second.json()["confirmed_by"]) == (200, "resolved", "luis")

    @pytest.mark.parametrize(
        ("words", "status"),
        [({"resolution": "matched"}, 400), ({"resolution": ""}, 400), ({"note": " "}, 400), ({"more": 1}, 400)],
    )
    def test_reads_its_body_exactly(self, calling: Callable[[str], Caller], words: dict[str, Any], status: int) -> None:
        found = a_break(-5_00)

        assert resolve(calling("lena"), found, **words).status_code == status
        assert Break.objects.get().state == "open"

    def test_is_for_finance(self, calling: Callable[[str], Caller]) -> None:
        found = a_break(-5_00)

        assert {who: resolve(calling(who), found).status_code for who in ("ada", "amir", "bot")} == {
            "ada": 403, "amir": 403, "bot": 403,
        }  # fmt: skip

    def test_is_answered_once_for_a_key(self, calling: Callable[[str], Caller]) -> None:
        found, lena = a_break(-5_00), calling("lena")
        words = {"resolution": "accept", "note": "By hand."}

        first, second = (lena.post(f"{LIST}/{found.pk}/resolve", words, key="once") for _ in range(2))

        assert (first.status_code, second.status_code) == (200, 200)
        assert second.headers["Idempotency-Replayed"] == "true"
