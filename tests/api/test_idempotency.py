"""The same call twice is one call."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from config.kernel.idempotency import KEPT_FOR, STUCK_AFTER, StoredAnswer
from evidence.models import Attachment
from refunds import workflow
from refunds.models import Operation, RefundRequest
from tests.harness.races import in_the_same_instant

from .conftest import Caller, order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

REASON = {"rationale": "Goods are back in stock."}


@pytest.mark.django_db
class TestAKey:
    """One key, one answer."""

    def test_hears_the_first_answer_again(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        first = calling("amir").post("refund-requests", request_body(), key="k1")
        again = calling("amir").post("refund-requests", request_body(), key="k1")
        assert first.status_code == again.status_code == 201
        assert again.content == first.content
        assert again["Idempotency-Replayed"] == "true"
        assert again["Content-Type"] == first["Content-Type"]
        assert "Idempotency-Replayed" not in first
        assert RefundRequest.objects.count() == 1

    def test_is_refused_with_another_body(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        calling("amir").post("refund-requests", request_body(), key="k1")
        other = calling("amir").post("refund-requests", request_body(quantity=1), key="k1")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert RefundRequest.objects.count() == 1

    def test_is_refused_at_another_address(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body(), key="k1")
        answer = calling("bot").post("refund-requests", order_body(), key="k1")
        assert answer.json()["code"] == "idempotency_key_reused"

    def test_belongs_to_its_caller(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        calling("bot").post("orders", order_body("W-2"))
        one = calling("amir").post("refund-requests", request_body(), key="k1")
        two = calling("dana").post("refund-requests", request_body("W-2"), key="k1")
        assert one.json()["reference"] != two.json()["reference"]

    def test_repeats_a_refusal(self, calling: Callable[[str], Caller]) -> None:
        first = calling("amir").post("refund-requests", request_body(), key="k1")
        calling("bot").post("orders", order_body())
        again = calling("amir").post("refund-requests", request_body(), key="k1")
        assert first.status_code == again.status_code == 422
        assert again.json() == first.json()

    def test_is_free_again_after_a_day(self, calling: Callable[[str], Caller]) -> None:
        calling("amir").post("refund-requests", request_body(), key="k1")
        StoredAnswer.objects.update(created_at=timezone.now() - KEPT_FOR * 1.01)
        calling("bot").post("orders", order_body())
        assert calling("amir").post("refund-requests", request_body(), key="k1").status_code == 201

    def test_of_a_running_call_has_to_wait(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        calling("amir").post("refund-requests", request_body(), key="k1")
        StoredAnswer.objects.update(status=None)
        waiting = calling("amir").post("refund-requests", request_body(), key="k1")
        assert (waiting.status_code, waiting.json()["code"]) == (409, "idempotency_in_progress")

    def test_of_a_dead_call_is_free_after_two_minutes(self, calling: Callable[[str], Caller]) -> None:
        calling("amir").post("refund-requests", request_body(), key="k1")
        StoredAnswer.objects.update(status=None, created_at=timezone.now() - STUCK_AFTER * 1.01)
        calling("bot").post("orders", order_body())
        assert calling("amir").post("refund-requests", request_body(), key="k1").status_code == 201

    def test_is_given_back_by_a_crash(self, calling: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch) -> None:
        calling("bot").post("orders", order_body())

        def crash(**_: object) -> None:
            raise ZeroDivisionError

        amir = calling("amir")
        with monkeypatch.context() as patch:
            patch.setattr(workflow, "file_within", crash)
            with pytest.raises(ZeroDivisionError):
                amir.post("refund-requests", request_body(), key="k1")
        assert amir.post("refund-requests", request_body(), key="k1").status_code == 201

    @pytest.mark.parametrize("key", [" ", "x" * 256, "a b", "\xe9"])
    def test_that_is_no_key_is_refused(self, calling: Callable[[str], Caller], key: str) -> None:
        answer = calling("amir").post("refund-requests", request_body(), key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")

    def test_is_not_taken_by_whoever_may_not(self, calling: Callable[[str], Caller]) -> None:
        assert calling("ada").post("orders", order_body(), key="k1").status_code == 403
        assert not StoredAnswer.objects.exists()

    def test_compares_forms_part_by_part(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        reference = calling("amir").post("refund-requests", request_body(submit=False)).json()["reference"]
        path = f"refund-requests/{reference}/evidence"

        def send(colour: str) -> Any:
            stream = io.BytesIO()
            Image.new("RGB", (32, 32), colour).save(stream, "PNG")
            file = SimpleUploadedFile("a.png", stream.getvalue())
            return calling("amir").upload(path, key="k1", file=file, kind="photo")

        first, again, other = send("red"), send("red"), send("blue")
        assert first.status_code == 201, first.content
        assert again["Idempotency-Replayed"] == "true"
        assert other.json()["code"] == "idempotency_key_reused"
        assert Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestTwentyAtOnce:
    """Twenty identical calls in the same instant, each on its own connection."""

    def test_file_one_request(self, world: World, amir: User) -> None:
        order = world.order()
        callers = [Caller(amir) for _ in range(20)]
        body = request_body(order.external_id)
        answers = in_the_same_instant(
            *[lambda caller=caller: caller.post("refund-requests", body, key="k1") for caller in callers]
        )
        assert RefundRequest.objects.count() == 1
        statuses = Counter(answer.status_code for answer in answers)  # type: ignore[union-attr]
        assert set(statuses) <= {201, 409}, answers
        assert statuses[201] >= 1
        filed = {answer.json()["reference"] for answer in answers if answer.status_code == 201}  # type: ignore[union-attr]
        assert len(filed) == 1
        fresh = [answer for answer in answers if answer.status_code == 201 and "Idempotency-Replayed" not in answer]  # type: ignore[union-attr,operator]
        assert len(fresh) == 1

    def test_without_a_key_file_one_request_and_hear_of_it(self, world: World, amir: User) -> None:
        order = world.order()
        callers = [Caller(amir) for _ in range(20)]
        body = request_body(order.external_id)
        answers = in_the_same_instant(*[lambda c=caller: c.post("refund-requests", body) for caller in callers])
        told = Counter((answer.status_code, answer.json().get("code")) for answer in answers)  # type: ignore[union-attr]
        assert told == {(201, None): 1, (422, "duplicate_request"): 19}
        assert RefundRequest.objects.count() == 1

    def test_approve_once(self, world: World, amir: User, dana: User) -> None:
        reference = world.waiting(by=amir, pounds=100).reference
        callers = [Caller(dana) for _ in range(8)]
        answers = in_the_same_instant(
            *[lambda c=caller: c.post(f"refund-requests/{reference}/approve", REASON) for caller in callers]
        )
        told = Counter((answer.status_code, answer.json().get("code")) for answer in answers)  # type: ignore[union-attr]
        assert told == {(200, None): 1, (409, "already_decided"): 7}
        assert Operation.objects.count() == 1
