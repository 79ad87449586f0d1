"""Fetch what a processor's payouts consist of, as statements: when it says that it knows, and never before.

A webhook says that a payout is reconciled; a look at the list every hour finds what no webhook told. Whoever is told
writes it down; what is written down is fetched by whoever comes by. The network is never called in a transaction.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.db import transaction
from django.db.models import Q

from config.kernel.jobs import Job, JobState, alone_at, cancel_job, end_job, queue_job, report_progress, start_job
from config.kernel.outbox import publish
from config.kernel.people import Machine, User
from config.kernel.refusals import Refused
from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.payouts import PayoutGateway
from refunds.gateways.registry import gateway_named
from refunds.models import ProcessorPayout

from .checking import checked_report
from .importing import check_may_upload, keep, standing
from .readers import choose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import Actor
    from refunds.gateways.payouts import ProviderPayout
    from refunds.models import Statement

logger = structlog.get_logger(__name__)

STRIPE: Final = "stripe"
FORMAT: Final = "stripe.api.payout"
KIND: Final = "fetch_payouts"
FETCHER: Final = Machine("statement fetcher")
LOOKS_BACK: Final = timedelta(days=14)
"""How far back the look at the list goes: a payout may fail up to five working days after it was shown as paid."""

BUTTON_LOOKS_BACK: Final = timedelta(days=90)
AT_MOST: Final = 100


def hear_of_payout(*, gateway: str, external_id: str, at: datetime) -> ProcessorPayout | None:
    """Read a payout again after a webhook spoke of it, and write down how it stands.

    :raises GatewayUnreachable:
    """
    told = _source(gateway).payout(external_id)
    return note_payout(account=gateway, told=told, at=at) if told is not None else None


@transaction.atomic(durable=True)
def note_payout(*, account: str, told: ProviderPayout, at: datetime) -> ProcessorPayout:
    """Write down how a payout stands; news once the processor knows its lines. What it knew, it goes on knowing."""
    ProcessorPayout.objects.bulk_create(
        [ProcessorPayout(account=account, external_id=told.external_id, **_columns(told, at))], ignore_conflicts=True
    )
    payout = ProcessorPayout.objects.select_for_update().get(account=account, external_id=told.external_id)
    is_news = told.is_reconciled and payout.statement_id is None
    for name, value in _columns(told, at).items():
        setattr(payout, name, value or payout.is_reconciled if name == "is_reconciled" else value)
    payout.save(update_fields=[*_columns(told, at)])
    if is_news:
        publish("payout.reconciled", payout_id=payout.pk)
    return payout


def poll_payouts(*, at: datetime, gateway: str = STRIPE) -> int:
    """Write down how the payouts of the last days stand, for those whose webhook was lost. Answers how many."""
    count = 0
    try:
        for told in _source(gateway).payouts_since(at - LOOKS_BACK):
            note_payout(account=gateway, told=told, at=at)
            count += 1
    except GatewayUnreachable as silence:
        logger.warning("payouts.cannot_ask", gateway=gateway, why=str(silence))
    return count


def fetch_waiting(*, at: datetime) -> int:
    """Fetch what is reconciled and was not fetched, the oldest first; what was not believed waits for a person."""
    waiting = ProcessorPayout.objects.filter(is_reconciled=True, statement__isnull=True, problem="")
    count = 0
    for pk in list(waiting.order_by("created_at", "pk").values_list("pk", flat=True)[:AT_MOST]):
        try:
            count += fetch_payout(payout_id=pk, actor=FETCHER, at=at) is not None
        except GatewayUnreachable as silence:
            logger.warning("payouts.cannot_ask", payout=str(pk), why=str(silence))
            break
    return count


def fetch_payout(*, payout_id: UUID, actor: Actor, at: datetime) -> Statement | None:
    """Fetch the lines of a payout and queue their import; None where it is not reconciled or not believed.

    1. Ask the processor whether the payout is reconciled: a webhook may be old, or not true.
    2. Read its lines, outside any transaction, and believe them as any file, or say why not.
    3. Keep them as a statement, once however often they come.

    :raises GatewayUnreachable:
    """
    payout = ProcessorPayout.objects.get(pk=payout_id)
    source = _source(payout.account)
    told = source.payout(payout.external_id)
    if told is None or not (told.is_automatic and told.is_reconciled):
        return None
    note_payout(account=payout.account, told=told, at=at)
    content = source.payout_document(payout.external_id)
    choice = choose(content, account=payout.account, name=FORMAT)
    try:
        report = checked_report(content, choice, payout_total="", at=at)
    except Refused as no:
        ProcessorPayout.objects.filter(pk=payout.pk).update(problem=no.reasons[0].detail[:400])
        return None
    known = standing(payout.account, hashlib.sha256(content).hexdigest())
    statement = (
        known
        or keep(
            report.summary,
            account=payout.account,
            filename=f"{payout.external_id}.json",
            content=content,
            actor=actor,
            at=at,
        )[0]
    )
    ProcessorPayout.objects.filter(pk=payout.pk).update(statement=statement, problem="")
    return statement


@transaction.atomic(durable=True)
def ask_to_fetch(*, actor: User, at: datetime) -> Job:
    """Queue a look at the processor's payouts of the last months; one that is under way is enough.

    :raises NotPermitted: without the rights to add statements and to reconcile
    """
    check_may_upload(actor)
    under_way = latest_fetch()
    if under_way is not None and not under_way.is_over:
        return under_way
    return queue_job(kind=KIND, actor=actor, at=at)


def latest_fetch() -> Job | None:
    """Find the newest of these jobs."""
    return Job.objects.filter(kind=KIND).order_by("-id").first()


def stop_fetching(*, actor: User) -> None:
    """Ask the one that is under way to stop; what it fetched stays.

    :raises NotPermitted: without the rights to add statements and to reconcile
    """
    check_may_upload(actor)
    job = latest_fetch()
    if job is not None and not job.is_over:
        cancel_job(job_id=job.pk)


def run_fetch(*, job_id: UUID | str, at: datetime) -> None:
    """Do a queued look: every payout of the last months, then the lines of those that were not fetched."""
    job = start_job(job_id=job_id)
    if job is None:
        return
    with alone_at(job):
        try:
            payouts = [
                note_payout(account=STRIPE, told=told, at=at)
                for told in list(_source(STRIPE).payouts_since(at - BUTTON_LOOKS_BACK))
            ]
            tally, state = _fetch_all(job, payouts, at)
        except GatewayUnreachable as silence:
            logger.warning("payouts.cannot_ask", gateway=STRIPE, why=str(silence))
            end_job(job=job, state=JobState.FAILED, at=at, error="Stripe does not answer. Try again later.")
            return
        end_job(job=job, state=state, at=at, result={"payouts": len(payouts), **tally})


def _fetch_all(job: Job, payouts: Iterable[ProcessorPayout], at: datetime) -> tuple[dict[str, object], JobState]:
    asked_by = job.requested_by or FETCHER
    missing = Q(statement__isnull=True) | Q(statement__undone_at__isnull=False)
    waiting = ProcessorPayout.objects.filter(missing, pk__in=[one.pk for one in payouts], is_reconciled=True)
    todo = list(waiting.order_by("created_at", "pk").values_list("pk", flat=True))
    fetched, state = 0, JobState.SUCCEEDED
    for done, pk in enumerate(todo):
        if not report_progress(job=job, done=done, total=len(todo)):
            state = JobState.CANCELLED
            break
        fetched += fetch_payout(payout_id=pk, actor=asked_by, at=at) is not None
    report_progress(job=job, done=fetched, total=len(todo))
    refused = ProcessorPayout.objects.filter(pk__in=todo).exclude(problem="").count()
    return {"fetched": fetched, "refused": refused}, state


def _columns(told: ProviderPayout, at: datetime) -> dict[str, Any]:
    return {
        "amount_minor": told.amount_minor,
        "currency": told.currency,
        "status": told.status[:20],
        "is_automatic": told.is_automatic,
        "is_reconciled": told.is_automatic and told.is_reconciled,
        "failure": told.failure[:200],
        "arrives_on": told.arrives_on,
        "created_at": told.created_at,
        "told_at": at,
    }


def _source(name: str) -> PayoutGateway:
    gateway = gateway_named(name)
    if not isinstance(gateway, PayoutGateway):
        message = f"{name} does not say what its payouts consist of"
        raise TypeError(message)
    return gateway
