"""Letting a test's flush empty append-only tables; every other TRUNCATE keeps being refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pgtrigger
import pytest
from django.db import connection, transaction
from psycopg import sql

from tests.harness.founding import may_switch_triggers_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEPT = {"django_content_type", "auth_permission"}
"""The names of models and of rights stay: what was written down with their ids holds after a flush."""


@pytest.fixture(scope="session", autouse=True)
def append_only_tables_can_be_flushed() -> Iterator[None]:
    """Switch triggers off while Django empties all tables after a test with real transactions, and only then.

    It also truncates with CASCADE: knox's own token table exists, points at people, and is unknown to Django because
    its model is swapped for ours.
    """
    operations = type(connection.ops)
    say, flush = operations.sql_flush, operations.execute_sql_flush

    def say_cascade(self: Any, style: Any, tables: Iterable[str], **options: Any) -> list[str]:
        return say(self, style, [name for name in tables if name not in KEPT], **{**options, "allow_cascade": True})

    def flush_all(self: Any, sql_list: Any) -> None:
        if may_switch_triggers_off():
            _delete_everything()
            return
        tables = sorted({model._meta.db_table for model, _ in pgtrigger.registered()})
        flush(self, [f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in tables])
        flush(self, sql_list)
        flush(self, [f'ALTER TABLE "{table}" ENABLE TRIGGER USER' for table in tables])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", say_cascade)
        patch.setattr(operations, "execute_sql_flush", flush_all)
        yield


def _delete_everything() -> None:
    """Delete instead of truncating: most tables are empty, and finding nothing is a tenth of the work."""
    tables = sorted({*connection.introspection.django_table_names(include_views=False)} - KEPT)
    deletions = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join([sql.SQL("SET LOCAL session_replication_role = replica"), *deletions]))
