"""A worker process to be killed in the middle: `python -m tests.faults.worker DATABASE ADDRESS OPERATION`."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Take up one operation of that database through the gateway at the address."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    _perform(*sys.argv[1:])


def _perform(database: str, address: str, operation_id: str) -> None:
    # Django must be set up before its models are imported.
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from refunds.gateways.registry import standing_in  # noqa: PLC0415
    from refunds.gateways.sandbox_client import SandboxGateway  # noqa: PLC0415
    from refunds.processing.performing import perform_operation  # noqa: PLC0415

    connection.settings_dict["NAME"] = database
    with standing_in("stripe", SandboxGateway("sk_test_sandbox", [], api_base=address, timeout_seconds=(5, 60))):
        perform_operation(operation_id=operation_id, at=timezone.now())


if __name__ == "__main__":
    main()
