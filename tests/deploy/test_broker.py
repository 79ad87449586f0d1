"""A wake-up goes through whichever broker was named."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection
from kombu import Connection
from psycopg.conninfo import make_conninfo
from redis import Redis

from config.celery import Portal, app
from config.deploy import health, portal
from config.deploy.broker import install_broker
from config.deploy.connection import broker_settings
from config.environment import Environment, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.servers

GARBLED = ("{}", "[]", "7", '{"body": 1}', '{"body": "!", "properties": {}}', '{"garbage": [1, 2, 3]}')
STANDS_STILL_MILLISECONDS = 10_000
OURS = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def goes_through(environment: Environment) -> bool:
    """Send one message over the broker as the settings name it, and take it from there."""
    address, options = broker_settings(environment)
    with Connection(address, transport_options=options) as broker:
        queue = broker.SimpleQueue("redress_test")
        queue.put({"row": "1"})
        message = queue.get(timeout=10)
        message.ack()
        queue.close()
    return bool(message.payload == {"row": "1"})


def listeners() -> int:
    """Count the connections of this database that listen to a queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN \"pgmq%'"
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def test_database() -> Environment:
    """An environment that names the database of this test run."""
    names = connection.settings_dict
    url = make_conninfo(
        host=names["HOST"], port=names["PORT"], user=names["USER"], password=names["PASSWORD"], dbname=names["NAME"]
    )
    return load().model_copy(update={"database_url": url, "celery_broker_url": ""})


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of our own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed; .ci/run installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", f"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not portal.is_listening(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


class TestPgmq:
    @pytest.mark.django_db(transaction=True)
    def test_carries_a_message_in_our_own_database(self, test_database: Environment) -> None:
        install_broker(test_database.database_url)

        assert goes_through(test_database)

    @pytest.mark.django_db(transaction=True)
    def test_is_listened_to_by_whoever_reads_and_not_by_whoever_only_sends(self, test_database: Environment) -> None:
        install_broker(test_database.database_url)
        address, options = broker_settings(test_database)
        portal_app = Portal(broker=address, broker_transport_options=options, set_as_current=False)

        with portal_app.connection_for_write() as broker:
            broker.SimpleQueue("redress_test").put({"row": "1"})
            assert listeners() == 0
        with portal_app.connection_for_read() as broker:
            broker.SimpleQueue("redress_test").get(timeout=10).ack()
            assert listeners() == 1

    @pytest.mark.django_db(transaction=True)
    def test_puts_aside_what_is_no_message_and_brings_what_is(self, test_database: Environment) -> None:
        install_broker(test_database.database_url)
        address, options = broker_settings(test_database)
        with Connection(address, transport_options=options) as broker:
            queue = broker.SimpleQueue("redress_poisoned")
            with connection.cursor() as cursor:
                for words in GARBLED:
                    cursor.execute("SELECT pgmq.send('redress_poisoned', %s::jsonb)", [words])
            queue.put({"row": "1"})

            message = queue.get(timeout=10)
            message.ack()
            queue.close()

        assert message.payload == {"row": "1"}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM pgmq.q_redress_poisoned), count(*) FROM pgmq.a_redress_poisoned"
            )
            assert cursor.fetchone() == (0, len(GARBLED))

    @pytest.mark.django_db(transaction=True)
    def test_is_installed_once(self, test_database: Environment) -> None:
        install_broker(test_database.database_url)

        assert install_broker(test_database.database_url) is False
        assert health.broker_outcome() == "ok"


class TestTheQueueOfWhatSigns:
    def test_takes_checkpoints_and_bundles_and_nothing_else(self) -> None:
        waits_in = {name: app.amqp.router.route({}, name)["queue"].name for name in OURS}

        assert {name for name, queue in waits_in.items() if queue == "redress_signing"} == {
            "evidence.make_checkpoints",
            "refunds.build_bundle",
        }
        assert set(waits_in.values()) == {"redress", "redress_signing", "redress_webhooks"}

    def test_is_served_by_a_worker_that_was_told_nothing(self) -> None:
        assert set(app.amqp.queues.consume_from) == {"redress", "redress_signing", "redress_webhooks"}


class TestTheQueueOfWebhooks:
    def test_takes_what_waits_for_strangers_and_nothing_else(self) -> None:
        waits_in = {name: app.amqp.router.route({}, name)["queue"].name for name in OURS}

        waiting = {name for name, queue in waits_in.items() if queue == "redress_webhooks"}
        assert waiting == {
            "refunds.send_webhooks",
            "refunds.ask_shops",
            "refunds.poll_shops",
            "refunds.resync_orders",
            "refunds.tell_shops",
            "refunds.fetch_payouts",
            "refunds.poll_payouts",
        }


class TestRedis:
    def test_carries_a_message_when_it_is_named(self, redis: str, settings: Settings) -> None:
        settings.CELERY_BROKER_URL = redis

        assert goes_through(load().model_copy(update={"celery_broker_url": redis}))
        assert health.broker_outcome() == "ok"

    def test_that_stands_still_keeps_no_sender_waiting(self, redis: str) -> None:
        address, options = broker_settings(load().model_copy(update={"celery_broker_url": redis}))
        with Connection(address, transport_options=options) as broker, Redis.from_url(redis) as operator:
            queue = broker.SimpleQueue("redress_test")
            queue.put({"row": "1"})
            operator.execute_command("CLIENT", "PAUSE", STANDS_STILL_MILLISECONDS, "ALL")

            with pytest.raises(broker.connection_errors):
                queue.put({"row": "2"})
