"""Cut a copy of a database: a row goes with its team, with what it points at, or with the subject it is about.

1. Rows with a team belong where it does.
2. A row without one belongs to whatever it points at, and, where it names a subject, to the row with that id; again and
   again until nothing is added. What points at both halves is counted and stays in both.
3. Everything that belongs to the other half alone goes. What belongs to no team stays in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from .schema import Schema

SUBJECT = "subject_id"

HOMES = """
    CREATE TEMP TABLE home (part text, row tid, stays boolean, goes boolean, is_said boolean, PRIMARY KEY (part, row));
    CREATE TEMP TABLE named (id text PRIMARY KEY, part text, row tid);
"""
BY_TEAM = sql.SQL("""
    INSERT INTO home SELECT {part}, ctid, team_id = ANY (%(teams)s), NOT team_id = ANY (%(teams)s), TRUE
      FROM {table} WHERE team_id IS NOT NULL
""")
FOLLOWED = sql.SQL("""
    INSERT INTO home SELECT {part}, c.ctid, bool_or(h.stays), bool_or(h.goes), FALSE
      FROM {table} c {found} GROUP BY c.ctid
        ON CONFLICT (part, row) DO UPDATE SET stays = home.stays OR excluded.stays, goes = home.goes OR excluded.goes
     WHERE NOT home.is_said AND ((excluded.stays AND NOT home.stays) OR (excluded.goes AND NOT home.goes))
""")
BY_KEY = sql.SQL("JOIN {target} p ON {joined} JOIN home h ON h.part = {name} AND h.row = p.ctid")
BY_SUBJECT = sql.SQL("JOIN named n ON n.id = c.subject_id::text JOIN home h ON h.part = n.part AND h.row = n.row")
NAMES = sql.SQL("INSERT INTO named SELECT id::text, {part}, ctid FROM {table} ON CONFLICT DO NOTHING")
OF_BOTH = sql.SQL("SELECT count(*) FROM home WHERE part = {part} AND stays AND goes")
OF_NOBODY = sql.SQL("""
    SELECT count(*) FROM {table} c WHERE NOT EXISTS (SELECT 1 FROM home h WHERE h.part = {part} AND h.row = c.ctid)
""")
SUM_OF_NOBODY = sql.SQL("""
    SELECT currency, sum({column})::bigint FROM {table} c
     WHERE NOT EXISTS (SELECT 1 FROM home h WHERE h.part = {part} AND h.row = c.ctid) GROUP BY 1
""")
GONE = sql.SQL("DELETE FROM {table} WHERE ctid IN (SELECT row FROM home WHERE part = {part} AND goes AND NOT stays)")
TEAMS = """
    SELECT t.id, t.slug, count(r.id) FROM kernel_team t LEFT JOIN refunds_refundrequest r ON r.team_id = t.id
     GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""
IS_UUID = """
    SELECT table_name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'uuid'
"""


class Cut(NamedTuple):
    """What was cut: rows that went, and by table those that point at both halves and those of no team."""

    gone: int
    of_both: dict[str, int]
    of_nobody: dict[str, int]
    shared_minor: dict[tuple[str, str, str], int]


def cut(connection: psycopg.Connection[Any], schema: Schema, *, kept: Sequence[int]) -> Cut:
    """Leave the rows of these teams, and what belongs to none, in the database of this connection."""
    _find_homes(connection, schema, kept)
    of_both, of_nobody, gone = dict[str, int](), dict[str, int](), 0
    shared: dict[tuple[str, str, str], int] = {}
    # Foreign keys and the triggers that keep records would refuse; the keys are looked at afterwards.
    connection.execute("SET session_replication_role = replica")
    for name in sorted(filter(schema.may_be_cut, schema.tables)):
        if both := _number(connection, about(OF_BOTH, name)):
            of_both[name] = both
        if nobody := _number(connection, about(OF_NOBODY, name)):
            of_nobody[name] = nobody
        for column in schema.money.get(name, ()):
            told = connection.execute(about(SUM_OF_NOBODY, name, column=sql.Identifier(column)))
            shared |= {(name, column, str(currency)): int(minor) for currency, minor in told if minor}
        gone += connection.execute(about(GONE, name)).rowcount
    connection.execute("RESET session_replication_role")
    return Cut(gone, of_both, of_nobody, shared)


def about(asked: sql.SQL, name: str, **words: sql.Composable) -> sql.Composed:
    """Ask something of a table."""
    return asked.format(table=sql.Identifier(name), part=sql.Literal(name), **words)


def _find_homes(connection: psycopg.Connection[Any], schema: Schema, kept: Sequence[int]) -> None:
    connection.execute(HOMES)
    for name in schema.of_teams():
        connection.execute(about(BY_TEAM, name), {"teams": list(kept)})
    with_names = {row[0] for row in connection.execute(IS_UUID)}
    for name in sorted(with_names & schema.tables.keys()):
        if schema.may_be_cut(name):
            connection.execute(about(NAMES, name))
    connection.execute("ANALYZE home; ANALYZE named")
    steps = [
        about(
            FOLLOWED,
            key.source,
            found=BY_KEY.format(target=sql.Identifier(key.target), name=sql.Literal(key.target), joined=key.joined),
        )
        for key in schema.foreign
        if schema.may_be_cut(key.source) and schema.may_be_cut(key.target)
    ]
    steps += [about(FOLLOWED, name, found=BY_SUBJECT) for name in schema.cut_by(SUBJECT)]
    while sum(connection.execute(step).rowcount for step in steps):
        connection.execute("ANALYZE home")


def _number(connection: psycopg.Connection[Any], asked: sql.Composed) -> int:
    row = connection.execute(asked).fetchone()
    return int(row[0]) if row else 0


def teams_in(connection: psycopg.Connection[Any]) -> list[tuple[int, str, int]]:
    """List every team with how many refund requests it has, the busiest first."""
    return [(int(pk), str(slug), int(count)) for pk, slug, count in connection.execute(TEAMS)]
