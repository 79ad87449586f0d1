"""All 720 orders in which six messages of one refund's life can come, each of them twice."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import TYPE_CHECKING, Any, cast

import pytest
from django.db import connection, transaction

from evidence.models import CustomerMessage
from evidence.verification import verify
from refunds.gateways.base import Accepted, Envelope, Hint, PaymentGateway, ProviderRefund, RefundStatus
from refunds.gateways.registry import standing_in
from refunds.gateways.stripe_hints import hint_of
from refunds.models import Delivery, Operation, OrderLine
from refunds.processing.performing import _claim
from refunds.processing.recording import record_outcome
from refunds.vocabulary import DeliveryState, OperationState, State
from refunds.webhooks.inbox import apply_delivery, store_delivery
from tests.harness.known import order_of, payment_behind
from tests.harness.people import settle
from tests.harness.world import NOON, World

from .conftest import event_of, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ARN = "74537604221222132710572"
MINOR = 60_00


STAGES: tuple[dict[str, Any], ...] = (
    {"status": RefundStatus.PENDING},
    {"status": RefundStatus.SUCCEEDED},
    {"status": RefundStatus.SUCCEEDED, "acquirer_reference": ARN},
    {"status": RefundStatus.FAILED, "failure_reason": "expired_or_canceled_card"},
)
"""What the processor's books say, one after the other."""

MESSAGES = (
    ("refund.created", 0),
    ("refund.updated", 1),
    ("charge.refund.updated", 1),  # the twin of the one before: one change, two events
    ("refund.updated", 2),
    ("refund.failed", 3),
    ("charge.refund.updated", 3),
)
"""What it writes on the way, and the stage it writes it at."""

OURS = {
    RefundStatus.PENDING: (OperationState.PENDING, State.PROCESSING, (0, MINOR), (0, 1)),
    RefundStatus.SUCCEEDED: (OperationState.SUCCEEDED, State.REFUNDED, (MINOR, 0), (1, 0)),
    RefundStatus.FAILED: (OperationState.FAILED, State.FAILED, (0, MINOR), (0, 1)),
}
"""What ours must say then: operation, request, and what is refunded and reserved of the payment and the line."""


class Books:
    """The processor: answers what is true at the moment it is asked, about the one refund it is asked for."""

    name = "stripe"

    def __init__(self, operation: Operation) -> None:
        """Begin at the first stage."""
        self.stage = 0
        self._told = ProviderRefund(
            external_id=f"re_{operation.pk}",
            status=RefundStatus.PENDING,
            amount_minor=MINOR,
            currency="GBP",
            payment_external_id=payment_behind(operation).external_id,
            metadata={"operation_id": str(operation.pk)},
            created_at=NOON,
        )

    def now(self) -> ProviderRefund:
        """Read the refund as it is."""
        return replace(self._told, **STAGES[self.stage])

    def hint(self, event_type: str, object_id: str) -> Hint:
        """Say what a message is about, in Stripe's words."""
        return hint_of(event_type, object_id)

    def get(self, external_id: str) -> ProviderRefund | None:
        """Answer a question about it."""
        return self.now() if external_id == self._told.external_id else None


@contextmanager
def undone() -> Iterator[None]:
    """Take back what happens inside, so that the next order begins where this one did."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


@dataclass
class Walk:
    """One refund that was sent and not answered yet, and every way its messages can come."""

    operation: Operation
    books: Books
    seen: set[tuple[int, ...]] = field(default_factory=set)

    def on(self, brought: tuple[int, ...]) -> None:
        """Bring what is left in every order; orders that begin alike share the beginning.

        The books are never further than the newest message that has come, so that each order tells another story.
        """
        if len(brought) == len(MESSAGES):
            self.end(brought)
            return
        for place in range(len(MESSAGES)):
            if place not in brought:
                before = self.books.stage
                with undone():
                    self.bring(place)
                    self.bring(place)
                    self.compare((*brought, place))
                    self.on((*brought, place))
                self.books.stage = before

    def bring(self, place: int) -> None:
        """Let the inbox take a message, and the worker apply it when it was new."""
        (kind, stage), about = MESSAGES[place], self.books.now().external_id
        self.books.stage = max(self.books.stage, stage)
        event_id = f"evt_{self.operation.pk}_{place}"
        envelope = Envelope(
            event_id=event_id, event_type=kind, object_id=about, created_at=NOON, livemode=False, payload={}
        )
        if store_delivery(source="stripe", envelope=envelope, raw=event_of(kind, about, event_id), at=NOON):
            apply_delivery(delivery_id=Delivery.objects.get(event_id=event_id).pk)

    def compare(self, order: tuple[int, ...]) -> None:
        """Hold our books beside the processor's."""
        theirs, ours = self.books.now(), fresh(self.operation)
        line = OrderLine.objects.get(order_id=order_of(ours.refund_request).pk)
        assert OURS[theirs.status] == (
            ours.state,
            ours.refund_request.state,
            (payment_behind(ours).refunded_minor, payment_behind(ours).reserved_minor),
            (line.refunded_quantity, line.reserved_quantity),
        ), order

    def end(self, order: tuple[int, ...]) -> None:
        """Look at what was written on the way; now and then bring everything once more, and our own late answer."""
        if len(self.seen) % 8 == 0:
            for place in reversed(order):
                self.bring(place)
            late = Accepted(self.books.now().external_id, RefundStatus.PENDING)
            record_outcome(operation_id=self.operation.pk, number=1, outcome=late, at=NOON)
            assert verify(self.operation.refund_request.subject).is_sound
            self.compare(order)
        written = CustomerMessage.objects.filter(subject_id=self.operation.refund_request_id)
        templates = list(written.values_list("template", flat=True))
        assert len(templates) == len(set(templates)), order
        mine = Delivery.objects.filter(object_id=self.books.now().external_id)
        assert list(mine.values_list("state", flat=True)) == [DeliveryState.APPLIED] * len(order), order
        self.seen.add(order)


def sent_and_unanswered(world: World) -> Operation:
    """Send an approved refund whose answer has not come back yet."""
    approved = world.approved(by=settle("amir"), approver=settle("dana"), pounds=60)
    operation = Operation.objects.get(refund_request=approved)
    assert _claim(operation_id=operation.pk, at=NOON) is not None
    return fresh(operation)


class TestEveryOrderOfSixMessages:
    def test_keeps_our_books_where_the_processors_are(self, world: World) -> None:
        with connection.cursor() as cursor:
            # Half of the time would go into planning the same joins again.
            cursor.execute("SET LOCAL join_collapse_limit = 1")
        seen: set[tuple[int, ...]] = set()
        for first in range(len(MESSAGES)):
            operation = sent_and_unanswered(world)
            walk = Walk(operation, Books(operation))
            with standing_in("stripe", cast("PaymentGateway", walk.books)):
                walk.bring(first)
                walk.on((first,))
            seen |= walk.seen

        assert seen == set(permutations(range(len(MESSAGES))))
        assert len(seen) == 720
