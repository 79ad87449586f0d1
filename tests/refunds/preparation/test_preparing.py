"""The preparation on the page, beside the queue, over the API and in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalStep
from approvals.vocabulary import Verdict
from evidence.ledger import timeline_of
from refunds import workflow
from refunds.models import Customer
from refunds.preparation.preparing import KIND, preparation_for, record_preparation
from refunds.selectors import request_page
from tests.harness.world import NOON, World, as_stored, drain

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

PAGE_QUERIES = 25
"""With the session, the rights and what the frame of every page counts."""

QUERIES = 4
"""The same address and its orders, kinds of evidence, other requests, their lines; photos where there are any."""


def entries(refund_request: RefundRequest) -> int:
    """Count what was written down."""
    return timeline_of(refund_request.subject).filter(kind=KIND).count()


class TestTheRecord:
    def test_says_once_what_was_known(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        drain()
        assert entries(waiting) == 1

        assert record_preparation(request_id=waiting.pk, at=NOON) is False
        assert entries(waiting) == 1

    def test_says_it_again_when_the_facts_are_others(self, world: World, amir: User) -> None:
        buyer = world.customer()
        waiting = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        drain()
        world.filed(world.order(unit_minor=80_00, customer=buyer), by=amir)

        assert record_preparation(request_id=waiting.pk, at=NOON) is True
        assert entries(waiting) == 2

    def test_holds_no_name_of_the_customer(self, world: World, amir: User) -> None:
        waiting = world.filed(world.order(unit_minor=100_00, customer=world.customer()), by=amir)
        drain()
        entry = timeline_of(waiting.subject).get(kind=KIND)
        assert "Ada" not in entry.payload

    def test_decides_nothing(self, world: World, amir: User) -> None:
        waiting = as_stored(world.waiting(by=amir))
        steps = list(ApprovalStep.objects.filter(route=waiting.route).values())
        before = (waiting.state, waiting.amount_minor, waiting.risk, waiting.route_id, waiting.decision_id)

        record_preparation(request_id=waiting.pk, at=NOON)

        after = as_stored(waiting)
        assert (after.state, after.amount_minor, after.risk, after.route_id, after.decision_id) == before
        assert list(ApprovalStep.objects.filter(route=waiting.route).values()) == steps

    def test_is_of_requests_that_a_person_decides(self, world: World, amir: User) -> None:
        alone = world.waiting(by=amir, pounds=5)
        assert alone.state == "approved"
        drain()
        assert entries(alone) == 0

    def test_is_what_the_page_shows_once_somebody_decided(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        record_preparation(request_id=waiting.pk, at=NOON)
        workflow.decide(
            reference=waiting.reference, verdict=Verdict.DECLINE, rationale="Not ours to pay.", actor=dana, at=NOON
        )

        found = request_page(dana, waiting.reference)
        assert found is not None
        prepared = preparation_for(dana, found, at=NOON)

        assert prepared is not None
        assert prepared.is_recorded
        assert {finding.finder for finding in prepared.findings} >= {"duplicates", "velocity", "return_window"}


class TestTheCost:
    def test_does_not_grow_with_the_history(self, world: World, amir: User, dana: User) -> None:
        buyer = world.customer()
        for pounds in range(60, 72):
            world.filed(world.order(unit_minor=pounds * 100, customer=buyer), by=amir)
        Customer.objects.filter(pk=buyer.pk).update(email="ada@example.com")
        found = request_page(dana, world.filed(world.order(unit_minor=99_00, customer=buyer), by=amir).reference)
        assert found is not None

        with CaptureQueriesContext(
            connection,
        ) as asked:
            preparation_for(dana, found, at=NOON)

        assert len(asked) == QUERIES


class TestThePages:
    def test_name_every_finding_with_its_source(self, client: Client, world: World, amir: User, dana: User) -> None:
        buyer = world.customer()
        first = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        own = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        client.force_login(dana)

        page = client.get(own.get_absolute_url()).content.decode()
        panel = client.get(f"{own.get_absolute_url()}panel/").content.decode()

        sentence = f"The same amount was asked for on another order within 90 days, in {first.reference}"
        assert sentence in page
        assert f'<a href="{first.get_absolute_url()}">{first.reference}</a> <code>requested_minor</code>' in page
        assert sentence in panel
        assert "2 things to look at: duplicates, delivery</summary>" in panel

    def test_stay_within_their_queries(self, client: Client, world: World, amir: User, dana: User) -> None:
        buyer = world.customer()
        world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        own = world.filed(world.order(unit_minor=100_00, customer=buyer), by=amir)
        client.force_login(dana)
        client.get(own.get_absolute_url())

        with CaptureQueriesContext(connection) as asked:
            client.get(own.get_absolute_url())

        assert len(asked) <= PAGE_QUERIES
