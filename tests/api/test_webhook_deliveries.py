"""What was told outside, over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from refunds.models import WebhookDelivery
from refunds.outgoing import sending
from refunds.outgoing.calling import Answer
from refunds.outgoing.vocabulary import CallOutcome, SendState
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.outgoing.stage import endpoint_at, told

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

LIST = "/api/v1/webhook-deliveries"


def client_of(username: str) -> Client:
    """Call as somebody."""
    client = Client()
    client.force_login(settle(username))
    return client


@pytest.fixture
def delivered(world: World, monkeypatch: pytest.MonkeyPatch) -> WebhookDelivery:
    """Have one that arrived."""
    monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.DELIVERED, 204))
    endpoint, _ = endpoint_at("https://hooks.example.com/?token=hush")
    delivery = told(endpoint)
    sending.send_next(endpoint_id=endpoint.pk, at=NOON)
    delivery.refresh_from_db()
    return delivery


class TestTheList:
    def test_says_what_was_told_and_hides_the_path(self, delivered: WebhookDelivery) -> None:
        told_again = told(delivered.endpoint)

        answer = client_of("ada").get(LIST)

        assert answer.status_code == 200
        rows = answer.json()["results"]
        assert [row["id"] for row in rows] == [str(told_again.pk), str(delivered.pk)]
        assert rows[1]["message_id"] == delivered.announcement.message_id
        assert (rows[1]["state"], rows[1]["last_status"], rows[1]["host"]) == ("delivered", 204, "hooks.example.com")
        assert "hush" not in answer.text

    def test_is_narrowed(self, delivered: WebhookDelivery) -> None:
        client = client_of("root")

        def count(query: str) -> int:
            return len(client.get(f"{LIST}?{query}").json()["results"])

        assert (count("state=delivered"), count("state=failed")) == (1, 0)
        assert (count("event=webhook.test"), count("event=policy.published")) == (1, 0)
        assert count(f"endpoint={delivered.endpoint_id}") == 1
        assert client.get(f"{LIST}?state=lost").status_code == 400
        assert client.get(f"{LIST}?mood=good").status_code == 400

    def test_holds_nothing_of_other_teams(self, world: World, amir: User, monkeypatch: pytest.MonkeyPatch) -> None:
        endpoint_at()
        world.waiting(by=amir)
        luis = settle("luis")
        luis.groups.set(settle("ada").groups.all())

        assert len(client_of("luis").get(LIST).json()["results"]) == 3
        far = settle("asha")
        far.groups.set(settle("ada").groups.all())
        assert client_of("asha").get(LIST).json()["results"] == []


class TestRedelivering:
    def test_sends_again_under_the_same_id(self, delivered: WebhookDelivery) -> None:
        client = client_of("root")
        address = f"{LIST}/{delivered.pk}/redeliver"

        answer = client.post(address, {}, content_type="application/json")

        assert answer.status_code == 200
        assert (answer.json()["state"], answer.json()["message_id"]) == (
            "waiting",
            delivered.announcement.message_id,
        )
        again = client.post(address, {}, content_type="application/json")
        assert (again.status_code, again.json()["code"]) == (409, "out_of_date")

    def test_with_a_key_happens_once(self, delivered: WebhookDelivery) -> None:
        client, headers = client_of("root"), {"Idempotency-Key": "again-1"}
        address = f"{LIST}/{delivered.pk}/redeliver"

        answers = [client.post(address, {}, content_type="application/json", headers=headers) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[1].headers["Idempotency-Replayed"] == "true"

    def test_is_not_for_auditors_nor_strangers(self, delivered: WebhookDelivery) -> None:
        address = f"{LIST}/{delivered.pk}/redeliver"

        assert client_of("ada").post(address, {}, content_type="application/json").status_code == 403
        missing = f"{LIST}/0190a000-0000-7000-8000-000000000000/redeliver"
        assert client_of("root").post(missing, {}, content_type="application/json").status_code == 404
        assert WebhookDelivery.objects.get().state == SendState.DELIVERED
