"""POST /api/v1/decisions: asked before any money call; every field of the answer, every no, and its cost in queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policies.actions.observing import observe
from policies.models import GovernedAction
from tests.harness.people import settle
from tests.harness.stillness import everything
from tests.policies.actions.desk import LATER, gate, let_sign, sighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

BODY: dict[str, Any] = {
    "category": "payout",
    "amount_minor": 120_000,
    "currency": "USD",
    "reason": "scheduled",
    "team": "us-dtc",
    "subject": {"gateway": "stripe", "external_id": "ba_1"},
    "context": {"customer": "C1", "dispute_due_at": None},
}
QUERIES = 19
"""For a decision that is allowed: who asks and how often, teams, judgement, two ledger entries, news, the answer."""


@pytest.fixture
def bot_calls(world: World, calling: Callable[[str], Caller]) -> Caller:
    """Let the bot call, with a policy that gates everything."""
    gate(world)
    return calling("bot")


class TestAsking:
    def test_answers_every_field_of_the_contract(self, bot_calls: Caller) -> None:
        answer = bot_calls.post("decisions", BODY)

        body = answer.json()
        action = GovernedAction.objects.get()
        assert answer.status_code == 201
        assert body.pop("findings")[0].keys() >= {"rule", "passed", "sentence", "fact", "limit"}
        assert body.pop("links")["self"].endswith(f"/api/v1/decisions/{action.pk}")
        assert body.pop("created_at") == body.pop("decided_at")
        assert body == {
            "id": str(action.pk),
            "reference": action.reference,
            "state": "allowed",
            "category": "payout",
            "amount_minor": 120_000,
            "currency": "USD",
            "reason": "scheduled",
            "team": "us-dtc",
            "subject": {"gateway": "stripe", "external_id": "ba_1"},
            "context": {"customer": "C1", "dispute_due_at": None, "destination": ""},
            "outcome": "allow",
            "mode": "enforce",
            "enforced": True,
            "matched_rule": "thresholds.payout.USD",
            "policy": {"slug": "ecommerce-dtc", "version": 1},
            "why_not_automatic": [],
            "approval": None,
            "execute": False,
            "ungoverned": False,
            "external_id": None,
            "failure": "",
            "explanation": "",
            "requested_by": "bot",
            "occurred_at": None,
        }

    def test_answers_the_route_where_people_decide(self, bot_calls: Caller) -> None:
        body = bot_calls.post("decisions", {**BODY, "amount_minor": 3_000_00}).json()

        assert (body["outcome"], body["state"], body["enforced"]) == ("require_approval", "awaiting_approval", True)
        assert body["approval"]["state"] == "open"
        assert body["approval"]["steps"][0].keys() >= {"level", "role", "quorum", "due_at", "state"}
        assert body["why_not_automatic"] != []

    def test_answers_what_would_have_been_in_shadow(self, world: World, calling: Callable[[str], Caller]) -> None:
        body = calling("bot").post("decisions", {**BODY, "amount_minor": 60_000_00}).json()

        assert (body["outcome"], body["mode"], body["enforced"]) == ("block", "shadow", False)
        assert (body["state"], body["approval"]) == ("watched", None)

    def test_knows_the_payment_of_a_refund(self, world: World, bot_calls: Caller) -> None:
        payment = world.order(team="us-dtc").payments.get()
        refund = {**BODY, "category": "refund", "amount_minor": 20_00, "reason": "changed_mind"}

        known = bot_calls.post("decisions", {**refund, "subject": {"external_id": payment.external_id}}).json()
        unknown = bot_calls.post("decisions", {**refund, "subject": {"external_id": "pi_else"}}).json()

        assert (known["outcome"], unknown["outcome"]) == ("allow", "require_approval")
        assert unknown["matched_rule"] == "payment_found"

    def test_blocks_a_refund_above_what_is_left(self, world: World, bot_calls: Caller) -> None:
        payment = world.order(team="us-dtc").payments.get()
        refund = {**BODY, "category": "refund", "amount_minor": 100_01, "subject": {"external_id": payment.external_id}}

        body = bot_calls.post("decisions", refund).json()

        assert (body["outcome"], body["matched_rule"], body["state"]) == ("block", "refundable_balance", "blocked")

    def test_brings_people_in_before_a_dispute_is_due(self, world: World, bot_calls: Caller) -> None:
        soon = {"dispute_due_at": "2026-01-01T00:00:00Z"}

        body = bot_calls.post("decisions", {**BODY, "category": "dispute", "amount_minor": 100, "context": soon}).json()

        assert (body["outcome"], body["matched_rule"]) == ("require_approval", "dispute_deadline")

    def test_replays_the_answer_of_the_same_key(self, bot_calls: Caller) -> None:
        first = bot_calls.post("decisions", BODY, key="payout-1")
        again = bot_calls.post("decisions", BODY, key="payout-1")
        other = bot_calls.post("decisions", {**BODY, "amount_minor": 1}, key="payout-1")

        assert again["Idempotency-Replayed"] == "true"
        assert again.content == first.content
        assert other.json()["code"] == "idempotency_key_reused"
        assert GovernedAction.objects.count() == 1

    def test_costs_so_many_queries(self, bot_calls: Caller) -> None:
        bot_calls.post("decisions", BODY)

        with CaptureQueriesContext(connection) as asked:
            bot_calls.post("decisions", BODY)

        assert len(asked) == QUERIES, [query["sql"][:120] for query in asked.captured_queries]


class TestNoes:
    @pytest.mark.parametrize(
        ("change", "status", "code", "field"),
        [
            ({"category": "gift"}, 400, "invalid_choice", "category"),
            ({"amount_minor": "120000"}, 400, "invalid", "amount_minor"),
            ({"amount_minor": 1.5}, 400, "invalid", "amount_minor"),
            ({"amount_minor": 0}, 400, "min_value", "amount_minor"),
            ({"currency": "XXL"}, 422, "unknown_currency", "currency"),
            ({"team": "moon"}, 422, "unknown_team", "team"),
            ({"who": "me"}, 400, "unknown_field", "who"),
            ({"context": {"mood": "good"}}, 400, "unknown_field", "context.mood"),
            ({"context": {"dispute_due_at": "2026-01-01T00:00:00"}}, 400, "invalid", "context.dispute_due_at"),
            ({"execute": "yes"}, 400, "invalid", "execute"),
            ({"reason": "4242424242424242"}, 422, "card_number_in_text", "reason"),
            ({"category": "refund", "execute": True}, 422, "not_executable", "execute"),
            ({"category": "transfer", "execute": True}, 422, "not_executable", "context.destination"),
            ({"subject": {"gateway": "shopify"}, "execute": True}, 422, "not_executable", "subject.gateway"),
        ],
    )
    def test_name_the_field_and_write_nothing(
        self, bot_calls: Caller, change: dict[str, Any], status: int, code: str, field: str
    ) -> None:
        before = everything()

        answer = bot_calls.post("decisions", {**BODY, **change})

        problem = answer.json()
        assert answer.status_code == status, problem
        assert answer["Content-Type"] == "application/problem+json"
        assert {(error["field"], error["code"]) for error in problem["errors"]} == {(field, code)}
        assert everything() == before
        assert not GovernedAction.objects.exists()

    def test_say_that_a_payment_is_in_another_currency(self, world: World, bot_calls: Caller) -> None:
        payment = world.order(team="us-dtc").payments.get()
        refund = {**BODY, "category": "refund", "currency": "EUR", "subject": {"external_id": payment.external_id}}

        assert bot_calls.post("decisions", refund).json()["code"] == "currency_mismatch"

    @pytest.mark.parametrize("name", ["amir", "dana", "mei", "sam", "ada"])
    def test_keep_asking_to_bots_and_finance(self, world: World, calling: Callable[[str], Caller], name: str) -> None:
        assert calling(name).post("decisions", BODY).status_code == 403

    def test_show_nobody_elses(self, world: World, bot_calls: Caller, calling: Callable[[str], Caller]) -> None:
        """A service account sees what it asked about, a colleague what her teams did."""
        mine = bot_calls.post("decisions", BODY).json()["id"]
        seen = observe(sighting=sighting(world), at=LATER)

        assert bot_calls.get(f"decisions/{mine}").status_code == 200
        assert bot_calls.get(f"decisions/{seen.pk}").status_code == 404
        assert calling("luis").get(f"decisions/{mine}").status_code == 404
        assert calling("lena").get(f"decisions/{seen.pk}").json()["outcome"] == "allow"


class TestSigning:
    def test_is_for_people_with_the_authority(self, bot_calls: Caller, calling: Callable[[str], Caller]) -> None:
        asked = bot_calls.post("decisions", {**BODY, "amount_minor": 3_000_00}).json()["id"]
        let_sign(settle("viktor"))

        refused = calling("dana").post(f"decisions/{asked}/approve")
        signed = calling("viktor").post(f"decisions/{asked}/approve")

        assert refused.json()["code"] == "over_authority"
        assert (signed.status_code, signed.json()["state"], signed.json()["approval"]["state"]) == (
            200,
            "allowed",
            "approved",
        )

    def test_wants_words_with_a_no(self, bot_calls: Caller, calling: Callable[[str], Caller]) -> None:
        asked = bot_calls.post("decisions", {**BODY, "amount_minor": 3_000_00}).json()["id"]
        let_sign(settle("viktor"))
        viktor = calling("viktor")

        mute = viktor.post(f"decisions/{asked}/decline")
        said = viktor.post(f"decisions/{asked}/decline", {"rationale": "This payee is unknown to us."})

        assert mute.json()["code"] == "rationale_required"
        assert said.json()["state"] == "refused"


class TestTheList:
    def test_narrows_by_what_left_without_a_decision(
        self, world: World, bot_calls: Caller, calling: Callable[[str], Caller]
    ) -> None:
        asked = bot_calls.post("decisions", BODY).json()["id"]
        seen = observe(sighting=sighting(world, 99), at=LATER)
        lena = calling("lena")

        def ids(**query: Any) -> list[str]:
            return [row["id"] for row in lena.get("decisions", **query).json()["results"]]

        assert set(ids()) == {asked, str(seen.pk)}
        assert ids(ungoverned="true") == [str(seen.pk)]
        assert ids(ungoverned="false") == [asked]
        assert ids(state="allowed", category="payout", team="us-dtc") == [asked]
        assert lena.get("decisions", mood="good").status_code == 400
