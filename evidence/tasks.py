"""What evidence does after the fact: ids in, one call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import messages, quarantine


@shared_task(name="evidence.scan_waiting")
def scan_waiting(**_later: Any) -> None:
    """Ask the virus scanner again about the files that wait for it."""
    quarantine.scan_waiting(at=timezone.now())


def send_message(*, message_id: str, **_later: str) -> None:
    """Send a written message once."""
    messages.send_message(message_id=message_id)
