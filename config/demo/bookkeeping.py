"""Finance at work: the sandbox's payout report, downloaded, uploaded and matched by the portal's own import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from refunds.reconciliation.importing import run_import, upload_statement

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .sandbox import SandboxDesk

ACCOUNT = "stripe"


def reconcile(desk: SandboxDesk, *, currency: str, since: datetime, actor: User, at: datetime) -> None:
    """Upload what the sandbox moved in one currency since then, and match it.

    :raises GatewayUnreachable: when the sandbox does not answer
    :raises Refused: for a report the portal does not believe
    """
    report = desk.gateway.payout_report(currency, from_at=since)
    if report.count(b"\n") <= 1:
        return
    name = f"payout_reconciliation_{currency.lower()}_{at:%Y%m%d}.csv"
    # The story is told of days gone by; the sandbox booked its lines today.
    told_at = max(at, timezone.now())
    _, job = upload_statement(account=ACCOUNT, file=SimpleUploadedFile(name, report), actor=actor, at=told_at)
    if job is not None:
        run_import(job_id=job.pk, at=at)
