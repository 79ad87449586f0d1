"""What a cut follows: every foreign key and unique key of a database, and the tables that stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

from config.deploy.sharding import TEAM, Place, read

if TYPE_CHECKING:
    import psycopg

    from config.deploy.sharding import Table

STAYS_WHOLE = (Place.REFERENCE, Place.ONE_MACHINE)

FOREIGN = """
    SELECT conrelid::regclass::text,
           ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(num, place)
                   JOIN pg_attribute ON attrelid = conrelid AND attnum = k.num ORDER BY k.place),
           confrelid::regclass::text,
           ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS k(num, place)
                   JOIN pg_attribute ON attrelid = confrelid AND attnum = k.num ORDER BY k.place)
      FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, conname
"""
UNIQUE = """
    SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
           ARRAY(SELECT attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(num, place)
                   JOIN pg_attribute ON attrelid = i.indrelid AND attnum = k.num ORDER BY k.place)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE i.indisunique AND NOT i.indisprimary AND i.indexprs IS NULL AND i.indpred IS NULL
       AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
MONEY = r"""
    SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns c
     WHERE table_schema = 'public' AND data_type = 'bigint' AND column_name LIKE '%\_minor'
       AND EXISTS (SELECT 1 FROM information_schema.columns o WHERE o.table_schema = 'public'
                      AND o.table_name = c.table_name AND o.column_name = 'currency')
     GROUP BY 1 ORDER BY 1
"""


class Foreign(NamedTuple):
    """A foreign key: which columns of which table point at which."""

    source: str
    columns: tuple[str, ...]
    target: str
    keys: tuple[str, ...]

    @property
    def joined(self) -> sql.Composed:
        """The condition that joins a row `c` with the row `p` it points at."""
        pairs = zip(self.columns, self.keys, strict=True)
        return sql.SQL(" AND ").join(
            sql.SQL("c.{} = p.{}").format(sql.Identifier(column), sql.Identifier(key)) for column, key in pairs
        )


class Unique(NamedTuple):
    """A unique key over whole rows; one of a part of the rows, or of an expression, is not tried."""

    table: str
    name: str
    columns: tuple[str, ...]


class Schema:
    """All of it, read once."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Read the catalogue."""
        self.tables: dict[str, Table] = read(connection)
        self.foreign = [Foreign(a, tuple(b), c, tuple(d)) for a, b, c, d in connection.execute(FOREIGN)]
        self.unique = [Unique(a, b, tuple(c)) for a, b, c in connection.execute(UNIQUE)]
        self.money = {str(name): tuple(columns) for name, columns in connection.execute(MONEY)}

    def may_be_cut(self, name: str) -> bool:
        """Tell whether rows of a table may go: people, catalogues of roles and what is of one machine stay whole."""
        return self.tables[name].place not in STAYS_WHOLE

    def cut_by(self, column: str) -> list[str]:
        """Name the tables that may be cut and have a column."""
        return sorted(name for name, table in self.tables.items() if column in table.columns and self.may_be_cut(name))

    def of_teams(self) -> list[str]:
        """Name the tables whose rows say their team."""
        return self.cut_by(TEAM)
