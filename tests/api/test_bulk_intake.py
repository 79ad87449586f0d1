"""Many requests in one call: each is filed and answered as if it had come alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from config.kernel import outbox
from config.kernel.jobs import Job
from evidence.models import LedgerEntry
from refunds.batches import filing
from refunds.batches.taking import MOST_ROWS
from refunds.models import Batch, FilingKey, Operation, RefundRequest

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db

PATH = "refund-requests/bulk"
CARD = "My card is 4242 4242 4242 4242."


@pytest.fixture
def bot(calling: Callable[[str], Caller]) -> Caller:
    """A machine that knows three orders of three customers."""
    caller = calling("bot")
    for number in ("W-1", "W-2", "W-3"):
        who = {"external_id": f"of {number}", "name": "Ann Lee", "email": "ann@example.com", "country": "GB"}
        assert caller.post("orders", order_body(number, customer=who)).status_code == 201
    return caller


def sent(caller: Caller, *rows: Any, key: str = "") -> dict[str, Any]:
    """Send them, let the worker do its work, and answer the job."""
    answer = caller.post(PATH, {"requests": list(rows)}, key=key)
    assert (answer.status_code, answer.json()["kind"]) == (202, "file_requests"), answer.json()
    outbox.drain()
    job: dict[str, Any] = caller.get(f"jobs/{answer.json()['id']}").json()
    return job


def items(job: dict[str, Any]) -> list[tuple[int, str]]:
    """Keep status and what there is to say of each."""
    return [(item["status"], item.get("state") or item["code"]) for item in job["result"]["items"]]


class TestManyRequests:
    def test_are_each_answered_by_itself(self, world: World, bot: Caller) -> None:
        customer = world.customer()
        world.order(customer=customer)
        credit = {
            "category": "goodwill_credit",
            "amount_minor": 15_00,
            "currency": "GBP",
            "customer": customer.external_id,
            "team": "uk-retail",
            "reason": "late_delivery",
        }

        job = sent(
            bot,
            request_body("W-1", key="a"),
            request_body("W-2", quantity=1),
            request_body("W-9"),
            request_body("W-3", quantity=9),
            request_body("W-3", currency="EUR"),
            request_body("W-3", colour="red"),
            "nothing",
            request_body("W-3", submit=False),
            credit,
        )

        assert (job["state"], job["done"], job["total"]) == ("succeeded", 9, 9)
        assert (job["result"]["filed"], job["result"]["refused"]) == (4, 5)
        assert items(job) == [
            (201, "awaiting_approval"),
            (201, "approved"),
            (422, "unknown_order"),
            (422, "exceeds_refundable_balance"),
            (422, "currency_mismatch"),
            (400, "unknown_field"),
            (400, "invalid"),
            (201, "intake"),
            (201, "awaiting_approval"),
        ]
        first, *_, last = job["result"]["items"]
        assert (first["number"], first["key"], first["amount_minor"], first["currency"]) == (1, "a", 75_00, "GBP")
        assert (last["number"], last["key"], last["amount_minor"]) == (9, "", 15_00)
        told = job["result"]["items"][3]
        assert told["errors"] == [
            {"field": "lines[0].quantity", "code": "exceeds_refundable_balance", "detail": told["detail"]}
        ]
        assert RefundRequest.objects.count() == 4
        assert Batch.objects.get().rows == []

    def test_leave_the_same_record_as_one(self, bot: Caller) -> None:
        alone = bot.post("refund-requests", request_body("W-1")).json()
        together = sent(bot, request_body("W-2"))["result"]["items"][0]

        one, other = (RefundRequest.objects.get(reference=told["reference"]) for told in (alone, together))
        assert (one.state, one.requested_minor, one.requested_by) == (
            other.state,
            other.requested_minor,
            other.requested_by,
        )
        kinds = [
            list(LedgerEntry.objects.filter(subject_id=made.pk).order_by("seq").values_list("kind", flat=True))
            for made in (one, other)
        ]
        assert kinds[0] == kinds[1] != []
        assert (one.decision and one.decision.findings) == (other.decision and other.decision.findings)
        assert one.route is not None
        assert other.route is not None
        shape = ("title", "risk", "is_routine", "open_roles", "requested_by_id")
        assert [getattr(one.route, name) for name in shape] == [getattr(other.route, name) for name in shape]

    def test_are_counted_against_each_other(self, bot: Caller) -> None:
        job = sent(
            bot, request_body("W-1", quantity=3), request_body("W-1", quantity=2), request_body("W-1", quantity=1)
        )

        assert items(job) == [
            (201, "awaiting_approval"),
            (422, "exceeds_refundable_balance"),
            (422, "duplicate_request"),
        ]

    def test_may_be_of_several_currencies(self, world: World, bot: Caller) -> None:
        dollars = world.order(team="us-dtc", unit_minor=100_00)

        job = sent(bot, request_body("W-1"), request_body(dollars.external_id, quantity=1, currency="USD"))

        assert [item["currency"] for item in job["result"]["items"]] == ["GBP", "USD"]
        assert "amount_minor" not in job["result"]


class TestAskingAgain:
    def test_with_the_same_key_of_the_call_is_answered_with_the_same_job(self, bot: Caller) -> None:
        rows = {"requests": [request_body("W-1")]}

        first, again = (bot.post(PATH, rows, key="all-of-today") for _ in range(2))

        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.json()["id"] == first.json()["id"]
        assert Job.objects.count() == 1

    def test_without_it_files_no_row_twice_that_has_a_key_of_its_own(self, bot: Caller) -> None:
        paid = request_body("W-1", quantity=1, key="row-1")
        first = sent(bot, paid)["result"]["items"][0]

        job = sent(bot, paid, request_body("W-1", quantity=2, key="row-1"), request_body("W-2", key="row-2"))

        assert [status for status, _ in items(job)] == [200, 400, 201]
        assert job["result"]["items"][0]["reference"] == first["reference"]
        assert Operation.objects.count() == 1

    def test_with_a_key_of_something_else_is_refused(self, bot: Caller) -> None:
        sent(bot, request_body("W-1", key="row-1"))

        job = sent(bot, request_body("W-2", key="row-1"))

        assert items(job) == [(422, "idempotency_key_reused")]
        assert RefundRequest.objects.count() == 1

    def test_a_key_is_free_while_nothing_was_filed_under_it(self, bot: Caller) -> None:
        sent(bot, request_body("W-9", key="row-1"))

        job = sent(bot, request_body("W-1", key="row-1"))

        assert items(job) == [(201, "awaiting_approval")]

    def test_the_keys_of_another_caller_are_hers(self, bot: Caller, calling: Callable[[str], Caller]) -> None:
        sent(bot, request_body("W-1", key="row-1"))

        job = sent(calling("amir"), request_body("W-2", key="row-1"))

        assert items(job) == [(201, "awaiting_approval")]


class TestACall:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"requests": []}, 422, "refused"),
            ({"requests": [{}] * (MOST_ROWS + 1)}, 413, "too_large"),
            ({"requests": {}}, 400, "invalid"),
            ({}, 400, "invalid"),
            ({"requests": [{}], "all": True}, 400, "unknown_field"),
        ],
    )
    def test_that_cannot_be_read_is_refused_whole(
        self, bot: Caller, body: dict[str, Any], status: int, code: str
    ) -> None:
        answer = bot.post(PATH, body)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not Job.objects.exists()

    def test_says_how_many_are_taken(self, bot: Caller) -> None:
        answer = bot.post(PATH, {"requests": [{}] * 1_001})

        assert answer.json()["detail"] == "Send at most 1,000 requests in one call; these are 1,001."

    def test_of_a_thousand_faults_is_answered_a_thousand_times(self, bot: Caller) -> None:
        odd = [{}, {"order": "\x00"}, {"or\x00der": 1}, {"order": "\ud800"}, {"key": "\ud800"}, [], None, 7]

        told = bot.raw(PATH, json.dumps({"requests": odd * (MOST_ROWS // len(odd))})).json()
        outbox.drain()

        job = bot.get(f"jobs/{told['id']}").json()
        assert (job["state"], job["done"], job["result"]["refused"]) == ("succeeded", MOST_ROWS, MOST_ROWS)
        assert {item["status"] for item in job["result"]["items"]} == {400}
        assert not RefundRequest.objects.exists()

    @pytest.mark.parametrize("hidden", [{"note": CARD}, {"key": "4242424242424242"}])
    def test_keeps_no_card_number_for_a_moment(self, bot: Caller, hidden: dict[str, Any]) -> None:
        answer = bot.post(PATH, {"requests": [request_body("W-1", **hidden), request_body("W-2")]})

        assert "4242" not in str(Batch.objects.values_list("rows", flat=True).get())
        outbox.drain()
        job = bot.get(f"jobs/{answer.json()['id']}").json()
        assert items(job) == [(422, "card_number_in_text"), (201, "awaiting_approval")]
        assert "4242" not in str(job)

    def test_is_for_whoever_may_file(self, bot: Caller, calling: Callable[[str], Caller]) -> None:
        for name in ("lena", "ada", "nobody"):
            answer = calling(name).post(PATH, {"requests": [request_body("W-1")]})
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")

        assert not Job.objects.exists()

    def test_of_a_stranger_files_nothing_of_another_team(self, bot: Caller, calling: Callable[[str], Caller]) -> None:
        job = sent(calling("asha"), request_body("W-1"))

        assert items(job) == [(422, "unknown_order")]
        assert not RefundRequest.objects.exists()

    def test_is_one_of_three_at_a_time(self, bot: Caller) -> None:
        for _ in range(3):
            assert bot.post(PATH, {"requests": [request_body("W-1")]}).status_code == 202

        answer = bot.post(PATH, {"requests": [request_body("W-2")]})

        assert (answer.status_code, answer.json()["code"]) == (422, "refused")
        assert Job.objects.count() == 3


class TestTheJob:
    def test_is_its_callers_alone(self, bot: Caller, calling: Callable[[str], Caller]) -> None:
        job = bot.post(PATH, {"requests": [request_body("W-1")]}).json()

        assert calling("amir").get(f"jobs/{job['id']}").status_code == 404
        assert calling("amir").post(f"{PATH}/{job['id']}/cancel").status_code == 404
        assert Job.objects.get().state == "queued"

    def test_that_is_stopped_before_it_began_files_nothing(self, bot: Caller) -> None:
        job = bot.post(PATH, {"requests": [request_body("W-1")]}).json()

        answer = bot.post(f"{PATH}/{job['id']}/cancel")
        outbox.drain()

        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        assert not RefundRequest.objects.exists()
        assert Batch.objects.get().rows == []

    def test_that_is_stopped_on_its_way_says_what_was_filed(self, bot: Caller) -> None:
        rows = [request_body(number, key=number) for number in ("W-1", "W-2", "W-3")]
        job = bot.post(PATH, {"requests": rows}).json()
        batch = Batch.objects.select_related("job__requested_by").get()
        Job.objects.update(state="running")
        assert filing._file_next(batch)

        bot.post(f"{PATH}/{job['id']}/cancel")
        outbox.drain()

        told = bot.get(f"jobs/{job['id']}").json()
        assert (told["state"], told["done"], items(told)) == ("cancelled", 1, [(201, "awaiting_approval")])
        assert FilingKey.objects.get().key == "W-1"
        assert RefundRequest.objects.count() == 1

    def test_of_somebody_who_lost_the_right_files_nothing(self, bot: Caller) -> None:
        job = bot.post(PATH, {"requests": [request_body("W-1")]}).json()
        bot.user.groups.clear()

        outbox.drain()

        assert Job.objects.get(pk=job["id"]).result == {"filed": 0, "refused": 1, "items": [ANSWER_TO_NOBODY]}
        assert not RefundRequest.objects.exists()


ANSWER_TO_NOBODY = {
    "number": 1,
    "key": "",
    "status": 403,
    "code": "not_permitted",
    "detail": "Submit needs the right “refunds.submit_refundrequest”.",
    "errors": [],
}
