"""A document is tried out over the API as from its page: the same command, the same figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.kernel import outbox
from config.kernel.jobs import Job
from config.kernel.people import assign_to_teams
from policies.models import Backtest
from tests.harness.people import settle
from tests.policies.simulation.stored import a_dozen, draft_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.conftest import Caller
    from tests.harness.world import World

PATH = "policies/retail-goods/simulate"


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    """Ask about October."""
    document = draft_document(world.policy())
    return {"document": document, "from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}


class TestSimulate:
    def test_answers_the_job_and_the_job_its_result(
        self, world: World, body: dict[str, Any], calling: Callable[[str], Caller]
    ) -> None:
        a_dozen(world.policy())

        answer = calling("milo").post(PATH, body)
        assert (answer.status_code, answer.json()["kind"], answer.json()["state"]) == (202, "backtest", "queued")
        outbox.drain()

        job = calling("milo").get(f"jobs/{answer.json()['id']}").json()
        assert (job["state"], job["done"], job["total"]) == ("succeeded", 11, 11)
        assert (job["result"]["rows"], job["result"]["flips"]) == (11, 3)
        assert job["result"]["moved"][1]["to_automatic"] == {"count": 2, "amount_minor": 11500}

    def test_shows_the_job_to_nobody_else(self, body: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        job = calling("milo").post(PATH, body).json()

        assert calling("mei").get(f"jobs/{job['id']}").status_code == 404

    def test_names_every_fault_of_a_document(self, body: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        bands = {"auto_up_to_minor": 9, "approve_up_to_minor": 8}
        broken = body["document"] | {"thresholds": {"refund": {"GBP": bands}}, "velocity": [{"per": "moon"}]}

        answer = calling("milo").post(PATH, body | {"document": broken})

        assert answer.status_code == 422
        fields = {error["field"] for error in answer.json()["errors"]}
        assert "document.thresholds.refund.GBP.approve_up_to_minor" in fields
        assert "document.velocity.0.per" in fields
        assert not Job.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "status", "field"),
        [
            ({"to": "2026-10-01T00:00:00Z"}, 422, "to"),
            ({"from": "2021-10-01T00:00:00Z"}, 422, "from"),
            ({"from": "0001-01-01T00:00:00Z", "to": "0001-02-01T00:00:00Z"}, 422, "from"),
            ({"from": "2026-10-01T00:00:00"}, 400, "from"),
            ({"document": []}, 400, "document"),
            ({"until": "2026-10-01T00:00:00Z"}, 400, "until"),
        ],
    )
    def test_names_what_is_wrong_with_the_rest(
        self,
        body: dict[str, Any],
        calling: Callable[[str], Caller],
        changes: dict[str, Any],
        status: int,
        field: str,
    ) -> None:
        answer = calling("milo").post(PATH, body | changes)

        assert answer.status_code == status
        assert field in str(answer.json())
        assert not Backtest.objects.exists()

    def test_refuses_text_that_no_column_keeps(self, body: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        body["document"]["exclusions"] = {"product_categories": ["a\x00b"]}

        assert calling("milo").post(PATH, body).status_code == 422

    def test_is_asked_once_under_one_key(self, body: dict[str, Any], calling: Callable[[str], Caller]) -> None:
        first = calling("milo").post(PATH, body, key="october-1")
        again = calling("milo").post(PATH, body, key="october-1")

        assert first.json() == again.json()
        assert Backtest.objects.count() == 1

    def test_is_nothing_strangers_know_of(
        self, world: World, body: dict[str, Any], calling: Callable[[str], Caller]
    ) -> None:
        milo = settle("milo")
        assign_to_teams(user=milo, teams=[world.team("us-dtc")])

        assert calling("milo").post(PATH, body).status_code == 404
        assert calling("bot").post(PATH, body).status_code == 403
        assert calling("dana").post(PATH, body).status_code == 403
