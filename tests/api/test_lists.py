"""Lists: stable pages, filters that narrow, a price that does not grow with the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.bearer import SpeedOfToken
from refunds.api import requests
from tests.harness.known import order_of
from tests.harness.world import NOON

from .conftest import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World


pytestmark = pytest.mark.django_db


def walk(caller: Caller, path: str, **query: Any) -> list[str]:
    """Follow `next` to the end."""
    seen: list[str] = []
    answer = caller.get(path, **query).json()
    while True:
        seen += [row["reference"] for row in answer["results"]]
        if answer["next"] is None:
            return seen
        answer = caller.client.get(answer["next"]).json()


class TestPages:
    """Cursors."""

    def test_neither_repeat_nor_lose_a_row_while_others_write(
        self, calling: Callable[[str], Caller], world: World, amir: User
    ) -> None:
        made = [world.waiting(by=amir, at=NOON + timedelta(minutes=n // 3)).reference for n in range(9)]
        first = calling("amir").get("refund-requests", page_size=4).json()
        world.waiting(by=amir, at=NOON + timedelta(hours=1))
        second = calling("amir").client.get(first["next"]).json()
        third = calling("amir").client.get(second["next"]).json()
        seen = [row["reference"] for page in (first, second, third) for row in page["results"]]
        assert sorted(seen) == sorted(made)
        assert [row["created_at"] for row in first["results"]] == sorted(
            (row["created_at"] for row in first["results"]), reverse=True
        )
        assert third["next"] is None
        back = calling("amir").client.get(second["previous"]).json()
        assert [row["reference"] for row in back["results"]] == [row["reference"] for row in first["results"]]

    def test_of_the_queue_begin_with_the_oldest_promise(
        self, calling: Callable[[str], Caller], world: World, amir: User
    ) -> None:
        made = [world.waiting(by=amir, at=NOON + timedelta(minutes=n)).reference for n in range(5)]
        assert walk(calling("dana"), "approvals", mine="true", page_size=2) == made

    def test_cost_the_same_for_one_row_and_for_many(
        self, calling: Callable[[str], Caller], world: World, amir: User, dana: User
    ) -> None:
        world.approved(by=amir, approver=dana)
        caller = calling("ada")
        for path in ("refund-requests", "approvals"):
            caller.get(path)
            with CaptureQueriesContext(connection) as one:
                caller.get(path)
            for _ in range(4):
                world.approved(by=amir, approver=dana)
                world.waiting(by=amir)
            with CaptureQueriesContext(connection) as many:
                caller.get(path)
            assert len(many) <= len(one) + (1 if path == "refund-requests" else 0)
            assert len(many) <= 16


class TestFilters:
    """GET /refund-requests?..."""

    @pytest.fixture
    def two(self, world: World, amir: User, mei: User) -> tuple[RefundRequest, RefundRequest]:
        small = world.filed(world.order(unit_minor=1000), by=amir, at=NOON)
        large = world.filed(world.order(unit_minor=9000), by=mei, reason="other", at=NOON + timedelta(hours=1))
        return small, large

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ({}, {0, 1}),
            ({"state": "approved"}, {0}),
            ({"state": ["approved", "awaiting_approval"]}, {0, 1}),
            ({"state": "failed"}, set()),
            ({"reason": "other"}, {1}),
            ({"mine": "true"}, {0}),
            ({"mine": "false"}, {0, 1}),
            ({"amount_min": 1001}, {1}),
            ({"amount_max": 1000}, {0}),
            ({"amount_min": 1000, "amount_max": 9000}, {0, 1}),
            ({"created_after": "2026-11-20T12:30:00Z"}, {1}),
            ({"created_before": "2026-11-20T12:30:00Z"}, {0}),
            ({"created_before": "2026-11-20T13:30:00 01:00"}, {0}),
            ({"team": "uk-retail"}, {0, 1}),
            ({"team": "us-dtc"}, set()),
            ({"customer": "nobody"}, set()),
            ({"exception_code": "OTHER"}, set()),
        ],
    )
    def test_narrow(
        self,
        calling: Callable[[str], Caller],
        two: tuple[RefundRequest, RefundRequest],
        query: dict[str, Any],
        kept: set[int],
    ) -> None:
        found = {row["reference"] for row in calling("amir").get("refund-requests", **query).json()["results"]}
        assert found == {two[place].reference for place in kept}

    def test_find_the_requests_of_an_order(
        self, calling: Callable[[str], Caller], two: tuple[RefundRequest, RefundRequest]
    ) -> None:
        answer = calling("amir").get("refund-requests", order=order_of(two[1]).external_id).json()
        assert [row["reference"] for row in answer["results"]] == [two[1].reference]


class TestASpeedLimit:
    """Throttling."""

    def test_says_when_to_come_back(self, calling: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(SpeedOfToken, "rate", "2/min", raising=False)
        answers = [calling("amir").get("refund-requests") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "throttled"
        assert 0 < int(answers[2]["Retry-After"]) <= 60
        assert Caller(calling("amir").user).get("refund-requests").status_code == 200, "another token has its own speed"


class TestAnAnswer:
    """Headers."""

    def test_carries_the_name_the_caller_gave(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("amir").client.get("/api/v1/refund-requests/RR-NONE", HTTP_X_REQUEST_ID="shop-77-abcdef")
        assert answer["X-Request-ID"] == "shop-77-abcdef"
        assert answer.json()["request_id"] == "shop-77-abcdef"

    def test_carries_a_new_name_when_the_given_one_is_odd(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("amir").client.get("/api/v1/refund-requests/RR-NONE", HTTP_X_REQUEST_ID="<script>")
        assert answer["X-Request-ID"] == answer.json()["request_id"] != "<script>"

    def test_is_never_kept_by_a_cache(self, calling: Callable[[str], Caller]) -> None:
        assert calling("amir").get("refund-requests")["Cache-Control"] == "no-store, private"


class TestABug:
    """What nobody expected."""

    def test_is_answered_with_a_problem(
        self, calling: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(requests, "shown_to", crash)
        client = calling("amir").client
        client.raise_request_exception = False
        answer = client.get("/api/v1/refund-requests", HTTP_X_REQUEST_ID="shop-77-abcdef")
        assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
        assert answer.json()["request_id"] == "shop-77-abcdef"
        assert "ZeroDivision" not in answer.content.decode()

    def test_a_host_that_is_not_ours_is_refused(self, calling: Callable[[str], Caller]) -> None:
        answer = calling("amir").client.get("/api/v1/refund-requests", HTTP_HOST="evil.example")
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
