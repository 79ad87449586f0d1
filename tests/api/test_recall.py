"""Taking an approval back over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rest_framework.test import APIClient

from refunds.vocabulary import State
from tests.harness.world import World, as_stored

if TYPE_CHECKING:
    from pytest_django import Settings

    from config.kernel.people import User

pytestmark = pytest.mark.django_db


def recall(person: User, reference: str) -> tuple[int, dict[str, object]]:
    client = APIClient()
    client.force_authenticate(person)
    answer = client.post(f"/api/v1/refund-requests/{reference}/recall", {"note": "Wrong parcel."}, format="json")
    return answer.status_code, answer.json()


class TestRecall:
    def test_answers_the_request_as_it_waits_again(
        self, world: World, amir: User, dana: User, settings: Settings
    ) -> None:
        settings.RECALL_SECONDS = 300
        approved = world.approved(by=amir, approver=dana)

        status, body = recall(dana, approved.reference)

        assert (status, body["state"], body["approved_minor"]) == (200, "awaiting_approval", None)

    def test_is_out_of_date_once_the_money_is_on_its_way(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        status, body = recall(dana, approved.reference)

        assert (status, body["code"], body["detail"]) == (409, "out_of_date", "The money is on its way.")
        assert as_stored(approved).state == State.APPROVED

    def test_is_refused_to_whoever_asked_for_the_money(
        self, world: World, amir: User, dana: User, settings: Settings
    ) -> None:
        settings.RECALL_SECONDS = 300
        approved = world.approved(by=amir, approver=dana)

        assert recall(amir, approved.reference)[0] == 403
