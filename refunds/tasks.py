"""Thin entries for the worker and the outbox: ids in, one call."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import lapsing
from .erasures import night
from .processing import performing, sweeping
from .reconciliation import importing
from .webhooks import inbox


def perform_operation(*, operation_id: str, **_later: Any) -> None:
    """Hear `operation.queued`."""
    performing.perform_operation(operation_id=operation_id, at=timezone.now())


def apply_delivery(*, delivery_id: str, **_later: Any) -> None:
    """Hear `delivery.received`."""
    inbox.apply_delivery(delivery_id=delivery_id)


def expire_request(*, route_id: str, **_later: Any) -> None:
    """Hear `approval.lapsed`."""
    lapsing.expire(route_id=route_id, at=timezone.now())


def import_statement(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.import_statement`."""
    importing.run_import(job_id=job_id)


@shared_task(name="refunds.sweep_operations")
def sweep_operations(**_later: Any) -> None:
    """Take up what a lost wake-up or a killed worker left."""
    sweeping.sweep_operations(at=timezone.now())


@shared_task(name="refunds.sweep_deliveries")
def sweep_deliveries(**_later: Any) -> None:
    """Look again at parked deliveries."""
    inbox.sweep_deliveries(at=timezone.now())


@shared_task(name="refunds.carry_out_erasures")
def carry_out_erasures(**_later: Any) -> None:
    """Erase what the law kept until today, and what is out of its time."""
    night.run_night(at=timezone.now())
