"""The spoken references of governed actions."""

from __future__ import annotations

from django.db import connection

from config.kernel.ids import spoken_reference


def next_reference() -> str:
    """Make the next one: `GA-7F3K`; gaps do not matter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('governed_action_reference')")
        return spoken_reference("GA", cursor.fetchone()[0])
