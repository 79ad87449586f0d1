"""Whether the portal does its work: as a page, for Prometheus, and as alarms."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from approvals.models import ApprovalStep
from config.environment import PROJECT
from config.kernel.outbox import WORKER_SEEN, OutboxRow, sweep_outbox
from config.watch.gauges import GAUGES, read_all
from refunds.models import Operation
from refunds.vocabulary import OperationState
from tests.harness.people import settle

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries, Settings

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

TOKEN = "only Prometheus knows"


def value_of(name: str) -> float | None:
    return next(one.value for one in read_all(at=timezone.now()) if one.gauge.name == name)


def is_above(name: str) -> bool:
    return next(one.is_above for one in read_all(at=timezone.now()) if one.gauge.name == name)


class TestTheFigures:
    """Each figure tells of what it is named after."""

    def test_know_when_a_worker_was_seen(self) -> None:
        assert is_above("worker_seen_seconds")
        sweep_outbox()
        assert not is_above("worker_seen_seconds")
        cache.set(WORKER_SEEN, (timezone.now() - timedelta(minutes=2)).isoformat())
        assert is_above("worker_seen_seconds")

    def test_know_news_that_wait(self) -> None:
        at = timezone.now() - timedelta(minutes=3)
        OutboxRow.objects.create(news="a", task="b", ids={}, created_at=at, due_at=at)
        OutboxRow.objects.create(news="later", task="b", ids={}, due_at=timezone.now() + timedelta(days=1))

        assert value_of("outbox_rows") == 1
        assert is_above("outbox_oldest_seconds")

    def test_know_a_refund_whose_sender_is_gone(self, world: World, amir: User) -> None:
        world.filed(world.order(), by=amir)
        assert value_of("operations_stuck") == 0
        late = timezone.now() - timedelta(minutes=3)
        Operation.objects.update(state=OperationState.SENDING, lease_until=late, first_sent_at=late)

        assert value_of("operations_stuck") == 1
        assert is_above("operations_stuck")

    def test_know_signatures_that_are_late(self, world: World, amir: User) -> None:
        world.waiting(by=amir, pounds=200)
        ApprovalStep.objects.update(due_at=timezone.now() + timedelta(hours=1))
        assert value_of("queue_overdue") == 0
        ApprovalStep.objects.update(due_at=timezone.now() - timedelta(hours=1))

        assert value_of("queue_overdue") == 1

    def test_know_entries_without_a_checkpoint(self, world: World, amir: User) -> None:
        world.filed(world.order(), by=amir)

        assert (value_of("ledger_uncovered_seconds") or 0) >= 0
        assert value_of("ledger_uncounted") != 0

    def test_have_names_of_their_own(self) -> None:
        names = [gauge.name for gauge in GAUGES]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


class TestThePage:
    def test_tells_what_is_above_its_limit_first(self, world: World) -> None:
        cache.set(WORKER_SEEN, (timezone.now() - timedelta(hours=2)).isoformat())
        client = Client()
        client.force_login(settle("root"))
        text = client.get("/status/").content.decode()

        assert text.index("Look at it") < text.index("Within")
        assert "Since a worker was seen" in text
        assert "2 h" in text
        assert "Database" in text

    def test_asks_a_bounded_number_of_queries(
        self, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = Client()
        client.force_login(settle("ada"))
        with django_assert_max_num_queries(45):
            client.get("/status/")


class TestPrometheus:
    def ask(self, token: str | None) -> tuple[int, str]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = Client(headers=headers).get("/metrics")
        return answer.status_code, answer.content.decode()

    @pytest.mark.parametrize("token", [None, "", "guess", TOKEN + "x"])
    def test_hears_nothing_without_its_token(self, settings: Settings, token: str | None) -> None:
        settings.METRICS_TOKEN = TOKEN

        assert self.ask(token)[0] == 404

    def test_is_not_there_where_no_token_is_set(self, settings: Settings) -> None:
        settings.METRICS_TOKEN = ""

        assert self.ask("")[0] == 404

    def test_hears_every_figure_that_has_a_value(self, settings: Settings, world: World, amir: User) -> None:
        settings.METRICS_TOKEN = TOKEN
        world.filed(world.order(), by=amir)
        sweep_outbox()
        status, text = self.ask(TOKEN)

        assert status == 200
        missing = {gauge.metric for gauge in GAUGES if f"\n{gauge.metric} " not in text}
        assert missing == {"redress_patterns_read_seconds"}
        assert 'redress_operations{state="ready"} 1.0' in text
        assert "amir" not in text


class TestTheAlarms:
    def test_are_those_of_the_limits(self) -> None:
        text = Path(PROJECT / "config/deploy/alerts.yml").read_text()
        told = dict(re.findall(r"expr: (redress_\w+) > (\d+)\n", text))

        assert told == {gauge.metric: str(int(gauge.limit)) for gauge in GAUGES if gauge.limit is not None}
