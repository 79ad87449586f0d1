"""What the database role of the application may do: everything it needs, and nothing to a record that only grows."""

from __future__ import annotations

from django.db import connection, transaction
from psycopg import sql

from .ledger import COLUMNS

MAY_WRITE = {
    "evidence_ledgerentry": f"INSERT ({', '.join(COLUMNS)})",
    "evidence_checkpointleaf": "INSERT",
    "evidence_checkpointnode": "INSERT",
    "evidence_checkpoint": "INSERT",
    "evidence_signingkey": "INSERT, UPDATE (retired_at)",
}
"""The tables that only grow, and what may be written to each."""

_ROLE = "SELECT rolsuper, pg_has_role(rolname, %s, 'MEMBER') FROM pg_roles WHERE rolname = %s"
_OWNER = "SELECT tableowner FROM pg_tables WHERE schemaname = current_schema() AND tablename = %s"
_EVERYTHING = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
)
_BROKER = (
    "GRANT ALL ON SCHEMA pgmq TO {role}",
    "GRANT ALL ON ALL TABLES IN SCHEMA pgmq TO {role}",
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA pgmq TO {role}",
)


class UnableToGrant(Exception):
    """The role is not there, or what it may do cannot be limited."""


@transaction.atomic
def grant_application_role(role: str, *, create: bool = False) -> None:
    """Let a role run the portal; run it after every migration, as the owner of the tables.

    The ledger, the leaves, nodes and checkpoints may be read and appended to; of a key only `retired_at` is ever
    written. An entry's place and hashes are columns that only the trigger fills.

    :raises UnableToGrant: for a role that is missing, a superuser, or an owner of the tables
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWNER, ["evidence_ledgerentry"])
        owner = cursor.fetchone()[0]
        cursor.execute(_ROLE, [owner, role])
        found = cursor.fetchone()
        if found is None and create:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        elif found is None:
            raise UnableToGrant(f"There is no role {role}; make it first: CREATE ROLE {role} LOGIN PASSWORD …")
        elif found[0] or found[1]:
            raise UnableToGrant(f"{role} is a superuser or owns the tables; nothing can be kept from it.")
        cursor.execute("SELECT current_schema(), to_regnamespace('pgmq') IS NOT NULL")
        schema, has_broker = cursor.fetchone()
        names = {"role": sql.Identifier(role), "schema": sql.Identifier(schema)}
        for statement in (*_EVERYTHING, *(_BROKER if has_broker else ())):
            cursor.execute(sql.SQL(statement).format(**names))
        for name, rights in MAY_WRITE.items():
            table, written = sql.Identifier(name), sql.SQL(rights)
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(table, names["role"]))
            cursor.execute(sql.SQL("GRANT SELECT, {} ON {} TO {}").format(written, table, names["role"]))
        cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}").format(**names))
