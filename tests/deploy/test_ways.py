"""Ways out of this machine that are not encrypted are named before anybody goes there."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from config.deploy.ways import faults_of, is_here
from config.environment import Environment
from tests.deploy.test_environment import PRODUCTION

if TYPE_CHECKING:
    from django.core.checks import CheckMessage

TLS = "sslmode=verify-full"


def ids_of(**told: Any) -> list[str | None]:
    return [fault.id for fault in faults_of(Environment(**told))]


def only_fault(**told: Any) -> CheckMessage:
    (fault,) = faults_of(Environment(**told))
    return fault


class TestAWay:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("database_url", "postgresql://db.example/redress"),
            ("database_url", "postgresql://db.example/redress?sslmode=prefer"),
            ("database_url", "host=127.0.0.1,db.example dbname=redress"),
            ("database_url", "hostaddr=10.0.0.7 dbname=redress"),
            ("celery_broker_url", "redis://:word@broker.example/0"),
            ("celery_broker_url", "amqp://broker.example//"),
            ("celery_broker_url", "amqps://one.example//;amqp://two.example//"),
            ("celery_broker_url", "sentinel://broker.example:26379"),
            ("clamd_address", "scanner.example:3310"),
            ("clamd_address", "10.0.0.8:3310"),
            ("model_url", "http://models.example/v1"),
            ("stripe_api_base", "http://stripe.example"),
            ("email_url", "smtp+plain://mail.example"),
        ],
    )
    def test_in_the_clear_is_an_error_unless_its_host_is_excepted(self, name: str, address: str) -> None:
        fault = only_fault(**{name: address})

        assert fault.id == "redress.E001"
        assert fault.msg.startswith(f"{name.upper()} speaks to ")
        host = fault.msg.removeprefix(f"{name.upper()} speaks to ").removesuffix(" in the clear.")
        assert ids_of(**{name: address}, unencrypted_hosts=(host.upper(),)) == []
        assert ids_of(**{name: address}, unencrypted_hosts=("example",)) == ["redress.E001"]
        assert "word" not in f"{fault.msg} {fault.hint}"

    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("database_url", "postgresql://db.example/redress?sslmode=require"),
            ("database_url", "postgresql://db.example/redress?sslmode=verify-ca"),
            ("celery_broker_url", "rediss://broker.example/0?ssl_cert_reqs=none"),
            ("celery_broker_url", "rediss://broker.example/0?ssl_cert_reqs=CERT_NONE"),
        ],
    )
    def test_to_whoever_answers_is_a_warning(self, name: str, address: str) -> None:
        assert ids_of(**{name: address}) == ["redress.W001"]

    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("database_url", f"postgresql://db.example/redress?{TLS}"),
            ("database_url", "postgresql:///redress?host=/run/postgresql"),
            ("database_url", "postgresql://127.0.0.1/redress"),
            ("celery_broker_url", "rediss://broker.example/0?ssl_cert_reqs=required"),
            ("celery_broker_url", "amqps://broker.example//"),
            ("celery_broker_url", "redis+socket:///run/redis.sock"),
            ("celery_broker_url", "redis://localhost/0"),
            ("clamd_address", "/run/clamd.sock"),
            ("clamd_address", "127.0.0.1:3310"),
            ("clamd_address", "[::1]:3310"),
            ("model_url", "https://models.example/v1"),
            ("model_url", "http://127.0.0.1:8080/v1"),
            ("email_url", "smtp://mail.example"),
        ],
    )
    def test_that_is_encrypted_or_stays_here_is_well(self, name: str, address: str) -> None:
        assert ids_of(**{name: address}) == []

    def test_stays_here_by_address_and_not_by_a_name_that_looks_like_it(self) -> None:
        assert is_here("127.8.0.1")
        assert not is_here("localhost.example")
        assert not is_here("127.0.0.1.example")


class TestTheDeploymentCheck:
    def test_says_it(self) -> None:
        told = {**os.environ, **PRODUCTION, "DATABASE_URL": "postgresql://db.example/redress"}
        run = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

        refused = subprocess.run(run, cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False)
        excepted = subprocess.run(
            run,
            cwd=settings.BASE_DIR,
            env=told | {"UNENCRYPTED_HOSTS": "db.example"},
            capture_output=True,
            text=True,
            check=False,
        )

        assert "redress.E001) DATABASE_URL speaks to db.example in the clear." in refused.stderr
        assert refused.returncode == 1
        assert "redress.E001" not in excepted.stderr
