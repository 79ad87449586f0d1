"""Lines of a request: one id for all it causes, and nobody's name, address or search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import structlog
from django.test import Client

from config.logs import without_secret_addresses
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    """Collect what is logged, with what is bound around it."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as told:
        yield told


class TestTheLineOfARequest:
    def test_names_the_way_and_the_person_by_number(self, lines: list[MutableMapping[str, Any]]) -> None:
        user = settle("amir")
        client = Client(headers={"User-Agent": "Carla's telephone"})
        client.force_login(user)
        lines.clear()
        client.get("/search/?q=carla@example.com")

        line = next(one for one in lines if one["event"] == "request_finished")
        assert (line["request"], line["user_id"]) == ("GET /search/", user.pk)
        assert line["request_id"]
        finished = str([one for one in lines if one["log_level"] != "debug"])
        assert "carla" not in finished
        assert "amir" not in finished
        assert "127.0.0.1" not in finished

    def test_carries_the_id_that_the_caller_gave_and_the_answer_repeats(
        self, lines: list[MutableMapping[str, Any]]
    ) -> None:
        answer = Client(headers={"X-Request-ID": "from-the-helpdesk-7"}).get("/api/v1/refund-requests")

        line = next(one for one in lines if one["event"] == "request_finished")
        assert line["request_id"] == answer.headers["X-Request-ID"] == "from-the-helpdesk-7"

    @pytest.mark.parametrize("told", ["", "two words", "x" * 300, "<script>"])
    def test_has_an_id_of_its_own_otherwise(self, lines: list[MutableMapping[str, Any]], told: str) -> None:
        answer = Client(headers={"X-Request-ID": told}).get("/api/v1/refund-requests")

        line = next(one for one in lines if one["event"] == "request_finished")
        assert line["request_id"] == answer.headers["X-Request-ID"]
        assert line["request_id"] != told

    @pytest.mark.parametrize(
        "address",
        [
            "/account/password/MQ/cxyz-secret/",
            "/webhooks/shopify/secret/",
            "/queue/open/secret/",
            "/evidence/files/secret/",
        ],
    )
    def test_leaves_secrets_of_addresses_out(self, address: str) -> None:
        told = without_secret_addresses(None, "info", {"request": f"GET {address}", "event": f"at {address}"})

        assert "secret" not in str(told)
