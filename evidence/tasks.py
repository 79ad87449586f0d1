"""What evidence does after the fact: ids in, one call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import message_delivery, quarantine, reuse
from .bundles import keeping
from .checkpoints import errands, making


@shared_task(name="evidence.scan_waiting")
def scan_waiting(**_later: Any) -> None:
    """Ask the virus scanner again about the files that wait for it."""
    quarantine.scan_waiting(at=timezone.now())


@shared_task(name="evidence.compare_the_rest")
def compare_the_rest(**_later: Any) -> None:
    """Look for reuse of the pictures that nobody compared yet."""
    reuse.compare_the_rest(at=timezone.now())


def send_message(*, message_id: str, **_later: str) -> None:
    """Send an approved message once."""
    message_delivery.send_message(message_id=message_id)


@shared_task(name="evidence.make_checkpoints")
def make_checkpoints(**_later: Any) -> None:
    """Sign the root of everything that was recorded."""
    making.catch_up(at=timezone.now())


@shared_task(name="evidence.do_errands")
def do_errands(**_later: Any) -> None:
    """Copy and stamp what was signed."""
    errands.do_errands(at=timezone.now())


@shared_task(name="evidence.remove_bundles")
def remove_bundles(**_later: Any) -> None:
    """Remove the bundles whose time is over."""
    keeping.remove_expired(at=timezone.now())
