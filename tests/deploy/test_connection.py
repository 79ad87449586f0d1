"""One address, in the words of Django, Celery and PGMQ."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection
from pgmq.base import PGMQConfig
from psycopg.conninfo import conninfo_to_dict

from config.deploy.connection import broker_settings, database_settings, mail_server, pgmq_conninfo
from config.environment import Environment

NAMED = "postgresql://ada:p%40ss%20w%27d@db.example:5433/refunds?sslmode=require"
WITH_A_PATH = f"{NAMED}&options=-c%20search_path%3Dpublic"


def environment(**said: str) -> Environment:
    return Environment.model_validate({"demo": True, "database_url": "", "celery_broker_url": ""} | said)


def shown_with(options: str, *names: str) -> list[str]:
    """Connect to the database of the tests with these options, and read what it goes by."""
    parameters = connection.get_connection_params()
    ours = {name: parameters[name] for name in ("dbname", "user", "host", "port", "password") if parameters.get(name)}
    with psycopg.connect(**ours, options=options) as told:
        return [str((told.execute(f"SHOW {name}").fetchone() or ("",))[0]) for name in names]


class TestDatabaseSettings:
    def test_read_every_part_of_a_named_database(self) -> None:
        settings = database_settings(environment(database_url=NAMED))

        assert settings["ENGINE"] == "django.db.backends.postgresql"
        assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "5433", "refunds")
        assert (settings["USER"], settings["PASSWORD"]) == ("ada", "p@ss w'd")
        assert settings["OPTIONS"]["sslmode"] == "require"

    def test_start_the_embedded_server_when_none_is_named(self) -> None:
        settings = database_settings(environment())

        assert settings["ENGINE"] == "config.deploy.embedded"
        assert settings["HOST"].startswith("/")

    def test_connect_as_the_role_that_serves_when_one_is_named(self) -> None:
        said = environment(database_url=NAMED, database_role="redress_app")

        assert database_settings(said)["USER"] == "redress_app"
        assert "user=ada" in broker_settings(said)[1]["conn_string"]

    def test_let_commands_take_their_time_unless_told_otherwise(self) -> None:
        assert "options" not in database_settings(environment(database_url=NAMED))["OPTIONS"]

    @pytest.mark.django_db
    def test_have_the_server_end_a_statement_that_takes_too_long(self) -> None:
        said = environment(database_url=WITH_A_PATH, database_patience_seconds="4")

        options = database_settings(said)["OPTIONS"]["options"]

        assert shown_with(options, "statement_timeout", "search_path") == ["4s", "public"]

    def test_keep_test_databases_apart(self) -> None:
        assert database_settings(environment(test_db_suffix="x"))["TEST"]["NAME"] == "test_redress_x"


class TestBrokerSettings:
    def test_put_the_queue_into_our_own_database(self) -> None:
        address, options = broker_settings(environment(database_url=NAMED))

        assert address.startswith("pgmq:")
        assert options["init_extension"] is False

    @pytest.mark.django_db
    def test_let_nobody_who_publishes_wait_for_the_disk(self) -> None:
        told = broker_settings(environment(database_url=WITH_A_PATH))[1]["conn_string"]

        options = str(conninfo_to_dict(PGMQConfig(conn_string=told).dsn)["options"])

        assert shown_with(options, "synchronous_commit", "search_path") == ["off", "public"]

    def test_follow_another_broker(self) -> None:
        address, options = broker_settings(environment(celery_broker_url="redis://127.0.0.1:6379/0"))

        assert address == "redis://127.0.0.1:6379/0"
        assert "conn_string" not in options


class TestPgmqConninfo:
    def test_survives_what_pgmq_does_to_it(self) -> None:
        for url in (NAMED, "postgresql://redress@/redress?host=/a%20b/it%27s&port=5432"):
            arrived = conninfo_to_dict(PGMQConfig(conn_string=pgmq_conninfo(url)).dsn)

            assert {name: value for name, value in arrived.items() if value} == conninfo_to_dict(url)


class TestMailServer:
    def test_reads_every_part_of_the_address(self) -> None:
        server = mail_server(environment(email_url="smtps://ada%40shop:p%2Fw@mail.example:2465"))

        assert (server.host, server.port) == ("mail.example", 2465)
        assert (server.user, server.password) == ("ada@shop", "p/w")
        assert (server.starts_tls, server.is_tls) == (False, True)

    def test_speaks_tls_unless_told_otherwise(self) -> None:
        assert mail_server(environment(email_url="smtp://mail.example")).starts_tls
        assert not mail_server(environment(email_url="smtp+plain://mail.example")).starts_tls
