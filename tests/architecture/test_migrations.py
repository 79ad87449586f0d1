"""A release and the one before run side by side while it is rolled out, so no migration may break the older code.

Columns and tables are added, filled and used in one release, and taken away or tightened in a later one.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.migrations import Migration
    from django.db.migrations.operations.base import Operation

OURS = ("kernel", "evidence", "approvals", "policies", "refunds", "analytics")
MARK = "BREAKS_OLDER_CODE"
SQL_THAT_TAKES = re.compile(
    r"DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|ALTER\s+COLUMN\s+\w+\s+(SET\s+NOT\s+NULL|TYPE)", re.IGNORECASE
)


def flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Answer operations, and those inside of them that the database hears."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from flat(operation.database_operations)
        else:
            yield operation


def may_be_left_out(field: Any) -> bool:
    """Whether code that does not know the column can still write a row."""
    return field.null or field.many_to_many or field.db_default is not NOT_PROVIDED or field.primary_key


def fault_of(operation: Operation, before: ProjectState, app: str) -> str:
    """Answer what would break the older code; empty if nothing would."""
    match operation:
        case migrations.DeleteModel() | migrations.RenameModel() | migrations.AlterModelTable():
            return operation.describe()
        case migrations.RemoveField() | migrations.RenameField():
            return operation.describe()
        case migrations.AddField(field=field) if not may_be_left_out(field) and not field.generated:
            return f"{operation.describe()}: NOT NULL without db_default"
        case migrations.AlterField(model_name=model, name=name, field=field):
            old = before.models[app, model.lower()].fields[name]
            if old.null and not may_be_left_out(field):
                return f"{operation.describe()}: NOT NULL without db_default"
        case migrations.RunSQL(sql=str(sql)) if SQL_THAT_TAKES.search(sql):
            return f"Raw SQL: {sql.strip()[:60]}"
    return ""


def faults_of(migration: Migration, before: ProjectState) -> list[str]:
    """Answer every fault, walking the state on. What a migration made itself, it may change."""
    made = {
        operation.name.lower() for operation in migration.operations if isinstance(operation, migrations.CreateModel)
    }
    faults = []
    for operation in flat(migration.operations):
        touched = str(getattr(operation, "model_name", "")).lower()
        if touched not in made and (fault := fault_of(operation, before, migration.app_label)):
            faults.append(fault)
    return faults


def walked() -> Iterator[tuple[Migration, list[str]]]:
    """Answer each migration of ours with its faults, in the order of the graph."""
    loader = MigrationLoader(None)
    plan = loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True)
    state = loader.project_state([])
    for key in plan:
        migration = loader.graph.nodes[key]
        if key[0] in OURS:
            yield migration, faults_of(migration, state)
        state = migration.mutate_state(state, preserve=False)


def reason_of(migration: Migration) -> str:
    """Answer why a migration may break the older code, as it says itself."""
    return str(getattr(import_module(type(migration).__module__), MARK, ""))


class TestMigrations:
    def test_let_the_release_before_go_on(self) -> None:
        breaking = [(migration, faults) for migration, faults in walked() if faults]

        assert [f"{one}: {faults}" for one, faults in breaking if len(reason_of(one)) < len("Because of this.")] == []

    def test_say_that_they_break_it_only_where_they_do(self) -> None:
        assert [str(migration) for migration, faults in walked() if reason_of(migration) and not faults] == []


BOOK = migrations.CreateModel(
    "Book", [("id", models.BigAutoField(primary_key=True)), ("title", models.TextField(null=True))]
)
TAKES = {
    "a table": migrations.DeleteModel("Book"),
    "a table's name": migrations.RenameModel("Book", "Volume"),
    "a column": migrations.RemoveField("Book", "title"),
    "a column's name": migrations.RenameField("Book", "title", "name"),
    "what may be empty": migrations.AlterField("Book", "title", models.TextField()),
    "a row without the new column": migrations.AddField("Book", "pages", models.IntegerField(default=0)),
    "a column by hand": migrations.RunSQL("ALTER TABLE library_book DROP COLUMN title"),
    "a column's type by hand": migrations.RunSQL("ALTER TABLE library_book ALTER COLUMN title TYPE varchar(10)"),
}
LEAVES = {
    "an empty column": migrations.AddField("Book", "pages", models.IntegerField(null=True)),
    "a column the database fills": migrations.AddField("Book", "pages", models.IntegerField(db_default=0)),
    "a column that stays as free": migrations.AlterField("Book", "title", models.CharField(null=True, max_length=9)),
    "an index": migrations.AddIndex("Book", models.Index(fields=["title"], name="by_title")),
    "a trigger by hand": migrations.RunSQL("DROP TRIGGER IF EXISTS old ON library_book"),
}


def faults_with(*operations: Operation) -> list[str]:
    """Answer what is wrong with a second migration of a library."""
    state = ProjectState()
    BOOK.state_forwards("library", state)
    made = type("Migration", (migrations.Migration,), {"operations": list(operations)})
    return faults_of(made("0002_more", "library"), state)


class TestFaults:
    @pytest.mark.parametrize("operation", TAKES.values(), ids=TAKES)
    def test_are_what_takes(self, operation: Operation) -> None:
        assert len(faults_with(operation)) == 1

    @pytest.mark.parametrize("operation", LEAVES.values(), ids=LEAVES)
    def test_are_not_what_leaves(self, operation: Operation) -> None:
        assert faults_with(operation) == []

    def test_are_seen_inside_of_what_only_the_database_hears(self) -> None:
        inside = migrations.SeparateDatabaseAndState(database_operations=[migrations.DeleteModel("Book")])

        assert len(faults_with(inside)) == 1

    def test_are_not_what_a_migration_made_itself(self) -> None:
        film = migrations.CreateModel("Film", [("id", models.BigAutoField(primary_key=True))])

        assert faults_with(film, migrations.AddField("Film", "minutes", models.IntegerField())) == []
