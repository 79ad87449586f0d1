"""Sixty ways to lie to the receiver: each is 4xx, and not one row anywhere is changed."""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

import pytest
from django.http.request import UnreadablePostError
from django.test import Client, RequestFactory

from refunds.models import Delivery, Operation
from refunds.vocabulary import OperationState, State
from refunds.webhooks import views
from refunds.webhooks.receiving import LARGEST_BODY
from tests.harness.tables import fingerprints
from tests.refunds.books import operation_of, request_in, team_called

from .forging import ATTACKS, STRIPE, TRUE, Attack, signed

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid() -> Operation:
    """Pay a refund that the forged message says has failed."""
    operation = operation_of(request_in(State.REFUNDED, team=team_called("uk-retail")))
    operation.external_id = "re_1"
    operation.save(update_fields=["external_id"])
    return operation


def send(attack: Attack, address: str = STRIPE) -> int:
    """Send it as it is; answers the status."""
    client = Client(raise_request_exception=False)
    answer = client.generic(
        attack.method, address, attack.raw, content_type=attack.content_type, headers=attack.headers(), **attack.extra
    )
    return answer.status_code


class TestALie:
    def test_is_told_in_sixty_ways(self) -> None:
        assert len(ATTACKS) >= 60

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_is_refused_and_changes_nothing(self, paid: Operation, attack: str) -> None:
        before = fingerprints()

        status = send(ATTACKS[attack])

        assert 400 <= status < 500
        assert fingerprints() == before
        paid.refresh_from_db()
        assert paid.state == OperationState.SUCCEEDED

    def test_would_be_seen_if_it_were_believed(self, paid: Operation) -> None:
        before = fingerprints()

        assert send(Attack(TRUE, lambda: {"Stripe-Signature": signed()})) == 200

        changed = {table for table, told in fingerprints().items() if told != before[table]}
        assert changed == {"refunds_delivery", "kernel_outboxrow"}


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail the test."""
        raise AssertionError("It was read.")


class HungUp(io.BytesIO):
    """A body whose sender goes away in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        """Say what Django says then."""
        raise UnreadablePostError("The other side went away.")


class TestABody:
    def test_that_says_it_is_too_large_is_not_read(self) -> None:
        request = RequestFactory().post(STRIPE, b"", content_type="application/json")
        request.META["CONTENT_LENGTH"] = str(LARGEST_BODY + 1)
        request._stream = Unread()  # what Django reads from

        assert views.stripe(request).status_code == 413

    def test_whose_sender_hangs_up_is_refused_quietly(self) -> None:
        request = RequestFactory().post(STRIPE, TRUE, content_type="application/json")
        request._stream = HungUp()  # what Django reads from

        assert views.stripe(request).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
class TestOverTheWire:
    """What only a socket can say, to a real server."""

    def test_a_length_that_lies_is_refused(self, live_server: LiveServer) -> None:
        head = "Content-Length: {length}\r\n"
        assert speak(live_server, head.format(length=len(TRUE) - 1), TRUE) == 400
        assert speak(live_server, head.format(length=len(TRUE) + 50), TRUE) == 400
        assert speak(live_server, head.format(length=LARGEST_BODY + 1), TRUE) == 413
        assert speak(live_server, head.format(length=-1), TRUE) == 400
        assert not Delivery.objects.exists()

    def test_pieces_without_a_length_are_refused(self, live_server: LiveServer) -> None:
        pieces = b"%x\r\n%s\r\n0\r\n\r\n" % (len(TRUE), TRUE)

        assert speak(live_server, "Transfer-Encoding: chunked\r\n", pieces) == 400
        assert not Delivery.objects.exists()

    def test_the_truth_is_taken(self, live_server: LiveServer) -> None:
        assert speak(live_server, f"Content-Length: {len(TRUE)}\r\n", TRUE) == 200
        assert Delivery.objects.count() == 1


def speak(server: LiveServer, length: str, body: bytes) -> int:
    """Send a signed message with these words about its length, and stop talking; answers the status."""
    head = (
        f"POST {STRIPE} HTTP/1.1\r\nHost: {server.thread.host}\r\nContent-Type: application/json\r\n"
        f"Stripe-Signature: {signed()}\r\nConnection: close\r\n{length}\r\n"
    )
    with socket.create_connection((server.thread.host, server.thread.port), timeout=10) as wire:
        wire.sendall(head.encode() + body)
        wire.shutdown(socket.SHUT_WR)
        return int(wire.recv(64).split()[1])
