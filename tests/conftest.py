"""The database under the tests."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.harness import founding
from tests.harness.migrated import template_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

pytest_plugins = ["tests.harness.plugin"]

OBJECTS_BETWEEN_SEARCHES = 20_000
"""Python looks after 700: a page makes more than that."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Hold the embedded server for the whole session, and begin with a copy of what all migrations make there."""
    if template := template_database():
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the tests' database, and a copy that nobody ever connects to: others can be copied from it."""
    with django_db_blocker.unblock():
        made = str(connection.settings_dict["NAME"])
        connection.close()
        _run_elsewhere("DROP DATABASE IF EXISTS {0}_untouched", "CREATE DATABASE {0}_untouched TEMPLATE {0}", made=made)
    yield
    with django_db_blocker.unblock():
        _run_elsewhere("DROP DATABASE {0}_untouched", made=made)


@pytest.fixture(scope="module")
def lasting_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DjangoDbBlocker]:
    """Let a module write into the database what all its tests read, and put the untouched one back afterwards."""
    yield django_db_blocker
    with django_db_blocker.unblock():
        made = str(connection.settings_dict["NAME"])
        connection.close()
        _run_elsewhere("DROP DATABASE {0} WITH (FORCE)", "CREATE DATABASE {0} TEMPLATE {0}_untouched", made=made)
    founding.forget()


def _run_elsewhere(*statements: str, made: str) -> None:
    """Speak to the server while connected to none of the databases that are spoken of."""
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(made))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what answers quickly first and the browser last."""
    items.sort(
        key=lambda item: (item.get_closest_marker("browser") is not None, item.get_closest_marker("slow") is not None)
    )


def pytest_collection_finish() -> None:
    """Leave out of every search for garbage what lives as long as the run: Django, and nine thousand tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES, 20, 20)
