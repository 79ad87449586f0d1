"""GET /api/v1/refusals: every no to a verb, on a page and over the API, for auditors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from evidence.models import RefusedAction
from tests.architecture.asking import client_of

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db


def told(calling: Callable[[str], Caller], **query: Any) -> list[tuple[str, str, str, str]]:
    """List who tried what, on what, and the code of the no."""
    rows = calling("ada").get("refusals", **query).json()["results"]
    return [(row["actor"], row["action"], row["about"], row["code"]) for row in rows]


class TestRefusals:
    def test_tell_of_both_ways_to_be_refused(self, calling: Callable[[str], Caller], world: World, amir: User) -> None:
        reference = world.waiting(by=amir).reference
        calling("amir").post(f"refund-requests/{reference}/approve", {"rationale": "Mine."})
        calling("amir").post("refund-requests", request_body("W-0"))

        assert told(calling) == [
            ("amir", "refunds_api:refund_requests", "", "unknown_order"),
            ("amir", "refunds_api:approve", reference, "not_permitted"),
        ]

    def test_tell_of_pages_too(self, calling: Callable[[str], Caller], world: World, amir: User, viktor: User) -> None:
        reference = world.waiting(by=viktor).reference
        client_of(amir).post(f"/requests/{reference}/approve/", {"rationale": "Mine."})
        client_of(viktor).post(f"/requests/{reference}/approve/", {"rationale": "Mine."})

        assert told(calling) == [
            ("viktor", "refunds:approve", reference, "self_approval"),
            ("amir", "refunds:approve", reference, "not_permitted"),
        ]

    def test_are_narrowed(self, calling: Callable[[str], Caller]) -> None:
        calling("amir").post("refund-requests", request_body("W-0"))
        calling("ada").post("refund-requests", request_body("W-0"))

        assert [row[0] for row in told(calling, actor="ada")] == ["ada"]
        assert [row[0] for row in told(calling, code="unknown_order")] == ["amir"]
        assert told(calling, about="RR-NONE") == []
        assert told(calling, created_after="2999-01-01T00:00:00Z") == []

    def test_leave_out_what_was_done_read_or_malformed(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        calling("amir").post("refund-requests", request_body())
        calling("amir").get("policies")
        calling("amir").post("refund-requests", {"nothing": 1})

        assert told(calling) == []

    def test_count_a_repeated_answer_once(self, calling: Callable[[str], Caller]) -> None:
        for _ in range(2):
            calling("amir").post("refund-requests", request_body("W-0"), key="k1")

        assert len(told(calling)) == 1

    def test_can_be_traced_by_the_name_of_the_call(self, calling: Callable[[str], Caller]) -> None:
        heard = calling("amir").post("refund-requests", request_body("W-0"))

        row = calling("ada").get("refusals").json()["results"][0]
        assert (row["request_id"], row["status"]) == (heard.json()["request_id"], 422)

    def test_are_for_auditors(self, calling: Callable[[str], Caller]) -> None:
        assert calling("root").get("refusals").status_code == 403

    @pytest.mark.parametrize(
        "what", ["UPDATE evidence_refusedaction SET code = ''", "DELETE FROM evidence_refusedaction"]
    )
    def test_are_never_rewritten(self, calling: Callable[[str], Caller], what: str) -> None:
        calling("amir").post("refund-requests", request_body("W-0"))

        with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(what)

        assert RefusedAction.objects.get().code == "unknown_order"
