"""Webhooks by several workers at once: nobody is told twice in the same instant, and nobody waits for the slow."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.utils import timezone

from refunds.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from refunds.outgoing import sending
from refunds.outgoing.dispatching import dispatch
from refunds.outgoing.vocabulary import SendState
from tests.harness.races import in_the_same_instant, losers, winners
from tests.refunds.outgoing.receivers import OK, hangs, listening, says, slow
from tests.refunds.outgoing.stage import endpoint_at, told

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class TestTwoWorkers:
    def test_send_one_message_once(self, world: World) -> None:
        at = timezone.now()
        with listening(slow) as receiver:
            endpoint, _ = endpoint_at(receiver.url, at=at)
            told(endpoint, at=at)

            results = in_the_same_instant(
                *(partial(sending.send_next, endpoint_id=endpoint.pk, at=at) for _ in range(4))
            )

        assert losers(results) == []
        assert sorted(map(bool, winners(results))) == [False, False, False, True]
        assert len(receiver.heard) == 1
        assert WebhookAttempt.objects.count() == 1

    def test_share_what_is_due(self, world: World) -> None:
        at = timezone.now()
        with listening(says(OK)) as receiver:
            endpoint, _ = endpoint_at(receiver.url, at=at)
            for _ in range(6):
                told(endpoint, at=at)

            results = in_the_same_instant(*(partial(dispatch, run_seconds=5) for _ in range(2)))
            # Whoever came second to a message leaves its endpoint to the other.
            dispatch(run_seconds=5)

        assert losers(results) == []
        assert len(receiver.heard) == 6
        assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == 6
        assert not WebhookDelivery.objects.exclude(state=SendState.DELIVERED).exists()


class TestASlowEndpoint:
    def test_holds_up_nobody_else(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("refunds.outgoing.calling.SILENCE_SECONDS", 4)
        at = timezone.now()
        with listening(hangs) as lazy, listening(says(OK)) as quick:
            for url, count in ((lazy.url, 3), (quick.url, 10)):
                endpoint, _ = endpoint_at(url, at=at)
                for _ in range(count):
                    told(endpoint, at=at)
            begun = time.monotonic()
            finished: list[float] = []
            real = sending._record

            def noted(*args: object) -> None:
                real(*args)  # type: ignore[arg-type]  # as it was called
                if WebhookDelivery.objects.filter(state=SendState.DELIVERED).count() == 10:
                    finished.append(time.monotonic() - begun)

            monkeypatch.setattr(sending, "_record", noted)
            dispatch(run_seconds=3)

        assert len(quick.heard) == 10
        assert finished
        assert finished[0] < 3.5
        assert len(lazy.heard) == 1

    def test_holds_up_no_request(self, world: World, amir: User) -> None:
        """A fact is written down while its endpoint is locked by whoever sends."""
        endpoint, _ = endpoint_at()

        def claim_and_wait() -> bool:
            with transaction.atomic():
                WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
                time.sleep(1.5)
            return True

        def file() -> float:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            world.waiting(by=amir)
            return time.monotonic()

        results = in_the_same_instant(claim_and_wait, file)

        assert losers(results) == []
        assert WebhookDelivery.objects.count() == 3
