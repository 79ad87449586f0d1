"""Thin entries for the worker and the outbox: ids in, one call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from . import elsewhere, lapsing
from .actions import executing
from .actions import sweeping as action_sweeping
from .batches import filing as batch_filing
from .books import exporting, periods, posting
from .breaks import watching as break_watching
from .bundles import building
from .connectors import telling
from .disputes import sweeping as dispute_sweeping
from .erasures import night
from .gateways.registry import FAR, far_action_gateways
from .gateways.rounds import visit_each
from .outgoing import dispatching
from .preparation import preparing
from .processing import performing, sweeping, watching
from .proposing import asking as proposal_asking
from .reconciliation import fetching, importing
from .webhooks import asking, inbox, polling, resyncing


def perform_operation(*, operation_id: str, **_later: Any) -> None:
    """Hear `operation.queued`."""
    with structlog.contextvars.bound_contextvars(operation_id=operation_id):
        performing.perform_operation(operation_id=operation_id, at=timezone.now())


def apply_delivery(*, delivery_id: str, **_later: Any) -> None:
    """Hear `delivery.received`."""
    inbox.apply_delivery(delivery_id=delivery_id)


def prepare_request(*, subject_id: str, **_later: Any) -> None:
    """Hear that a request may wait for a person."""
    preparing.record_preparation(request_id=UUID(subject_id), at=timezone.now())


def ask_for_proposals(*, request_id: str, **_later: Any) -> None:
    """Hear `proposals.wanted`."""
    proposal_asking.ask_for_proposals(request_id=UUID(request_id), at=timezone.now())


def expire_request(*, route_id: str, **_later: Any) -> None:
    """Hear `approval.lapsed`."""
    lapsing.expire(route_id=route_id, at=timezone.now())


def file_requests(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.file_requests`."""
    batch_filing.run_batch(job_id=job_id)


def import_statement(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.import_statement`."""
    importing.run_import(job_id=job_id)


def fetch_payouts_asked_for(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.fetch_payouts`."""
    fetching.run_fetch(job_id=job_id, at=timezone.now())


def wake_fetcher(*, payout_id: str, **_later: Any) -> None:  # noqa: ARG001 - the fetcher finds what waits by itself
    """Hear `payout.reconciled`."""
    if settings.OUTBOX_WAKES_WORKERS:
        fetch_payouts.delay()


@shared_task(name="refunds.fetch_payouts", expires=300)
def fetch_payouts(**_later: Any) -> None:
    """Fetch the lines of payouts that are reconciled."""
    fetching.fetch_waiting(at=timezone.now())


@shared_task(name="refunds.poll_payouts", expires=1800)
def poll_payouts(**_later: Any) -> None:
    """Look for payouts whose webhook was lost."""
    fetching.poll_payouts(at=timezone.now())


def export_journal(*, job_id: str, **_later: Any) -> None:
    """Hear `job.queued.gl_export`."""
    exporting.run_export(job_id=job_id, at=timezone.now())


def wake_builder(*, job_id: str, **_later: Any) -> None:  # noqa: ARG001 - the builder finds what waits by itself
    """Hear `job.queued.bundle`."""
    if settings.OUTBOX_WAKES_WORKERS:
        build_bundle.delay()


@shared_task(name="refunds.build_bundle")
def build_bundle(**_later: Any) -> None:
    """Build the bundle that waits longest; another one is another task, so that checkpoints come in between."""
    if building.build_next(at=timezone.now()):
        build_bundle.delay()


@shared_task(name="refunds.sweep_operations")
def sweep_operations(**_later: Any) -> None:
    """Take up what a lost wake-up or a killed worker left."""
    sweeping.sweep_operations(at=timezone.now())


@shared_task(name="refunds.watch_succeeded")
def watch_succeeded(**_later: Any) -> None:
    """Look again at refunds that succeeded, for those that came back unheard."""
    watching.watch_succeeded(at=timezone.now())


@shared_task(name="refunds.sweep_deliveries")
def sweep_deliveries(**_later: Any) -> None:
    """Look again at parked deliveries."""
    inbox.sweep_deliveries(at=timezone.now())


def wake_asker(*, delivery_id: str, **_later: Any) -> None:  # noqa: ARG001 - the asker finds what waits by itself
    """Hear `shop_delivery.received`."""
    if settings.OUTBOX_WAKES_WORKERS:
        ask_shops.delay()


@shared_task(name="refunds.ask_shops", expires=60)
def ask_shops(**_later: Any) -> None:
    """Ask the shops about what they told."""
    asking.ask_shops(at=timezone.now())


@shared_task(name="refunds.poll_shops", expires=60)
def poll_shops(**_later: Any) -> None:
    """Ask the shops that tell nothing."""
    polling.poll_shops(at=timezone.now())


def wake_teller(*, note_id: str, **_later: Any) -> None:  # noqa: ARG001 - the task finds what waits by itself
    """Hear `shop_note.written`."""
    if settings.OUTBOX_WAKES_WORKERS:
        tell_shops.delay()


@shared_task(name="refunds.tell_shops", expires=60)
def tell_shops(**_later: Any) -> None:
    """Tell shops of our refunds."""
    telling.tell_shops(at=timezone.now())


def wake_resync(*, job_id: str, **_later: Any) -> None:  # noqa: ARG001 - the task finds what waits by itself
    """Hear `job.queued.resync_orders`."""
    if settings.OUTBOX_WAKES_WORKERS:
        resync_orders.delay()


@shared_task(name="refunds.resync_orders", expires=60)
def resync_orders(**_later: Any) -> None:
    """Go on with reading shops again."""
    resyncing.resync_orders(at=timezone.now())


@shared_task(name="refunds.sweep_disputes")
def sweep_disputes(**_later: Any) -> None:
    """Read the disputes whose webhooks were dropped."""
    visit_each(FAR, dispute_sweeping.sweep_disputes)


def carry_out_action(*, subject_id: str, **_later: Any) -> None:
    """Hear `governed_action.allowed`."""
    executing.carry_out(action_id=subject_id, at=timezone.now())


def count_elsewhere(*, subject_id: str, **_later: Any) -> None:
    """Hear `governed_action.explained`."""
    elsewhere.count_again(action_id=UUID(subject_id))


@shared_task(name="refunds.sweep_actions")
def sweep_actions(**_later: Any) -> None:
    """Take up allowed actions that a lost wake-up, a freeze or a killed worker left."""
    executing.sweep_actions(at=timezone.now())


@shared_task(name="refunds.sweep_refunds")
def sweep_refunds(**_later: Any) -> None:
    """Read the refunds and other movements whose webhooks were dropped, ours and others."""
    visit_each(FAR, action_sweeping.sweep_refunds)
    visit_each(far_action_gateways(), action_sweeping.sweep_movements)


@shared_task(name="refunds.carry_out_erasures")
def carry_out_erasures(**_later: Any) -> None:
    """Erase what the law kept until today, and what is out of its time."""
    night.run_night(at=timezone.now())


# A tick nobody took is as good as the next one.
@shared_task(name="refunds.send_webhooks", expires=10)
def send_webhooks(**_later: Any) -> None:
    """Send what systems outside are to hear."""
    dispatching.dispatch()


@shared_task(name="refunds.forget_webhooks")
def forget_webhooks(**_later: Any) -> None:
    """Delete what was told long ago."""
    dispatching.forget_old(at=timezone.now())


@shared_task(name="refunds.watch_breaks", expires=1800)
def watch_breaks(**_later: Any) -> None:
    """Find breaks that no import brought, and tell finance what is overdue."""
    break_watching.watch_breaks(at=timezone.now())


def mail_overdue(*, told_at: str, **_later: Any) -> None:
    """Hear `breaks.overdue`."""
    break_watching.mail_overdue(told_at=told_at)


# A tick nobody took is as good as the next one.
@shared_task(name="refunds.post_journal", expires=120)
def post_journal(**_later: Any) -> None:
    """Book what happened lately."""
    at = timezone.now()
    posting.post_journal(at=at, since=at - posting.LOOKS_BACK)
    periods.open_periods(since=at - posting.LOOKS_BACK)


@shared_task(name="refunds.post_whole_journal", expires=1800)
def post_whole_journal(**_later: Any) -> None:
    """Book what was written late with an old date."""
    posting.post_journal(at=timezone.now())
    periods.open_periods(since=posting.THE_BEGINNING)
