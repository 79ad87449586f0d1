"""First rows: made once by the real verbs, then written again as they were.

Most tests begin with the same three teams, roles, codes and published policies, those of the demo with its people.
Making them takes longer than most tests.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.db import connection, transaction
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Rows = dict[str, list[str]]
"""The rows of each table, each as canonical JSON."""


KEPT_SECONDS = 240.0
"""Rows that were written longer ago are made anew: much of the product asks how old something is."""


@dataclass(frozen=True)
class Founding:
    """What the first one wrote: its rows as one script, and how many rows each table had before."""

    database: str
    made_at: float
    script: str
    counts_before: Mapping[str, int]


_known: dict[str, Founding] = {}


def found(make: Callable[[], object], *, name: str = "world") -> None:
    """Write what `make` writes: by calling it, or, once that is known and the tables are as they were then, at once.

    Whoever may not switch triggers off makes it each time.

    :param name: what tells these first rows from others
    """
    known, database = _known.get(name), str(connection.settings_dict["NAME"])
    if known and time.monotonic() - known.made_at > KEPT_SECONDS:
        known = None
    if known and known.database == database:
        if _counts(known.counts_before) == known.counts_before:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(known.script)
        else:
            make()
        return
    if known or not may_switch_triggers_off():
        make()
        return
    before = _rows()
    make()
    after = _rows()
    changed = [table for table in before if Counter(before[table]) - Counter(after[table])]
    if not changed and not any(before[table] for table in ("kernel_user", "kernel_team")):
        new = {table: list((Counter(after[table]) - Counter(before[table])).elements()) for table in after}
        new = {table: rows for table, rows in new.items() if rows}
        counts = {table: len(before[table]) for table in new}
        _known[name] = Founding(database, time.monotonic(), _script(new), counts)


def forget() -> None:
    """Make the world's first rows anew: in another database the numbers they have may be given out again."""
    _known.clear()


def _tables() -> list[str]:
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def _rows() -> Rows:
    each = [
        sql.SQL("SELECT {}, to_jsonb(t)::text FROM {} t").format(sql.Literal(table), sql.Identifier(table))
        for table in _tables()
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(each))
        told = cursor.fetchall()
    rows: Rows = {table: [] for table in _tables()}
    for table, row in told:
        rows[table].append(row)
    return rows


def _counts(tables: Mapping[str, int]) -> dict[str, int]:
    each = [
        sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(table), sql.Identifier(table)) for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(each))
        return dict(cursor.fetchall())


@cache
def may_switch_triggers_off() -> bool:
    """Tell whether the tests' user of the database is its superuser, as it is on the embedded server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _script(rows: Rows) -> str:
    """Write the statements; neither triggers nor foreign keys look at rows that were good when they were made."""
    statements: list[sql.Composable] = [sql.SQL("SET LOCAL session_replication_role = replica")]
    for table, those in rows.items():
        columns = sql.SQL(", ").join(sql.Identifier(name) for name in _columns(table))
        statements.append(
            sql.SQL(
                "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                " SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, {rows})"
            ).format(
                table=sql.Identifier(table),
                columns=columns,
                rows=sql.Literal(json.dumps([json.loads(row) for row in those])),
            )
        )
    statements.append(sql.SQL("SET LOCAL session_replication_role = DEFAULT"))
    return sql.SQL("; ").join(statements).as_string(connection.connection)


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [f'"{table}"'],
        )
        return [name for (name,) in cursor.fetchall()]
