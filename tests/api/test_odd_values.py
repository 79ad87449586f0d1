"""Every place of every body takes every odd value: the answer is never a crash, and a no writes nothing."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import order_body, request_body
from .test_bad_input import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config.kernel.people import User
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ODD: list[Any] = [
    *(None, True, 0, -1, 2**31, 2**80, 1.5),
    *("", "0", "x" * 5000, "\x00", "\ud800", "\u202e\u0660", "%s %(a)s {}", "'; --"),
    *("0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "2026-01-01"),
    *([], {}, [None], {"a": {}}, ["a"]),
]

WHY = "Goods are back in stock."
VERBS: dict[str, dict[str, Any]] = {
    "hold": {"note": WHY},
    "release": {},
    "ask": {"question": WHY},
    "submit": {},
    "approve": {"rationale": WHY, "exception_code": "OTHER", "amount_minor": 100},
    "decline": {"rationale": WHY, "code": "OTHER"},
    "grant-exception": {"exception_code": "OTHER", "rationale": WHY},
    "withdraw": {"note": WHY},
}


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the way to every leaf and every branch."""
    yield path
    branches = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, inner in branches:
        yield from places(inner, (*path, name))


def spoiled(body: Any) -> Iterator[str]:
    """Print the body with one place replaced by each odd value in turn."""
    for path in places(body):
        for odd in ODD:
            changed = deepcopy(body)
            if not path:
                changed = odd
            else:
                branch = changed
                for step in path[:-1]:
                    branch = branch[step]
                branch[path[-1]] = odd
            yield json.dumps(changed)


def send_all(caller: Caller, path: str, body: Any) -> int:
    """Send every spoiled body; the test client raises what a view raises. Answers how many were sent."""
    before, sent = rows(), 0
    for spoiled_body in spoiled(body):
        answer = caller.raw(path, spoiled_body)
        assert answer.status_code < 500, spoiled_body
        answer.content.decode()
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert rows() == before, spoiled_body
        before, sent = rows(), sent + 1
    return sent


@pytest.fixture(autouse=True)
def no_speed_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test hurry."""
    monkeypatch.setattr("config.kernel.rest.ApiView.throttle_classes", [])


class TestAnOddValue:
    """In a body."""

    def test_of_an_order_is_answered(self, calling: Callable[[str], Caller]) -> None:
        assert send_all(calling("bot"), "orders", order_body()) > 600

    def test_of_a_request_is_answered(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        body = request_body(
            note="n", shipping_minor=1, method="original", currency="GBP", category="refund", submit=True
        )
        assert send_all(calling("amir"), "refund-requests", body) > 300

    @pytest.mark.parametrize("verb", VERBS)
    def test_of_a_verb_is_answered(self, calling: Callable[[str], Caller], world: World, amir: User, verb: str) -> None:
        reference = world.waiting(by=amir).reference
        caller = calling("mei" if verb == "grant-exception" else "vera")
        assert send_all(caller, f"refund-requests/{reference}/{verb}", VERBS[verb]) >= len(ODD)

    @pytest.mark.parametrize(
        "path", ["refund-requests", "approvals", "reconciliation/breaks", "policies/retail-goods/matrix"]
    )
    def test_of_a_query_is_answered(self, calling: Callable[[str], Caller], path: str) -> None:
        names = ("state", "team", "customer", "created_after", "amount_min", "mine", "cursor", "page_size", "currency")
        for odd in ODD:
            for name in names:
                text = str(odd).encode("utf-8", "replace").decode()
                assert calling("ada").get(path, **{name: text}).status_code in {200, 400, 422}, (name, odd)
