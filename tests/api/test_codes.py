"""The catalogues over the API, and codes that are out of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies import cataloguing
from policies.models import ExceptionCode
from policies.vocabulary import CodeKind
from refunds import drafting
from refunds.models import RefundRequest
from tests.harness.world import NOON, as_stored

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(world: World, root: User) -> None:
    """Merge one reason and one exception code, and retire one of each."""
    for kind, code, into in (
        (CodeKind.REASON, "changed_mind", "other"),
        (CodeKind.EXCEPTION, "WINDOW_EXPIRED", "GOODWILL_RETENTION"),
    ):
        cataloguing.merge_into(kind=kind, code=code, into=into, actor=root, at=NOON)
    cataloguing.retire(kind=CodeKind.REASON, code="damaged", actor=root, at=NOON)


class TestTheLists:
    """GET /policies/reason-codes and /policies/exception-codes."""

    def test_show_every_code_with_its_owner_and_its_heir(self, calling: Callable[[str], Caller], changed: None) -> None:
        reasons = {row["code"]: row for row in calling("sam").get("policies/reason-codes").json()["results"]}

        assert len(reasons) == 13
        assert all(row["owner"] and row["playbook"] and row["sla_hours"] for row in reasons.values())
        merged = reasons["changed_mind"]
        assert (merged["state"], merged["merged_into"], merged["retired_at"]) == (
            "merged",
            "other",
            "2026-11-20T12:00:00Z",
        )
        assert reasons["other"]["most_share_basis_points"] == 500

    def test_are_narrowed_by_state(self, calling: Callable[[str], Caller], changed: None) -> None:
        sam = calling("sam")

        assert [row["code"] for row in sam.get("policies/reason-codes", state="retired").json()["results"]] == [
            "damaged"
        ]
        both = sam.get("policies/reason-codes", state=["retired", "merged"]).json()["results"]
        assert [row["code"] for row in both] == ["changed_mind", "damaged"]
        assert sam.get("policies/exception-codes", state="lost").status_code == 400

    def test_are_read_page_by_page(self, calling: Callable[[str], Caller], world: World) -> None:
        sam, seen = calling("sam"), []
        answer = sam.get("policies/exception-codes", page_size=7).json()
        while True:
            seen += [row["code"] for row in answer["results"]]
            if answer["next"] is None:
                break
            answer = sam.client.get(answer["next"]).json()

        assert seen == sorted(ExceptionCode.objects.values_list("pk", flat=True))

    def test_tell_an_integration_which_reasons_it_may_give(
        self, calling: Callable[[str], Caller], world: World
    ) -> None:
        bot = calling("bot")

        assert bot.get("policies/reason-codes").status_code == 200
        assert bot.get("policies/exception-codes").status_code == 403


class TestACodeOutOfUse:
    def test_files_no_request_and_names_its_heir(self, calling: Callable[[str], Caller], changed: None) -> None:
        amir = calling("amir")
        calling("lena").post("orders", order_body())

        for reason, said in (
            ("changed_mind", "changed_mind was merged into other; use that."),
            ("damaged", "damaged was retired and is not used for anything new."),
            ("nonsense", "There is no reason “nonsense”."),
        ):
            answer = amir.post("refund-requests", request_body(reason=reason))
            assert answer.status_code == 422
            (error,) = answer.json()["errors"]
            assert (error["code"], error["field"], error["detail"]) == ("unknown_reason", "reason", said)
        assert not RefundRequest.objects.exists()

    def test_lets_no_draft_be_submitted_that_waited_too_long(
        self, calling: Callable[[str], Caller], world: World, amir: User, root: User
    ) -> None:
        draft = drafting.save_draft(draft=world.draft_of(world.order()), reference="", actor=amir, at=NOON)
        cataloguing.merge_into(kind=CodeKind.REASON, code="changed_mind", into="other", actor=root, at=NOON)

        answer = calling("amir").post(f"refund-requests/{draft.reference}/submit")

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "unknown_reason"
        assert as_stored(draft).state == "intake"

    def test_grants_no_exception_and_its_heir_does(
        self, calling: Callable[[str], Caller], world: World, amir: User, root: User
    ) -> None:
        filed = world.filed(world.order(days_ago=60), by=amir)
        assert filed.decision is not None
        assert "WINDOW_EXPIRED" in filed.decision.exception_codes
        cataloguing.merge_into(
            kind=CodeKind.EXCEPTION, code="WINDOW_EXPIRED", into="STATUTORY_WITHDRAWAL", actor=root, at=NOON
        )
        body = {"exception_code": "WINDOW_EXPIRED", "rationale": "The courier lost a week."}
        address = f"refund-requests/{filed.reference}/grant-exception"

        refused = calling("mei").post(address, body)
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert error["code"] == "unknown_exception_code"
        assert error["detail"] == "WINDOW_EXPIRED was merged into STATUTORY_WITHDRAWAL; use that."
        assert as_stored(filed).state == "exception_review"
        assert as_stored(filed).exception_code == ""

        granted = calling("mei").post(address, {**body, "exception_code": "STATUTORY_WITHDRAWAL"})
        assert granted.status_code == 200
        assert as_stored(filed).exception_code == "STATUTORY_WITHDRAWAL"

    def test_stays_readable_on_what_carries_it(
        self, calling: Callable[[str], Caller], world: World, amir: User, root: User
    ) -> None:
        filed = world.waiting(by=amir)
        cataloguing.retire(kind=CodeKind.REASON, code="changed_mind", actor=root, at=NOON)

        assert calling("amir").get(f"refund-requests/{filed.reference}").json()["reason"] == "changed_mind"
        assert calling("dana").post(f"refund-requests/{filed.reference}/approve").status_code == 200
