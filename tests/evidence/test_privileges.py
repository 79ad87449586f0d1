"""The role that serves: PostgreSQL itself keeps it from the past."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from approvals.vocabulary import Verdict
from config.environment import load
from evidence.checkpoints.errands import do_errands
from evidence.checkpoints.keys import OPERATOR, rotate_key
from evidence.checkpoints.making import catch_up
from evidence.models import Checkpoint, LedgerEntry, SigningKey
from evidence.verification import verify
from refunds import workflow
from tests.harness.people import settle
from tests.harness.world import NOON, World, drain

from .checkpoints import checkpoint, entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings

ROLE = f"redress_app_{load().test_db_suffix or 'test'}_{os.environ.get('PYTEST_XDIST_WORKER', '')}"
TABLES = ("ledgerentry", "checkpointleaf", "checkpointnode", "checkpoint", "signingkey")
COLUMN = {"ledgerentry": "sentence", "checkpointleaf": "entry_hash", "checkpointnode": "hash", "checkpoint": "note",
          "signingkey": "public_key"}  # fmt: skip


@contextmanager
def acting_as_the_application() -> Iterator[None]:
    """Do what follows with the rights of the role, on this very connection."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{ROLE}"')
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


@pytest.fixture
def role(transactional_db: None, key_file: object) -> Iterator[str]:
    """Make the role as the README says, and forget it afterwards."""
    call_command("grant_application_role", ROLE, create=True, verbosity=0)
    yield ROLE
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{ROLE}"')
        cursor.execute(f'DROP ROLE "{ROLE}"')


@pytest.fixture
def outsider(role: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Connect as the role, not through Django."""
    if load().database_url:
        pytest.skip("the role has no password, which only the embedded server trusts")
    known = connection.get_connection_params()
    with psycopg.connect(dbname=known["dbname"], user=role, host=known["host"], port=known["port"]) as made:
        made.autocommit = True
        yield made


class TestTheApplicationRole:
    @pytest.mark.parametrize("table", TABLES)
    def test_may_read_the_record_and_change_none_of_it(
        self, outsider: psycopg.Connection[tuple[object, ...]], table: str
    ) -> None:
        entries(300)
        checkpoint()
        name, column = f"evidence_{table}", COLUMN[table]
        row = outsider.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 - tables of ours
        assert row is not None
        assert row[0]

        for statement in (
            f"UPDATE {name} SET {column} = {column}",  # noqa: S608 - as above
            f"DELETE FROM {name}",  # noqa: S608 - as above
            f"TRUNCATE {name} CASCADE",
            f"ALTER TABLE {name} DISABLE TRIGGER ALL",
            f"ALTER TABLE {name} DISABLE TRIGGER USER",
            f"DROP TABLE {name} CASCADE",
            f"CREATE TRIGGER mine BEFORE INSERT ON {name} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "SET session_replication_role = replica",
            "SET ROLE redress",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                outsider.execute(statement)

    @pytest.mark.parametrize("column", ["seq", "prev_hash", "hash", "recorded_at", "id"])
    def test_may_not_say_what_the_trigger_says(
        self, outsider: psycopg.Connection[tuple[object, ...]], column: str
    ) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            outsider.execute(f"INSERT INTO evidence_ledgerentry ({column}) VALUES (DEFAULT)")  # noqa: S608 - ours

    def test_may_not_touch_the_list_of_migrations(self, outsider: psycopg.Connection[tuple[object, ...]]) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            outsider.execute("DELETE FROM django_migrations")

    def test_may_do_all_that_the_portal_does(self, role: str, settings: Settings, tmp_path: object) -> None:
        settings.CHECKPOINT_EXPORT = str(tmp_path)
        world, amir, dana = World(), settle("amir"), settle("dana")
        with acting_as_the_application():
            refund = world.filed(world.order(unit_minor=100_00), by=amir)
            workflow.ask(reference=refund.reference, question="Was it broken on arrival?", actor=dana, at=NOON)
            workflow.submit(reference=refund.reference, actor=amir, at=NOON, answer="It was.")
            workflow.decide(
                reference=refund.reference, verdict=Verdict.APPROVE, rationale="It was broken.", actor=dana, at=NOON
            )
            drain()
            catch_up(at=NOON)
            rotate_key(actor=OPERATOR, at=NOON)
            last = catch_up(at=NOON)
            done_count = do_errands(at=NOON)

        assert last is not None
        assert last.size == LedgerEntry.objects.count()
        assert done_count == Checkpoint.objects.count() == 3
        assert SigningKey.objects.filter(retired_at__isnull=False).count() == 1
        assert verify().is_sound


@pytest.mark.django_db
class TestGrantApplicationRole:
    def test_refuses_a_role_that_owns_the_tables(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            owner = cursor.fetchone()[0]

        with pytest.raises(CommandError, match="superuser or owns"), transaction.atomic():
            call_command("grant_application_role", owner)

    def test_refuses_a_role_that_is_not_there(self) -> None:
        with pytest.raises(CommandError, match="CREATE ROLE nobody_like_that"):
            call_command("grant_application_role", "nobody_like_that")
