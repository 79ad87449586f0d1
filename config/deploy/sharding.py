"""What a schema distributed by team would lose: read from the catalogue of a migrated database, not from memory.

Citus holds a unique key, a primary key or a foreign key between distributed tables only if the distribution column is
part of it. Each table is placed: it has a team, reaches one by keys, is the same for all (reference), or belongs to one
machine. Then every constraint that Citus would refuse is named.

    python -m config.deploy.sharding DATABASE_URL
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping

TEAM = "team_id"
TEAMS = "kernel_team"
SAME_FOR_ALL = ("kernel_", "auth_", "account_", "mfa_", "socialaccount_", "django_content_type", "guardian_")
OF_ONE_MACHINE = (
    "kernel_cache",
    "kernel_session",
    "kernel_outboxrow",
    "kernel_job",
    "kernel_lastrun",
    "kernel_schedulerlease",
    "django_admin_log",
    "django_migrations",
    "django_session",
)


class Place(StrEnum):
    """Where a table's rows would be."""

    HAS_TEAM = "has the team"
    NEEDS_TEAM = "reaches a team by keys and would need the column"
    REFERENCE = "reference: whole on every machine"
    ONE_MACHINE = "on one machine"
    NO_TEAM = "reaches no team"


@dataclass(slots=True)
class Table:
    """A table: its columns, the tables it points at, its keys, and what would be refused."""

    name: str
    columns: set[str]
    targets: set[str] = field(default_factory=set)
    place: Place = Place.NO_TEAM
    refused: list[str] = field(default_factory=list)
    triggers: int = 0


COLUMNS = """
    SELECT c.relname, array_agg(a.attname::text) FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace GROUP BY 1
"""
FOREIGN = """
    SELECT conrelid::regclass::text, confrelid::regclass::text, conname,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))
      FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 3
"""
UNIQUE = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, i.indisprimary,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = ANY (i.indkey::int[]))
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
TRIGGERS = "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger WHERE NOT tgisinternal GROUP BY 1"


def read(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, Table]:
    """Read every table and place it, then name what could not be held."""
    tables = {str(name): Table(str(name), set(columns)) for name, columns in connection.execute(COLUMNS)}  # type: ignore[call-overload]
    foreign = [(str(a), str(b), str(c), d) for a, b, c, d in connection.execute(FOREIGN)]
    for source, target, _, _ in foreign:
        tables[source].targets.add(target)
    for name, count in connection.execute(TRIGGERS):
        if str(name) in tables:
            tables[str(name)].triggers = int(str(count))
    _place(tables)
    for source, target, constraint, _ in foreign:
        if sentence := _fault_of_key(tables[source], tables[target]):
            tables[source].refused.append(f"{constraint}: {sentence}")
    for name, index, is_primary, columns in connection.execute(UNIQUE):
        table = tables[str(name)]
        if _is_distributed(table) and TEAM not in set(columns):  # type: ignore[call-overload]
            kind = "primary key" if is_primary else "unique"
            table.refused.append(f"{index}: {kind} without the team")
    return tables


def _place(tables: Mapping[str, Table]) -> None:
    for table in tables.values():
        if table.name.startswith(OF_ONE_MACHINE):
            table.place = Place.ONE_MACHINE
        elif table.name.startswith(SAME_FOR_ALL):
            table.place = Place.REFERENCE
        elif TEAM in table.columns:
            table.place = Place.HAS_TEAM
    is_moving = True
    while is_moving:
        is_moving = False
        for table in tables.values():
            if table.place == Place.NO_TEAM and any(_is_distributed(tables[target]) for target in table.targets):
                table.place, is_moving = Place.NEEDS_TEAM, True


def _is_distributed(table: Table) -> bool:
    return table.place in (Place.HAS_TEAM, Place.NEEDS_TEAM)


def _fault_of_key(source: Table, target: Table) -> str:
    """Say why Citus would refuse a foreign key; empty where it holds it."""
    if _is_distributed(source):
        if _is_distributed(target):
            return f"to {target.name} without the team"
        return "" if target.place == Place.REFERENCE else f"from a distributed table to {target.name} on one machine"
    if _is_distributed(target):
        return f"from {source.place.value} to the distributed {target.name}"
    return ""


def report(tables: Mapping[str, Table]) -> str:
    """Write it down for people."""
    lines = []
    for place in Place:
        group = sorted((table for table in tables.values() if table.place == place), key=lambda table: table.name)
        lines.append(f"{place.value}: {len(group)} tables: {', '.join(table.name for table in group)}")
    refused = [(table.name, one) for table in tables.values() for one in table.refused]
    triggers = sum(table.triggers for table in tables.values() if _is_distributed(table))
    lines.append(
        f"{len(refused)} constraints could not be held as they are; {triggers} triggers on distributed tables:"
    )
    lines += [f"  {name}: {one}" for name, one in sorted(refused)]
    return "\n".join(lines)


def main(address: str) -> None:
    """Print the report of a database."""
    with psycopg.connect(address) as connection:
        print(report(read(connection)))


if __name__ == "__main__":
    main(sys.argv[1])
