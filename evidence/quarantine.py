"""Files and the virus scanner: what waits is asked about again, what is infected is put away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db import transaction

from config.kernel.people import Machine

from . import ledger
from .models import Attachment
from .scanning import scan
from .vocabulary import ScanState

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import Actor

    from .scanning import Scan

SCANNER = Machine("virus scanner")
MOST_AT_ONCE = 50


def scan_waiting(*, at: datetime) -> int:
    """Ask about the files that wait, oldest first, until the scanner falls silent; answers how many were judged."""
    judged = 0
    for attachment in Attachment.objects.filter(scan_state=ScanState.WAITING).order_by("added_at", "pk")[:MOST_AT_ONCE]:
        with attachment.original.open("rb") as original:
            found = scan(original.read())
        if found.state == ScanState.WAITING:
            break
        _keep(attachment, found, at=at)
        judged += 1
    return judged


def record_quarantine(*, attachment: Attachment, actor: Actor, at: datetime) -> None:
    """Write into the ledger that a file was put away; what it is called stays out of it."""
    ledger.record(
        subject=attachment.subject,
        kind="evidence.quarantined",
        actor=actor,
        at=at,
        sentence=f"put a file away that is not shown: {attachment.infection}.",
        data={
            "attachment": str(attachment.pk),
            "sha256_hmac": ledger.salted_digest(attachment.subject, attachment.sha256),
            "infection": attachment.infection,
        },
    )


def _keep(attachment: Attachment, found: Scan, *, at: datetime) -> None:
    with transaction.atomic():
        ledger.hold_chain(attachment.subject)
        waiting = Attachment.objects.select_for_update().filter(pk=attachment.pk, scan_state=ScanState.WAITING).first()
        if waiting is None:
            return
        waiting.scan_state, waiting.infection, waiting.scanned_at = found.state, found.infection, at
        waiting.save(update_fields=["scan_state", "infection", "scanned_at"])
        if found.state == ScanState.INFECTED:
            record_quarantine(attachment=waiting, actor=SCANNER, at=at)
            transaction.on_commit(partial(_forget_drawn, waiting))


def _forget_drawn(attachment: Attachment) -> None:
    for name in attachment.files()[1:]:
        default_storage.delete(name)
