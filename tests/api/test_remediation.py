"""GET /remediation-items and POST /remediation-items/{id}/close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from analytics.models import RemediationItem, RemediationReading
from tests.analytics.remediation.stage import CODE, an_item, changed, stored
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

LIST = "remediation-items"
PROOF = {"note": "Fewer since.", "evidence_link": "https://wiki.example.com/proof"}


def close(caller: Caller, item: RemediationItem, *, key: str = "", **words: Any) -> Any:
    return caller.post(f"{LIST}/{item.pk}/close", {**PROOF, **words}, key=key)


class TestTheList:
    def test_says_what_is_to_be_fixed_by_whom_and_by_when(self, calling: Callable[[str], Caller]) -> None:
        item = an_item(settle("sam"))

        [told] = calling("ada").get(LIST).json()["results"]

        assert (told["id"], told["code"], told["state"]) == (str(item.pk), CODE, "open")
        assert (told["owner"], told["owner_team"], told["opened_by"]) == ("sam", "Logistics", "sam")
        assert (told["colour"], told["cost"], told["page"]) == ("green", [], item.get_absolute_url())

    @pytest.mark.parametrize(
        ("query", "count"),
        [({}, 1), ({"state": "closed"}, 0), ({"code": CODE}, 1), ({"owner": "mei"}, 0), ({"colour": "red"}, 0)],
    )
    def test_is_narrowed(self, calling: Callable[[str], Caller], query: dict[str, str], count: int) -> None:
        an_item(settle("sam"))

        assert len(calling("sam").get(LIST, **query).json()["results"]) == count

    def test_refuses_a_state_nobody_knows(self, calling: Callable[[str], Caller]) -> None:
        assert calling("sam").get(LIST, state="done").status_code == 400

    def test_is_not_for_agents(self, calling: Callable[[str], Caller]) -> None:
        assert calling("amir").get(LIST).status_code == 403


class TestClosing:
    def test_is_proposed_by_one_and_agreed_to_by_another(self, calling: Callable[[str], Caller]) -> None:
        item = changed(settle("sam"))

        first, second = close(calling("sam"), item), close(calling("viktor"), item)

        assert (first.status_code, first.json()["state"], first.json()["proposed_by"]) == (202, "change_made", "sam")
        assert (second.status_code, second.json()["state"]) == (200, "verifying")
        assert second.json()["test_due_at"] is not None

    def test_with_a_key_is_proposed_once(self, calling: Callable[[str], Caller]) -> None:
        item, sam = changed(settle("sam")), calling("sam")

        answers = [close(sam, item, key="close-1") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[1].headers["Idempotency-Replayed"] == "true"
        assert RemediationReading.objects.count() == 1

    def test_again_by_the_same_person_is_refused(self, calling: Callable[[str], Caller]) -> None:
        item = changed(settle("sam"))
        close(calling("sam"), item)

        assert close(calling("sam"), item).status_code == 422
        assert stored(item).state == "change_made"

    @pytest.mark.parametrize(
        ("words", "status", "code"),
        [
            ({"evidence_link": ""}, 422, "evidence_missing"),
            ({"note": ""}, 422, "note_missing"),
            ({"evidence_link": "javascript:alert(1)"}, 400, "invalid"),
        ],
    )
    def test_without_proof_is_refused(
        self, calling: Callable[[str], Caller], words: dict[str, str], status: int, code: str
    ) -> None:
        item = changed(settle("sam"))

        answer = close(calling("sam"), item, **words)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert stored(item).proposed_by is None

    def test_before_a_change_was_made_comes_too_early(self, calling: Callable[[str], Caller]) -> None:
        assert close(calling("sam"), an_item(settle("sam"))).status_code == 409

    def test_is_proposed_only_by_whoever_works_on_items(self, calling: Callable[[str], Caller]) -> None:
        item = changed(settle("sam"))

        assert close(calling("viktor"), item).status_code == 403
        assert stored(item).proposed_by is None

    def test_of_nothing_is_not_found(self, calling: Callable[[str], Caller]) -> None:
        assert calling("sam").post(f"{LIST}/01a1f7a4-7b2e-7c51-9a53-1d1a0c6d5b11/close", PROOF).status_code == 404
