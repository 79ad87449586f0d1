"""What is asked of two halves and of the whole they were cut from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psycopg
from psycopg import sql

from config.environment import PROJECT

from .cutting import about

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .cutting import Cut
    from .schema import Schema, Unique

OWN_CHECKS: Final = {
    "verify_ledger": re.compile(r"^Entries: [\d,]+, subjects: [\d,]+, faults: 0\b"),
    "replay_decisions": re.compile(r"^Checked: .*different: 0\b"),
}
"""The portal's own commands that read a whole database, and what they say when chains and decisions are well."""

LIES: Final = {
    "a decision by who asked": (
        "approvals_approvaldecision",
        (
            "CREATE TEMP TABLE lie AS SELECT * FROM approvals_approvaldecision ORDER BY id LIMIT 1;"
            "UPDATE lie SET id = gen_random_uuid(), decided_by_id = requested_by_id;"
            "INSERT INTO approvals_approvaldecision SELECT * FROM lie"
        ),
    ),
    "more given back than was captured": (
        "refunds_payment",
        (
            "UPDATE refunds_payment SET refunded_minor = captured_minor - reserved_minor + 1"
            " WHERE id = (SELECT id FROM refunds_payment ORDER BY id LIMIT 1)"
        ),
    ),
    "another sentence in the ledger": (
        "evidence_ledgerentry",
        (
            "UPDATE evidence_ledgerentry SET sentence = 'Nothing happened.' "
            " WHERE id = (SELECT min(id) FROM evidence_ledgerentry)"
        ),
    ),
}
"""What four eyes, the payment's balance and the record refuse in the database itself, each with the table it needs."""

DANGLING: Final = sql.SQL(
    "SELECT count(*) FROM {table} c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {target} p WHERE {joined})"
)
SOME: Final = sql.SQL("SELECT 1 FROM {table} LIMIT 1")
SUM: Final = sql.SQL("SELECT currency, sum({column})::bigint FROM {table} GROUP BY 1")
WORDS: Final = sql.SQL("SELECT {columns} FROM {table} ORDER BY 1 LIMIT 2000")
TOLD: Final = sql.SQL("UPDATE {table} SET {values} WHERE ctid = (SELECT min(ctid) FROM {table})")
PEOPLE: Final = "SELECT DISTINCT decided_by_id::text FROM approvals_approvaldecision"
CUSTOMERS: Final = "SELECT DISTINCT customer_id::text FROM refunds_order WHERE customer_id IS NOT NULL"
SEQUENCES: Final = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


class Sums(NamedTuple):
    """How many sums of money in how many currencies were compared, and those that do not add up."""

    compared: int
    currencies: int
    odd: list[str]


def dangling(connection: psycopg.Connection[Any], schema: Schema) -> dict[str, int]:
    """Count, key by key, the rows that point at a row which is not there."""
    found = {}
    for key in schema.foreign:
        given = sql.SQL(" AND ").join(sql.SQL("c.{} IS NOT NULL").format(sql.Identifier(one)) for one in key.columns)
        words = {"given": given, "target": sql.Identifier(key.target), "joined": key.joined}
        row = connection.execute(about(DANGLING, key.source, **words)).fetchone()
        if row and row[0]:
            found[f"{key.source}.{','.join(key.columns)}"] = int(row[0])
    return found


def sums_of(connection: psycopg.Connection[Any], schema: Schema) -> dict[tuple[str, str, str], int]:
    """Add up every amount of every table that may be cut, by currency."""
    found: dict[tuple[str, str, str], int] = {}
    for name, columns in schema.money.items():
        if not schema.may_be_cut(name):
            continue
        for column in columns:
            told = connection.execute(about(SUM, name, column=sql.Identifier(column)))
            found |= {(name, column, str(currency)): int(minor) for currency, minor in told if minor}
    return found


def added_up(
    whole: Mapping[tuple[str, str, str], int], halves: Iterable[Mapping[tuple[str, str, str], int]], cut: Cut
) -> Sums:
    """Compare each sum of the whole with those of its halves; what stays in both counts once."""
    one, other = halves
    odd = [
        f"{'.'.join(key)}: {minor} in the whole, {one.get(key, 0)} and {other.get(key, 0)} in the halves"
        for key, minor in whole.items()
        if one.get(key, 0) + other.get(key, 0) - cut.shared_minor.get(key, 0) != minor
    ]
    return Sums(len(whole), len({currency for _, _, currency in whole}), odd)


def lies_told(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Try what the database must refuse; answer what it said, empty where it took the lie."""
    return {name: _refusal(connection, lie) for name, (table, lie) in LIES.items() if _has_rows(connection, table)}


def _has_rows(connection: psycopg.Connection[Any], table: str) -> bool:
    return connection.execute(about(SOME, table)).fetchone() is not None


def held(connection: psycopg.Connection[Any]) -> int:
    """Count the constraints and triggers that the database holds."""
    asked = (
        "SELECT (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated)"
        " + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O')"
    )
    row = connection.execute(asked.encode()).fetchone()
    return int(row[0]) if row else 0


def taken_twice(one: psycopg.Connection[Any], other: psycopg.Connection[Any], schema: Schema) -> dict[str, bool]:
    """Give a row of one half the unique words of a row of the other, for each key that does not name the team.

    :returns: by key, whether it was taken; a key is left out where a half has no row, or its first rows say the same
    """
    found = {}
    for key in schema.unique:
        if schema.may_be_cut(key.table) and "team_id" not in key.columns:
            told = _only_here(one, other, key)
            if told is not None:
                found[key.name] = not _refusal(other, told, is_copying=True)
    return found


def _only_here(one: psycopg.Connection[Any], other: psycopg.Connection[Any], key: Unique) -> str | None:
    """Write the change that gives a row of the other half what a row of this one has, and no row of the other."""
    columns = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in key.columns)
    asked = about(WORDS, key.table, columns=columns)
    mine, others = one.execute(asked).fetchall(), set(other.execute(asked).fetchall())
    words = next((row for row in mine if row not in others and None not in row), None)
    if words is None or not others:
        return None
    values = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(str(word)))
        for column, word in zip(key.columns, words, strict=True)
    )
    return about(TOLD, key.table, values=values).as_string(other)


def _refusal(connection: psycopg.Connection[Any], told: str, *, is_copying: bool = False) -> str:
    """Try something, take it back, and say how it was refused; empty where it was not."""
    if is_copying:
        # Keys hold whoever writes; the triggers that keep records would refuse for another reason.
        told = f"SET LOCAL session_replication_role = replica; {told}"
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(told.encode())
    except psycopg.Error as refused:
        return (refused.diag.constraint_name or refused.diag.message_primary or str(refused)).strip()
    return ""


def in_both(one: psycopg.Connection[Any], other: psycopg.Connection[Any], asked: str) -> tuple[int, int]:
    """Count what both halves answer, and what either does."""
    mine, others = ({row[0] for row in half.execute(asked.encode())} for half in (one, other))
    return len(mine & others), len(mine | others)


def same_next_numbers(one: psycopg.Connection[Any], other: psycopg.Connection[Any]) -> list[str]:
    """Name the sequences that would give out the same number in both halves next."""
    mine, others = (dict(half.execute(SEQUENCES.encode()).fetchall()) for half in (one, other))
    return sorted(name for name, last in mine.items() if others.get(name) == last)


def asked_itself(address: str, command: str) -> str:
    """Run one of the portal's own checks against a database; answer the line with its figures."""
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{done.stdout}\n{done.stderr}".replace("CommandError: ", "").splitlines()
    return next((line for line in said if line.startswith(("Entries:", "Checked:"))), f"ended with {done.returncode}")
