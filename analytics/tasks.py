"""Thin entries for the worker: one call each."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from .rollups import following, rebuilding


@shared_task(name="analytics.follow_ledger")
def follow_ledger(**_later: Any) -> None:
    """Count what the ledger says since the last time."""
    following.catch_up(at=timezone.now())


def recount_insight(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.recount_insight`."""
    rebuilding.run_recount(job_id=job_id, at=timezone.now())


def count_order_again(*, order_id: str, **_later: Any) -> None:
    """Hear `order.corrected`."""
    following.count_order(order_id=int(order_id))
