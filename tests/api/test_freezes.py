"""Freezes over the API, and what a frozen verb answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from approvals.models import FreezeStop, FreezeSwitch
from config.kernel.tokens import ApiToken
from refunds.models import RefundRequest
from refunds.vocabulary import State

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Caller

pytestmark = pytest.mark.django_db

WHY = "A wave of odd refunds; we look first."


class TestFreezes:
    def test_are_set_listed_and_lifted(self, calling: Callable[[str], Caller]) -> None:
        lena = calling("lena")

        made = lena.post("freezes", {"scope": "agent", "agent": lena_s_target(calling), "reason": WHY})
        assert made.status_code == 201
        told = made.json()
        assert (told["scope"], told["agent"], told["team"], told["set_by"]) == ("agent", "bot", None, "lena")
        assert (told["lifted_at"], told["stopped"]) == (None, [])
        assert [one["id"] for one in lena.get("freezes", on="true").json()["results"]] == [told["id"]]

        path = f"/api/v1/freezes/{told['id']}"
        assert lena.client.delete(path).status_code == 400
        assert lena.client.delete(f"{path}?reason=short").json()["errors"][0]["field"] == "why"
        lifted = lena.client.delete(path, {"reason": "It was only a test."}, format="json")
        assert (lifted.status_code, lifted.json()["lifted_reason"]) == (200, "It was only a test.")
        assert lena.client.delete(f"{path}?reason=It+was+only+a+test.").status_code == 409
        assert lena.get("freezes", on="true").json()["results"] == []
        assert len(lena.get("freezes").json()["results"]) == 1

    def test_name_what_is_wrong(self, calling: Callable[[str], Caller]) -> None:
        lena = calling("lena")
        assert (
            lena.post("freezes", {"scope": "team", "team": "no-such", "reason": WHY}).json()["code"] == "unknown_team"
        )
        assert lena.post("freezes", {"scope": "galaxy", "reason": WHY}).status_code == 400
        assert lena.post("freezes", {"scope": "everything", "reason": "x"}).status_code == 400
        assert not FreezeSwitch.objects.exists()

    def test_are_not_for_everybody(self, calling: Callable[[str], Caller]) -> None:
        for username in ("amir", "dana", "ada", "bot"):
            assert calling(username).post("freezes", {"scope": "everything", "reason": WHY}).status_code == 403
        assert not FreezeSwitch.objects.exists()


class TestAFrozenMachine:
    def test_hears_403_with_the_reason_and_files_nothing(self, calling: Callable[[str], Caller]) -> None:
        bot, lena = calling("bot"), calling("lena")
        bot.post("orders", order_body())
        made = lena.post("freezes", {"scope": "agent", "agent": "bot", "reason": WHY}).json()

        for _ in range(2):
            no = bot.post("refund-requests", request_body())
            assert (no.status_code, no.json()["code"]) == (403, "frozen")
            assert WHY in no.json()["detail"]

        assert not RefundRequest.objects.exists()
        assert FreezeStop.objects.get().verb == "file"
        (listed,) = lena.get("freezes").json()["results"]
        assert listed["id"] == made["id"]
        assert listed["stopped"] == [{"what": "not taken down", "count": 1, "amount_minor": 7500, "currency": "GBP"}]

    def test_leaves_others_free(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        calling("lena").post("freezes", {"scope": "agent", "agent": "bot", "reason": WHY})

        made = calling("amir").post("refund-requests", request_body())

        assert made.status_code == 201
        assert RefundRequest.objects.get().state == State.AWAITING_APPROVAL


def lena_s_target(calling: Callable[[str], Caller]) -> str:
    """Settle the machine she freezes."""
    return calling("bot").user.username


class TestLiftingTheFreezeOfEverything:
    """Wants a fresh sign-in, or a token that stands for one."""

    def frozen(self, calling: Callable[[str], Caller]) -> str:
        calling("lena").post("freezes", {"scope": "everything", "reason": WHY})
        return f"/api/v1/freezes/{FreezeSwitch.objects.get().pk}?reason=It+was+only+a+test."

    def test_is_refused_to_a_token_that_stands_for_none(self, calling: Callable[[str], Caller]) -> None:
        root, path = calling("root"), self.frozen(calling)
        for until in (None, timezone.now() - timedelta(seconds=1)):
            ApiToken.objects.filter(user=root.user).update(step_up_until=until)
            answer = root.client.delete(path)

            assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
        assert FreezeSwitch.objects.get().lifted_at is None

    def test_is_done_by_one_that_does(self, calling: Callable[[str], Caller]) -> None:
        root, path = calling("root"), self.frozen(calling)
        ApiToken.objects.filter(user=root.user).update(step_up_until=timezone.now() + timedelta(minutes=5))

        assert root.client.delete(path).status_code == 200
        assert FreezeSwitch.objects.get().lifted_by == root.user
