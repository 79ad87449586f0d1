"""Thin entries for the worker and the outbox: ids in, one call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from .patterns import keeping
from .remediation import gaps, watching
from .rollups import following, rebuilding
from .scorecards import publishing


@shared_task(name="analytics.follow_ledger")
def follow_ledger(**_later: Any) -> None:
    """Count what the ledger says since the last time."""
    following.catch_up(at=timezone.now())


@shared_task(name="analytics.watch_remediation", expires=1800)
def watch_remediation(**_later: Any) -> None:
    """Count codes, open items, test effects, and tell what is overdue."""
    watching.watch_items(at=timezone.now())


@shared_task(name="analytics.publish_scorecards", expires=1800)
def publish_scorecards(**_later: Any) -> None:
    """Keep the month before, once it is over and settled."""
    publishing.publish_due(at=timezone.now())


@shared_task(name="analytics.read_patterns", expires=1800)
def read_patterns(**_later: Any) -> None:
    """Have the patterns of the night read, once."""
    keeping.read_if_due(at=timezone.now())


def run_reading(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.read_patterns`."""
    keeping.run_reading(job_id=job_id, at=timezone.now())


def recount_insight(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.recount_insight`."""
    rebuilding.run_recount(job_id=job_id, at=timezone.now())


def count_order_again(*, order_id: str, **_later: Any) -> None:
    """Hear `order.corrected`."""
    following.count_order(order_id=int(order_id))


def hear_policy_gap(*, gap_id: str, **_later: Any) -> None:
    """Hear `policy_gap.named`."""
    gaps.hear_gap(gap_id=gap_id)


def mail_overdue_items(*, told_at: str, **_later: Any) -> None:
    """Hear `remediation.overdue`."""
    watching.mail_overdue(told_at=told_at)
