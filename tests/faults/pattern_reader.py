"""Reads the patterns for a job, to be killed: `python -m tests.faults.pattern_reader DATABASE JOB AT`."""

from __future__ import annotations

import os
import sys
from datetime import datetime

import django


def main() -> None:
    """Read what that job is to read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    _read(*sys.argv[1:])


def _read(database: str, job: str, at: str) -> None:
    # Django must be set up before its models are imported.
    from django.db import connection  # noqa: PLC0415

    from analytics.patterns.keeping import run_reading  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    run_reading(job_id=job, at=datetime.fromisoformat(at))


if __name__ == "__main__":
    main()
