"""Cut a portal's database in two by team, on its own server, ask both halves, and throw them away.

    python -m config.deploy.splitting [DATABASE_URL]

Without an address it is this installation's own. The database must hold two teams with requests, and nobody may be
connected to it: it is copied whole, and not changed. The role must be a superuser's. Ends with 0 when nothing of what a
half must still hold is broken; what breaks because it was one for all is told and counted.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.deploy import postgres
from config.environment import load

from . import checks
from .cutting import Cut, cut, teams_in
from .schema import Schema

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping, Sequence

HALVES = ("one_half", "other_half")
"""How the copies are called, behind the name of the whole."""


class Half(NamedTuple):
    """One half: which teams, where, how it was cut and the line to it."""

    slugs: list[str]
    address: str
    cut: Cut
    line: psycopg.Connection[Any]


def divided(teams: Sequence[tuple[int, str, int]]) -> tuple[list[tuple[int, str, int]], list[tuple[int, str, int]]]:
    """Deal teams out, the busiest first, each to the half with fewer requests so far."""
    halves: tuple[list[tuple[int, str, int]], list[tuple[int, str, int]]] = ([], [])
    for team in teams:
        min(halves, key=lambda half: sum(count for _, _, count in half)).append(team)
    return halves


@contextmanager
def two_halves(address: str) -> Iterator[tuple[Schema, list[Half]]]:
    """Copy the database twice, cut each, and drop both in the end.

    :raises SystemExit: where there are no two teams with requests
    """
    with psycopg.connect(address) as line:
        schema, teams = Schema(line), teams_in(line)
    if sum(1 for _, _, count in teams if count) < len(HALVES):
        raise SystemExit("There are no two teams with refund requests to part.")
    source, server = urlsplit(address).path.strip("/"), urlsplit(address)._replace(path="/postgres").geturl()
    names = [f"{source}_{half}" for half in HALVES]
    with psycopg.connect(server, autocommit=True) as desk:
        try:
            found = []
            for name, part in zip(names, divided(teams), strict=True):
                _drop(desk, name)
                words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                desk.execute(words.format(sql.Identifier(name), sql.Identifier(source)))
                there = urlsplit(address)._replace(path=f"/{name}").geturl()
                line = psycopg.connect(there)
                done = cut(line, schema, kept=[pk for pk, _, _ in part])
                line.commit()
                line.autocommit = True
                found.append(Half([slug for _, slug, _ in part], there, done, line))
            yield schema, found
        finally:
            for name in names:
                _drop(desk, name)


def _drop(desk: psycopg.Connection[Any], name: str) -> None:
    desk.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def told(address: str, *, commands: Mapping[str, re.Pattern[str]] = checks.OWN_CHECKS) -> Iterator[tuple[bool, str]]:
    """Cut, ask, and say each answer: whether it is as it must be, and a sentence."""
    with psycopg.connect(address, autocommit=True) as line:
        schema = Schema(line)
        whole, held = checks.sums_of(line, schema), checks.held(line)
    with two_halves(address) as (schema, (one, other)):
        for half in (one, other):
            yield True, f"{', '.join(half.slugs)}: {half.cut.gone} rows of the other half went."
            broken = checks.dangling(half.line, schema)
            yield not broken, f"Rows that point at nothing: {_listed(broken)}."
            yield checks.held(half.line) == held, f"Constraints and triggers: {checks.held(half.line)} of {held}."
            for lie, refusal in checks.lies_told(half.line).items():
                yield bool(refusal), f"Tried, {lie}: {refusal or 'TAKEN'}."
            for command, pattern in commands.items():
                words = checks.asked_itself(half.address, command)
                yield bool(pattern.search(words)), f"manage.py {command}: {words}"
        yield not one.cut.of_both, f"Rows that belong to both halves: {_listed(one.cut.of_both)}."
        yield True, f"Rows of no team, whole in both: {_listed(one.cut.of_nobody)}."
        sums = checks.added_up(whole, [checks.sums_of(half.line, schema) for half in (one, other)], one.cut)
        yield (
            not sums.odd,
            f"Sums compared: {sums.compared} in {sums.currencies} currencies; odd: {sums.odd or 'none'}.",
        )
        yield from _what_breaks(one, other, schema)


def _what_breaks(one: Half, other: Half, schema: Schema) -> Iterator[tuple[bool, str]]:
    tried = checks.taken_twice(one.line, other.line, schema)
    twice = sorted(name for name, is_taken in tried.items() if is_taken)
    told = f"{len(twice)} of {len(tried)} were taken ({', '.join(twice)})"
    yield True, f"Unique keys without the team, tried with words of the other half: {told}."
    yield True, f"Refused all the same: {', '.join(sorted(tried.keys() - set(twice))) or 'none'}."
    numbers = checks.same_next_numbers(one.line, other.line)
    yield True, f"Sequences that would give out the same number next: {len(numbers)}."
    for name, asked in (("People who decided", checks.PEOPLE), ("Customers with orders", checks.CUSTOMERS)):
        both, all_of_them = checks.in_both(one.line, other.line, asked)
        yield True, f"{name} in both halves: {both} of {all_of_them}."


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def main(address: str) -> int:
    """Print every answer as it comes."""
    is_well = True
    for is_right, sentence in told(address):
        print(sentence if is_right else f"NOT WELL: {sentence}", flush=True)
        is_well = is_well and is_right
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else load().database_url or postgres.ensure_running()))
