"""Thin entries for the worker: one call each."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import scheduling
from .actions import lapsing
from .baselines import judging
from .simulation import backtesting


def run_backtest(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.backtest`."""
    backtesting.run_backtest(job_id=job_id)


def run_baseline(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.baseline`."""
    judging.run_baseline(job_id=job_id)


@shared_task(name="policies.put_in_force")
def put_in_force(**_later: Any) -> None:
    """Put scheduled versions in force whose moment has come."""
    scheduling.put_in_force(at=timezone.now())


def lapse_action(*, route_id: str, **_later: Any) -> None:
    """Hear `approval.lapsed`."""
    lapsing.lapse(route_id=route_id, at=timezone.now())
