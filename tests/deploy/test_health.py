"""Health is asked by machines; the answer names what is missing and never why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection

from config.deploy import health

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import Settings


class TestHealthz:
    def test_answers_without_a_database(self, client: Client) -> None:
        assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
class TestReadyz:
    def test_names_a_broker_that_is_not_installed(self, client: Client) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json() == {
            "status": "not ready",
            "database": "ok",
            "broker": "not installed",
            "migrations": "ok",
        }

    def test_is_ready_when_everything_is_there(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(health.CHECKS, "broker", lambda: "ok")

        assert client.get("/readyz").status_code == 200

    def test_says_unreachable_and_keeps_the_reason_to_itself(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail() -> str:
            raise DatabaseError("password of ada is wrong")

        monkeypatch.setitem(health.CHECKS, "database", fail)

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["database"] == "unreachable"
        assert b"ada" not in answer.content

    def test_asks_another_broker_itself(self, client: Client, settings: Settings) -> None:
        settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

        assert client.get("/readyz").json()["broker"] == "unreachable"
