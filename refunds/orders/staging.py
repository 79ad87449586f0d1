"""Bring the files of a shop into temporary tables as they are, every column as text.

The database reads CSV faster than we do, and once the rows are there every question about them is one statement.
Temporary tables live as long as the connection; nothing else sees them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import DataError, connection, transaction
from psycopg import ClientCursor, sql

from .csv_files import BrokenFile, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

ORDERS = ("order_id", "customer_id", "placed_at", "currency", "country", "line_count", "gross_minor")
LINES = ("order_id", "line_no", "sku", "quantity", "unit_price_minor")
PRODUCTS = ("sku", "kind", "description")

_SAYS_WHERE = "line "


@contextmanager
def client_cursor() -> Iterator[ClientCursor[Any]]:
    """Open a cursor that binds in the client: statements that make tables take no parameters from the server."""
    connection.ensure_connection()
    with connection.wrap_database_errors, ClientCursor(connection.connection) as cursor:
        yield cursor


def stage_file(path: Path | None, *, table: str, required: Sequence[str], heard: Callable[[int], object]) -> None:
    """Copy a file into a fresh temporary table with a `number` that counts its lines, the header being line 1.

    Without a path the table stays empty. `heard` is told the bytes as they go by.

    :raises BrokenFile: for what is no CSV, is cut off, is not UTF-8 or lacks a column; the table is then gone
    """
    if path is None:
        _create(table, required)
        return
    with opened(path, required=required) as file, transaction.atomic():
        _create(table, file.columns)
        names = sql.SQL(", ").join(map(sql.Identifier, file.columns))
        copy = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({}))").format(
            sql.Identifier(table), names, names
        )
        try:
            with connection.cursor() as cursor, cursor.copy(copy) as sink:
                for chunk in file.chunks:
                    sink.write(chunk)
                    heard(len(chunk))
        except (DataError, psycopg.DataError) as error:
            raise BrokenFile(_sentence(file.name, error)) from error
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _create(table: str, columns: Sequence[str]) -> None:
    # Data begins in line 2 of the file.
    name = sql.Identifier(table)
    typed = sql.SQL(", ").join(sql.SQL("{} text NOT NULL").format(sql.Identifier(column)) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.SQL("pg_temp.") + name))
        numbered = sql.SQL("CREATE TEMPORARY TABLE {} (number int GENERATED ALWAYS AS IDENTITY (START 2), {})")
        cursor.execute(numbered.format(name, typed))


def _sentence(name: str, error: Exception) -> str:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    diagnosis = cause.diag if isinstance(cause, psycopg.Error) else None
    context = (diagnosis.context if diagnosis is not None else None) or ""
    number = context.partition(_SAYS_WHERE)[2].partition(",")[0].partition(":")[0]
    # The database counts from the first line of data, people from the header.
    where = f"{name}, line {int(number) + 1}" if number.isdigit() else name
    what = (diagnosis.message_primary if diagnosis is not None else None) or "not readable"
    return f"{where} is not CSV in UTF-8 as expected ({what})."
