"""The database under the tests."""

from __future__ import annotations

import pytest

from config.deploy import postgres
from config.environment import load

pytest_plugins = ["tests.harness.plugin"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Hold the embedded server for the whole session, so that it is not stopped and started between tests."""
    if not load().database_url:
        postgres.ensure_running()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what answers quickly first and the browser last."""
    items.sort(
        key=lambda item: (item.get_closest_marker("browser") is not None, item.get_closest_marker("slow") is not None)
    )
