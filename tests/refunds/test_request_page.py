"""What a request's page costs: the same few queries whatever lies around the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.vocabulary import Verdict
from refunds import workflow
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

MOST_TABLES = 14
"""PostgreSQL weighs every order of joining them, and the price is several times higher with each one more."""


def asked(client: Client, refund_request: RefundRequest) -> list[str]:
    """Open the page for the second time: the first look is written into the session too."""
    client.get(refund_request.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        assert client.get(refund_request.get_absolute_url()).status_code == 200
    return [query["sql"] for query in queries]


class TestThePage:
    def test_asks_at_most_twenty_five_queries_however_many_were_decided_before(
        self, world: World, amir: User, dana: User
    ) -> None:
        client = Client()
        client.force_login(dana)
        alone = asked(client, world.waiting(by=amir))
        for _ in range(4):
            before = world.waiting(by=amir)
            workflow.decide(reference=before.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)

        assert len(asked(client, world.waiting(by=amir))) == len(alone) <= 25

    def test_joins_few_enough_tables_that_planning_stays_cheap(self, world: World, amir: User, dana: User) -> None:
        client = Client()
        client.force_login(dana)

        most = max(query.count(" JOIN ") for query in asked(client, world.waiting(by=amir)))

        assert most < MOST_TABLES
