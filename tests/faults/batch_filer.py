"""A worker that files a batch, to be killed in the middle: `python -m tests.faults.batch_filer DATABASE JOB`."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Run that job of that database, a few rows at a time so that there is a middle."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    _file(*sys.argv[1:])


def _file(database: str, job_id: str) -> None:
    # Django must be set up before its models are imported.
    from django.db import connection  # noqa: PLC0415

    from refunds.batches import filing  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    filing.run_batch(job_id=job_id)


if __name__ == "__main__":
    main()
