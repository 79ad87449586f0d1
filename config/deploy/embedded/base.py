"""The backend Django loads by this module's name."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from config.deploy import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL whose server is ours to start: commands that never ask the database never start it."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's parameters once the server answers."""
        postgres.ensure_running()
        params: dict[str, Any] = super().get_connection_params()
        return params
