"""Who hears what: role by verb, stranger by address, permission before state and before body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.kernel.people import assign_to_teams
from config.kernel.tokens import ApiToken
from refunds.models import RefundRequest

from .conftest import order_body, request_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db

WHY = "Goods are back in stock."
VERBS: dict[str, dict[str, object]] = {
    "submit": {},
    "withdraw": {"note": "The customer keeps it."},
    "ask": {"question": "Which parcel was it in?"},
    "grant-exception": {"exception_code": "OTHER", "rationale": WHY},
    "approve": {"rationale": WHY},
    "decline": {"rationale": WHY},
    "retry": {},
    "hold": {"note": "Wait for the carrier."},
    "release": {},
}

PEOPLE = ("amir", "mei", "vera", "lena", "sam", "ada", "root", "bot")

MAY = {
    "submit": {"amir", "mei", "vera", "bot"},
    "withdraw": {"amir", "mei", "vera", "bot"},
    "ask": {"mei", "vera"},
    "grant-exception": {"mei"},
    "approve": {"vera"},
    "decline": {"vera"},
    "retry": {"lena"},
    "hold": {"vera", "lena", "root"},
    "release": {"vera", "lena", "root"},
}
"""Who may speak each verb to a request that waits for a signature and that Dana filed."""


@pytest.fixture
def waiting(world: World, dana: User) -> RefundRequest:
    """Wait for a signature."""
    return world.waiting(by=dana, pounds=100)


class TestSpeakingAVerb:
    """POST /refund-requests/{reference}/<verb>."""

    @pytest.mark.parametrize("username", PEOPLE)
    def test_is_for_those_who_may(
        self, calling: Callable[[str], Caller], waiting: RefundRequest, username: str
    ) -> None:
        for verb, body in VERBS.items():
            state = RefundRequest.objects.get().state
            answer = calling(username).post(f"refund-requests/{waiting.reference}/{verb}", body)
            if username == "bot":
                # A machine sees only what it filed itself.
                assert answer.status_code == 404, verb
            elif username in MAY[verb]:
                assert answer.status_code in {200, 409, 422}, (verb, answer.json())
            else:
                assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), (verb, answer.json())
                assert RefundRequest.objects.get().state == state

    @pytest.mark.parametrize("verb", VERBS)
    def test_is_not_found_by_a_stranger(
        self, calling: Callable[[str], Caller], waiting: RefundRequest, verb: str
    ) -> None:
        answer = calling("asha").post(f"refund-requests/{waiting.reference}/{verb}", VERBS[verb])
        expected = {404} if verb in {"submit", "withdraw"} else {403, 404}
        assert answer.status_code in expected
        assert waiting.reference not in answer.content.decode() or answer.status_code == 404

    @pytest.mark.parametrize("verb", VERBS)
    def test_says_who_may_not_before_it_reads_the_body(
        self, calling: Callable[[str], Caller], waiting: RefundRequest, verb: str
    ) -> None:
        answer = calling("ada").post(f"refund-requests/{waiting.reference}/{verb}", {"nonsense": 1})
        assert answer.status_code == 403, answer.json()

    @pytest.mark.parametrize("verb", ["approve", "decline"])
    def test_is_never_for_the_one_who_asked(
        self, calling: Callable[[str], Caller], waiting: RefundRequest, verb: str
    ) -> None:
        answer = calling("dana").post(f"refund-requests/{waiting.reference}/{verb}", VERBS[verb])
        assert (answer.status_code, answer.json()["code"]) == (403, "self_approval")

    def test_stops_at_the_limit_of_the_approver(
        self, calling: Callable[[str], Caller], world: World, amir: User
    ) -> None:
        reference = world.waiting(by=amir, pounds=600).reference
        answer = calling("dana").post(f"refund-requests/{reference}/approve", VERBS["approve"])
        assert (answer.status_code, answer.json()["code"]) == (403, "over_authority")

    def test_says_the_same_to_the_unentitled_in_every_state(
        self, calling: Callable[[str], Caller], world: World, amir: User, dana: User
    ) -> None:
        approved = world.approved(by=amir, approver=dana)
        answer = calling("amir").post(f"refund-requests/{approved.reference}/approve", VERBS["approve"])
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")

    def test_tells_the_second_approver_who_was_faster(
        self, calling: Callable[[str], Caller], world: World, amir: User, dana: User
    ) -> None:
        approved = world.approved(by=amir, approver=dana)
        answer = calling("vera").post(f"refund-requests/{approved.reference}/approve", VERBS["approve"])
        assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
        assert "Dana" in answer.json()["detail"]

    def test_is_out_of_date_once_money_is_on_its_way(
        self, calling: Callable[[str], Caller], world: World, amir: User, dana: User
    ) -> None:
        approved = world.approved(by=amir, approver=dana)
        answer = calling("amir").post(f"refund-requests/{approved.reference}/withdraw", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "out_of_date")

    def test_a_service_account_files_and_never_decides(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        reference = calling("bot").post("refund-requests", request_body()).json()["reference"]
        answer = calling("bot").post(f"refund-requests/{reference}/approve", VERBS["approve"])
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


READS = {
    "refund-requests": set(PEOPLE),
    "approvals": {"vera", "ada", "bot"},
    "policies": {"mei", "sam", "ada", "root"},
    "policies/retail-goods/matrix": {"mei", "sam", "ada", "root"},
    "reconciliation/breaks": {"lena", "ada"},
}


class TestReading:
    """GET."""

    @pytest.mark.parametrize("path", READS)
    def test_is_for_those_who_may(self, calling: Callable[[str], Caller], waiting: RefundRequest, path: str) -> None:
        for username in PEOPLE:
            answer = calling(username).get(path)
            allowed = {200, 404} if username in READS[path] else {403}
            assert answer.status_code in allowed, (username, answer.json())

    @pytest.mark.parametrize("rest", ["", "/timeline", "/evidence", "/messages", "/preparation"])
    def test_is_not_found_by_a_stranger(
        self, calling: Callable[[str], Caller], waiting: RefundRequest, rest: str
    ) -> None:
        assert calling("asha").get(f"refund-requests/{waiting.reference}{rest}").status_code == 404
        assert calling("asha").get("refund-requests").json()["results"] == []

    def test_of_an_order_is_not_for_a_stranger(self, calling: Callable[[str], Caller]) -> None:
        calling("bot").post("orders", order_body())
        assert calling("sam").get("orders/shop-uk/W-1").status_code == 200
        assert calling("asha").get("orders/shop-uk/W-1").status_code == 404

    def test_ends_when_somebody_leaves_the_team(
        self, calling: Callable[[str], Caller], world: World, waiting: RefundRequest, amir: User
    ) -> None:
        path = f"refund-requests/{waiting.reference}"
        assert calling("amir").get(path).status_code == 200
        assign_to_teams(user=amir, teams=[world.team("us-dtc")])
        assert calling("amir").get(path).status_code == 404


class TestAToken:
    """Authorization."""

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer a b", "Bearer nonsense", "Bearer \xff", "Basic eDp5"])
    def test_that_is_none_of_ours_is_refused(self, calling: Callable[[str], Caller], header: str) -> None:
        client = calling("amir").client
        client.credentials()
        client.defaults.pop("HTTP_AUTHORIZATION", None)
        sent: dict[str, Any] = {"HTTP_AUTHORIZATION": header} if header else {}
        answer = client.get("/api/v1/refund-requests", **sent)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_ends_with_its_owner(self, calling: Callable[[str], Caller], amir: User) -> None:
        caller = calling("amir")
        amir.is_active = False
        amir.save(update_fields=["is_active"])
        assert caller.get("refund-requests").status_code == 401

    def test_is_stored_as_a_hash(self, calling: Callable[[str], Caller]) -> None:
        secret = calling("amir").client.defaults["HTTP_AUTHORIZATION"].split()[1]
        stored = ApiToken.objects.get()
        assert secret not in stored.digest
        assert len(stored.token_key) < len(secret) / 2


class TestASession:
    """The browser's cookie."""

    def test_needs_the_csrf_token(self, calling: Callable[[str], Caller], amir: User) -> None:
        client = calling("amir").client.__class__(enforce_csrf_checks=True)
        client.force_login(amir)
        assert client.get("/api/v1/refund-requests").status_code == 200
        answer = client.post("/api/v1/refund-requests", request_body(), format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
        assert answer["Content-Type"] == "application/problem+json"
