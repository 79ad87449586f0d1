"""The other turns a refund may take over the API: evidence, exception, question, hold, less than asked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from config.kernel.jobs import Job
from refunds.models import Statement
from tests.harness.world import drain
from tests.refunds.reconciliation.reports import report, row

from .conftest import days_ago, order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db

WHY = {"rationale": "Goods are back in stock."}


def picture() -> SimpleUploadedFile:
    """Take a photo."""
    stream = io.BytesIO()
    Image.new("RGB", (48, 48), "red").save(stream, "PNG")
    return SimpleUploadedFile("lamp.png", stream.getvalue())


def dear_order() -> dict[str, Any]:
    """Sell one lamp for 150.00."""
    body = order_body()
    line = {**body["lines"][0], "quantity": 1, "unit_price_minor": 15_000}
    return {**body, "lines": [line], "payments": [{**body["payments"][0], "captured_minor": 15_300}]}


class TestMissingEvidence:
    """A photo is wanted for damage above 100.00."""

    def test_keeps_the_request_and_names_what_is_missing(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", dear_order())
        amir = calling("amir")
        filed = amir.post("refund-requests", request_body(quantity=1, reason="damaged"))
        assert (filed.status_code, filed.json()["state"]) == (201, "intake")
        assert filed.json()["evidence_missing"] == ["photo"]
        path = f"refund-requests/{filed.json()['reference']}"
        again = amir.post(f"{path}/submit")
        assert (again.status_code, again.json()["evidence_missing"]) == (200, ["photo"])

        assert amir.upload(f"{path}/evidence", kind="photo", file=picture()).status_code == 201
        submitted = amir.post(f"{path}/submit").json()
        assert (submitted["state"], submitted["evidence_missing"]) == ("awaiting_approval", [])


class TestAnException:
    """Out of the window: a reviewer grants a code, an approver signs."""

    @pytest.fixture
    def late(self, calling: Callable[[str], Caller]) -> str:
        calling("bot").post("orders", order_body(placed_at=days_ago(90), delivered_at=days_ago(80)))
        filed = calling("amir").post("refund-requests", request_body()).json()
        assert filed["state"] == "exception_review"
        return f"refund-requests/{filed['reference']}"

    def test_is_granted_under_a_code_that_fits(self, calling: Callable[[str], Caller], late: str) -> None:
        odd = calling("mei").post(f"{late}/grant-exception", {"exception_code": "NONSENSE", **WHY})
        assert odd.status_code == 422
        granted = calling("mei").post(f"{late}/grant-exception", {"exception_code": "LATE_DELIVERY", **WHY})
        assert granted.status_code == 200, granted.json()
        assert granted.json()["state"] == "awaiting_approval"
        assert granted.json()["exception_code"] == "LATE_DELIVERY"
        assert granted.json()["reviewed_by"] == "mei"
        approved = calling("dana").post(f"{late}/approve", {**WHY, "exception_code": "LATE_DELIVERY"})
        assert approved.json()["state"] == "approved"
        found = calling("dana").get("refund-requests", exception_code="LATE_DELIVERY").json()["results"]
        assert len(found) == 1

    def test_is_never_granted_twice(self, calling: Callable[[str], Caller], late: str) -> None:
        body = {"exception_code": "LATE_DELIVERY", **WHY}
        calling("mei").post(f"{late}/grant-exception", body)
        again = calling("milo").post(f"{late}/grant-exception", body)
        assert (again.status_code, again.json()["code"]) == (409, "out_of_date")

    def test_needs_a_rationale(self, calling: Callable[[str], Caller], late: str) -> None:
        answer = calling("mei").post(f"{late}/grant-exception", {"exception_code": "LATE_DELIVERY"})
        assert (answer.status_code, answer.json()["code"]) == (422, "rationale_required")


class TestWaitingForASignature:
    """What people may say meanwhile."""

    @pytest.fixture
    def path(self, world: World, amir: User) -> str:
        return f"refund-requests/{world.waiting(by=amir, pounds=100).reference}"

    def test_a_question_is_answered_by_submitting_again(self, calling: Callable[[str], Caller], path: str) -> None:
        asked = calling("dana").post(f"{path}/ask", {"question": "Which parcel was it in?"}).json()
        assert (asked["state"], asked["question"]) == ("needs_info", "Which parcel was it in?")
        assert calling("dana").get("approvals", mine="true").json()["results"] == []
        assert calling("amir").post(f"{path}/submit").json()["state"] == "awaiting_approval"

    def test_a_hold_ends_where_it_began(self, calling: Callable[[str], Caller], path: str) -> None:
        assert calling("lena").post(f"{path}/hold", {"note": "The bank asked."}).json()["state"] == "on_hold"
        released = calling("lena").post(f"{path}/release").json()
        assert released["state"] == "awaiting_approval"
        assert [step["state"] for step in released["route"]["steps"]] == ["open"]

    def test_less_may_be_approved_than_was_asked(self, calling: Callable[[str], Caller], path: str) -> None:
        approved = calling("dana").post(f"{path}/approve", {**WHY, "amount_minor": 4000}).json()
        assert (approved["requested_minor"], approved["approved_minor"], approved["amount_minor"]) == (
            10000,
            4000,
            4000,
        )

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({**WHY, "amount_minor": 10_001}, 422, "exceeds_refundable_balance"),
            ({**WHY, "amount_minor": 0}, 422, "exceeds_refundable_balance"),
            ({**WHY, "amount_minor": -1}, 422, "exceeds_refundable_balance"),
            ({**WHY, "amount_minor": 2**70}, 400, "invalid"),
            ({"amount_minor": 4000}, 422, "rationale_required"),
            ({"rationale": "paid to 4242 4242 4242 4242"}, 422, "card_number_in_text"),
            ({**WHY, "exception_code": "NONSENSE"}, 422, "unknown_exception_code"),
            ({"rationale": 5}, 400, "invalid"),
        ],
    )
    def test_a_bad_signature_moves_nothing(
        self, calling: Callable[[str], Caller], path: str, body: dict[str, Any], status: int, code: str
    ) -> None:
        answer = calling("dana").post(f"{path}/approve", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
        assert calling("dana").get(path).json()["state"] == "awaiting_approval"

    def test_a_lease_keeps_others_away_until_it_is_given_back(
        self, calling: Callable[[str], Caller], path: str
    ) -> None:
        (row,) = calling("dana").get("approvals", mine="true").json()["results"]
        assert row["leased_by"] is None
        assert calling("dana").post(f"approvals/{row['id']}/lease").json()["leased_by"] == "dana"
        other = calling("viktor").post(f"approvals/{row['id']}/lease")
        assert (other.status_code, other.json()["code"]) == (409, "out_of_date")
        assert calling("asha").post(f"approvals/{row['id']}/lease").status_code == 403
        assert calling("dana").post(f"approvals/{row['id']}/release").json()["leased_by"] is None
        assert calling("viktor").post(f"approvals/{row['id']}/lease").status_code == 200
        held = calling("dana").post(f"{path}/approve", WHY)
        assert (held.status_code, held.json()["code"]) == (409, "out_of_date")
        calling("viktor").post(f"approvals/{row['id']}/release")
        assert calling("dana").post(f"{path}/approve", WHY).status_code == 200
        gone = calling("dana").post(f"approvals/{row['id']}/lease")
        assert (gone.status_code, gone.json()["code"]) == (409, "already_decided")


class TestAnOddOrderNumber:
    """Shops are inventive."""

    @pytest.mark.parametrize("number", ["#1001", "A/1/2", "ü 7", "50%", "a?b=c", "../x", "C'1\"", "1&2", "a+b"])
    def test_is_found_again(self, calling: Callable[[str], Caller], number: str) -> None:
        assert calling("bot").post("orders", order_body(number)).status_code == 201
        found = calling("amir").client.get(f"/api/v1/orders/shop-uk/{quote(number, safe='')}")
        assert (found.status_code, found.json()["external_id"]) == (200, number)
        assert calling("amir").post("refund-requests", request_body(number)).status_code == 201


class TestAnOrder:
    """POST /orders twice."""

    def test_is_new_once(self, calling: Callable[[str], Caller]) -> None:
        body = order_body()
        first, second = (calling("bot").post("orders", body) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json()


class TestAStatement:
    """POST /statements and the job behind it."""

    def test_is_imported_by_a_job_and_known_the_second_time(self, calling: Callable[[str], Caller]) -> None:
        lena = calling("lena")

        def send() -> Any:
            file = SimpleUploadedFile("payout.csv", report([row("txn_1", "-12.00")]))
            return lena.upload("statements", account="stripe", file=file)

        first = send()
        assert first.status_code == 202, first.json()
        job = f"jobs/{first.json()['id']}"
        assert lena.get(job).json()["state"] == "queued"
        drain()
        assert lena.get(job).json()["state"] == "succeeded"
        again = send()
        assert (again.status_code, again.json()["state"], again.json()["id"]) == (200, "succeeded", first.json()["id"])
        assert again.json()["statement"] == first.json()["statement"]
        assert Statement.objects.count() == Job.objects.count() == 1
        breaks = lena.get("reconciliation/breaks").json()["results"]
        assert [(row["kind"], row["amount_minor"]) for row in breaks] == [("ungoverned", -1200)]
        assert calling("amir").get(job).status_code == 404
        assert calling("luis").get(job).status_code == 200


class TestAPolicy:
    """GET /policies."""

    def test_is_read_with_its_edition_and_its_table(self, calling: Callable[[str], Caller]) -> None:
        ada = calling("ada")
        rows = ada.get("policies").json()["results"]
        assert [row["slug"] for row in rows] == ["ecommerce-dtc", "retail-goods", "saas-subscription"]
        retail = ada.get("policies/retail-goods").json()
        assert (retail["team"], retail["version"], retail["modes"]["refund"]) == ("uk-retail", 1, "enforce")
        edition = ada.get("policies/retail-goods/versions/1").json()
        assert edition["document"]["thresholds"]["default"]["GBP"]["auto_up_to_minor"] == 5000
        assert edition["sentences"]
        table = ada.get("policies/retail-goods/matrix", currency="GBP").json()
        assert table["amounts_minor"] == [5000, 5001, 500000, 500001]
        outcomes = {row["category"]: row["outcomes"] for row in table["rows"]}
        assert outcomes["refund"] == ["allow", "require_approval", "require_approval", "block"]

    @pytest.mark.parametrize(
        ("path", "query", "status"),
        [
            ("policies/nothing", {}, 404),
            ("policies/retail-goods/versions/2", {}, 404),
            ("policies/retail-goods/versions/99999999999999999999", {}, 404),
            ("policies/retail-goods/matrix", {"currency": "XXQ"}, 422),
            ("policies/retail-goods/matrix", {"currency": "JPY"}, 200),
            ("policies/retail-goods/matrix", {"colour": "red"}, 400),
        ],
    )
    def test_answers_odd_questions(
        self, calling: Callable[[str], Caller], path: str, query: dict[str, str], status: int
    ) -> None:
        assert calling("ada").get(path, **query).status_code == status
