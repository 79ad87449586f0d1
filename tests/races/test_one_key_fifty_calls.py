"""Fifty identical calls with one key, each on its own connection: one of them does it, nobody hears of a crash."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from approvals.models import ApprovalDecision
from policies.models import GovernedAction
from refunds.gateways.registry import standing_in
from refunds.models import Operation, RefundRequest
from tests.api.conftest import Caller, Listener, request_body
from tests.harness.people import settle
from tests.harness.races import in_the_same_instant
from tests.harness.world import World
from tests.policies.actions.desk import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CALLS = 50
KEY = "one-key-for-all"
DECISION: dict[str, Any] = {
    "category": "payout",
    "amount_minor": 120_000,
    "currency": "USD",
    "reason": "scheduled",
    "team": "us-dtc",
    "subject": {"gateway": "stripe", "external_id": "ba_1"},
}


@pytest.fixture(autouse=True)
def quiet_gateway() -> Iterator[None]:
    """Call nobody."""
    with standing_in("stripe", Listener()):  # type: ignore[arg-type]  # only announcing is needed here
        yield


def told_to_all(who: User, path: str, body: Any, *, status: int) -> list[Any]:
    """Call fifty times at once, and once more when all is over; every answer is the first or a wait."""
    callers = [Caller(who) for _ in range(CALLS)]
    answers: list[Any] = in_the_same_instant(
        *[lambda caller=caller: caller.post(path, body, key=KEY) for caller in callers]
    )
    answers.append(callers[0].post(path, body, key=KEY))
    crashed = [answer for answer in answers if isinstance(answer, Exception)]
    assert crashed == []
    told = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert set(told) <= {(status, None), (409, "idempotency_in_progress")}
    done = [answer for answer in answers if answer.status_code == status]
    assert len({answer.content for answer in done}) == 1
    first = [answer for answer in done if "Idempotency-Replayed" not in answer]
    assert len(first) == 1
    assert answers[-1]["Idempotency-Replayed"] == "true"
    return answers


class TestFiftyCallsWithOneKey:
    def test_file_one_request(self) -> None:
        order = World().order()

        told_to_all(settle("amir"), "refund-requests", request_body(order.external_id), status=201)

        assert RefundRequest.objects.count() == 1

    def test_are_one_decision(self) -> None:
        gate(World())

        told_to_all(settle("bot"), "decisions", DECISION, status=201)

        assert GovernedAction.objects.count() == 1

    def test_approve_once(self) -> None:
        reference = World().waiting(by=settle("amir"), pounds=100).reference

        told_to_all(settle("dana"), f"refund-requests/{reference}/approve", {"rationale": "Back in stock."}, status=200)

        assert ApprovalDecision.objects.count() == 1
        assert Operation.objects.count() == 1
