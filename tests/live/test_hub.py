"""The streams of one process: few, scoped, and gone when nobody reads them."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from config import live_hub
from config.kernel.people import User
from config.live_hub import HUB, Hub, Stream
from config.live_message import Screen
from refunds.models import Operation
from refunds.vocabulary import OperationState
from tests.architecture.asking import client_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.harness.world import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SOON_SECONDS = 5.0


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Hand out a hub of its own."""
    made = Hub()
    yield made
    made.close()


def opened(hub: Hub, viewer: User, view: str = "view=all") -> Stream:
    stream = hub.open(viewer_id=viewer.pk, screen=Screen(view, timezone.now()))
    assert stream is not None
    return stream


def next_message(stream: Stream, within: float = SOON_SECONDS) -> dict[str, object] | None:
    """Read on to the next message; None when there is none in time or the stream ends."""
    until = time.monotonic() + within
    for piece in stream:
        if piece.startswith(b"data: "):
            message: dict[str, object] = json.loads(piece.removeprefix(b"data: "))
            return message
        if time.monotonic() > until:
            return None
    return None


class TestAStream:
    def test_tells_the_counters_and_then_each_change(self, world: World, hub: Hub) -> None:
        stream = opened(hub, settle("viktor"))
        first = next_message(stream)
        assert first is not None
        assert first["new"] == []

        began = time.monotonic()
        filed = world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=timezone.now())

        second = next_message(stream)
        assert second is not None
        assert filed.route is not None
        assert second["new"] == [str(filed.route.pk)]
        assert time.monotonic() - began < live_hub.GAP_SECONDS + 2

    def test_of_the_board_hears_that_money_moves(self, world: World, hub: Hub) -> None:
        stream = opened(hub, settle("lena"), "processing")
        first = next_message(stream)
        assert first is not None
        assert first["counts"]["count-queued"] == "0"  # type: ignore[index]
        operation = Operation.objects.get(refund_request=world.approved(by=settle("amir"), approver=settle("dana")))
        second = next_message(stream)
        assert second is not None
        assert second["counts"]["count-queued"] == "1"  # type: ignore[index]

        Operation.objects.filter(pk=operation.pk).update(state=OperationState.SENDING)

        third = next_message(stream)
        assert third is not None
        assert third["counts"]["count-sending"] == "1"  # type: ignore[index]

    def test_is_not_told_of_another_team(self, world: World, hub: Hub) -> None:
        stream = opened(hub, settle("asha"))
        next_message(stream)

        world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=timezone.now())

        assert next_message(stream, within=2.0) is None

    def test_ends_for_somebody_who_may_not_log_in_any_more(self, world: World, hub: Hub) -> None:
        viktor = settle("viktor")
        User.objects.filter(pk=viktor.pk).update(is_active=False)

        pieces = list(opened(hub, viktor))

        assert not any(piece.startswith(b"data") for piece in pieces)


class TestTheHub:
    def test_holds_so_many_and_no_more(self, world: World, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live_hub, "MOST_STREAMS", 2)
        viktor = settle("viktor")
        streams = [opened(hub, viktor), opened(hub, viktor)]

        assert hub.open(viewer_id=viktor.pk, screen=Screen("", None)) is None
        streams.pop().close()
        assert hub.open(viewer_id=viktor.pk, screen=Screen("", None)) is not None

    def test_stops_listening_when_nobody_is_left(self, world: World, hub: Hub) -> None:
        stream = opened(hub, settle("viktor"))
        next_message(stream)
        stream.close()

        until = time.monotonic() + SOON_SECONDS
        while any(thread.name == "live" for thread in threading.enumerate()) and time.monotonic() < until:
            time.sleep(0.05)

        assert len(hub) == 0
        assert not any(thread.name == "live" for thread in threading.enumerate())

    def test_is_full_in_words_of_http(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live_hub, "MOST_STREAMS", 0)
        assert client_of(settle("viktor")).get("/live/").status_code == 503
        assert len(HUB) == 0

    def test_goes_on_for_the_others_when_one_screen_cannot_be_told(
        self, world: World, hub: Hub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fine = opened(hub, settle("viktor"))
        next_message(fine)
        with monkeypatch.context() as broken:
            broken.setattr(live_hub, "message_for", lambda *_, **__: 1 / 0)
            assert next_message(opened(hub, settle("dana"))) is None
        filed = world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=timezone.now())

        told = next_message(fine)
        assert told is not None
        assert filed.route is not None
        assert told["new"] == [str(filed.route.pk)]

    def test_begins_again_after_the_database_hung_up(self, world: World, hub: Hub) -> None:
        stream = opened(hub, settle("viktor"))
        next_message(stream)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

        assert next_message(stream) is None
        assert next_message(opened(hub, settle("viktor"))) is not None
