"""A process that follows the ledger into the sums, to be killed: `python -m tests.faults.counter DATABASE [WORD]`."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Count over and over what that database's ledger says, or run one management command on it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    _count(*sys.argv[1:])


def _count(database: str, command: str = "") -> None:
    # Django must be set up before its models are imported.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from analytics.rollups.following import catch_up  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    if command:
        call_command(command)
        return
    while True:
        catch_up(at=timezone.now())


if __name__ == "__main__":
    main()
