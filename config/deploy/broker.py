"""The default broker: PGMQ's tables and functions in our own database, no extension and no server of its own.

python -m config.deploy.broker
"""

from __future__ import annotations

import psycopg
from pgmq.install import get_embedded_install_sql, install_pgmq_sql

from config.deploy import postgres
from config.deploy.connection import database_url
from config.environment import load

# Any number nobody else locks; it only has to be the same for everybody who installs at once.
INSTALLING = 7_301_117


def install_broker(url: str) -> bool:
    """Make PGMQ's schema unless it is there; return whether it was made now."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [INSTALLING])
        if is_installed(connection):
            return False
        install_pgmq_sql(get_embedded_install_sql(), conn=connection)
    return True


def is_installed(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether what PGMQ's script makes is there, all of it: the script runs in one transaction."""
    row = connection.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL").fetchone()
    return row is not None and bool(row[0])


if __name__ == "__main__":
    environment = load()
    if not environment.celery_broker_url:
        if not environment.database_url:
            postgres.ensure_running()
        install_broker(database_url(environment))
