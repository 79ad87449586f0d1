"""Nobody takes more pages than a person can read, however many windows she has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.harness.world import World

pytestmark = pytest.mark.django_db
PAGE = "/settings/"


@pytest.fixture(autouse=True)
def two_a_minute(settings: Settings) -> None:
    settings.PAGES_PER_MINUTE = 2


def window(username: str) -> Client:
    client = Client()
    client.force_login(settle(username))
    return client


class TestAPerson:
    def test_is_asked_to_wait_in_all_her_windows(self, world: World) -> None:
        one, other = window("amir"), window("amir")

        heard = [client.get(PAGE).status_code for client in (one, other)]
        answer = other.get(PAGE)

        assert heard == [200, 200]
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert "Nothing was changed" in answer.content.decode()

    def test_changes_nothing_beyond_it(self, world: World) -> None:
        client = window("amir")
        for _ in range(2):
            client.head(PAGE)

        assert client.post(PAGE, {"density": "compact"}).status_code == 429

    def test_does_not_slow_another_down(self, world: World) -> None:
        client = window("amir")
        for _ in range(3):
            client.get(PAGE)

        assert window("mei").get(PAGE).status_code == 200

    def test_can_always_sign_out_and_is_not_counted_for_what_pages_ask_by_themselves(self, world: World) -> None:
        client = window("amir")
        for _ in range(4):
            assert client.get("/account/session/left/").status_code == 200
            assert client.get("/live/poll/").status_code in {200, 204}
        for _ in range(3):
            client.get(PAGE)

        assert client.get("/api/v1/refund-requests").status_code == 200
        assert client.post("/logout/").status_code == 302


class TestSomebodyUnknown:
    def test_is_counted_at_the_door_instead(self, world: World) -> None:
        assert [Client().get(PAGE).status_code for _ in range(4)] == [302] * 4
