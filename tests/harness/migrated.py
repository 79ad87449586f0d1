"""A database that carries every migration: made once for each set of them, copied for every run and every worker.

Migrating takes half a minute, copying a tenth of a second. `make check` makes it while the types are checked:

    python -m tests.harness.migrated
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from django.apps import apps
from django.conf import settings
from psycopg import sql

from config.deploy import postgres
from config.environment import PROJECT, load

PREFIX = "migrated_"


def template_database() -> str | None:
    """Make the one to copy on the embedded server, held by this process, and name it; None on a server of one's own."""
    if load().database_url:
        return None
    return migrated_database(postgres.ensure_running(), settings.VAR_DIR / "tests" / "migrated.lock")


def migrated_database(server: str, lock: Path) -> str:
    """Make the database unless it is there, and forget those of other migrations.

    :param server: the address of the embedded server
    :param lock: a file that whoever makes one holds
    :returns: its name
    """
    name = PREFIX + _fingerprint()
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held, psycopg.connect(server, autocommit=True) as connection:
        fcntl.flock(held, fcntl.LOCK_EX)
        there = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
        if name not in there:
            _make(connection, server, name)
        for other in there - {name}:
            if other.startswith(PREFIX):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(other)))
    return name


def _fingerprint() -> str:
    """Hash every migration of every app: they are SQL, and nothing else decides what is in the database."""
    files = sorted(file for app in apps.get_app_configs() for file in Path(app.path, "migrations").rglob("*.py"))
    told = hashlib.sha256()
    for file in files:
        told.update(file.as_posix().removeprefix(PROJECT.as_posix()).encode() + b"\0" + file.read_bytes())
    return told.hexdigest()[:16]


def _make(connection: psycopg.Connection, server: str, name: str) -> None:
    """Migrate under another name, so that a run that was killed leaves nothing that looks finished."""
    unfinished = f"{PREFIX}unfinished"
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unfinished)))
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--run-syncdb", "--verbosity", "0"],
        cwd=PROJECT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": urlsplit(server)._replace(path=f"/{unfinished}").geturl(),
        },
        check=True,
    )
    connection.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
    )


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    template_database()
