"""Let every finder look, for a page and for the record.

A page is computed when it is read, so that it is never older than the facts. What was known when the request came
before a person is written into its record once, and again only when the facts are others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from config.kernel.outbox import publish
from config.kernel.people import Machine
from evidence import ledger
from refunds.models import RefundRequest
from refunds.vocabulary import State

from .base import PreparedFinding, Tone
from .case import case_of
from .finders import FINDERS
from .words import counted

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

    from .case import Case

VERSION = 1
"""Goes up when a finder says something else of the same facts."""

KIND = "refund_request.prepared"
WAITS = frozenset({State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL, State.NEEDS_INFO, State.ON_HOLD})
"""States in which a person has still to decide."""

PREPARER = Machine("preparation")
"""Looks up and writes down. It speaks no verb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What was found; `is_recorded` where it is what the record holds and not of this moment."""

    version: int
    at: datetime
    is_recorded: bool
    inputs_sha256: str
    findings: tuple[PreparedFinding, ...]

    @property
    def to_look_at(self) -> list[PreparedFinding]:
        """What deserves a look before anybody decides."""
        return [finding for finding in self.findings if finding.tone is Tone.LOOK]

    @property
    def looks_about(self) -> str:
        """Name in a few words what deserves a look."""
        return ", ".join(dict.fromkeys(finding.finder.replace("_", " ") for finding in self.to_look_at))

    @property
    def others(self) -> list[PreparedFinding]:
        """The rest."""
        return [finding for finding in self.findings if finding.tone is not Tone.LOOK]


def preparation_for(viewer: User, refund_request: RefundRequest, *, at: datetime) -> Preparation | None:
    """Prepare a request that waits for a person, now; of one that is decided tell what the record holds, or None."""
    if refund_request.state in WAITS:
        return _prepare(case_of(refund_request, viewer=viewer, at=at), at)
    return recorded(refund_request)


def recorded(refund_request: RefundRequest) -> Preparation | None:
    """Read what was last written down."""
    entry = ledger.timeline_of(refund_request.subject).filter(kind=KIND).last()
    if entry is None:
        return None
    kept = json.loads(entry.payload)["data"]
    return Preparation(
        version=kept["version"],
        at=entry.at,
        is_recorded=True,
        inputs_sha256=kept["inputs_sha256"],
        findings=tuple(PreparedFinding.from_json(finding) for finding in kept["findings"]),
    )


@transaction.atomic(durable=True)
def record_preparation(*, request_id: UUID, at: datetime) -> bool:
    """Write down what is known of a request that waits for a person. Answers whether there was anything new."""
    found = RefundRequest.objects.select_for_update(of=("self",), no_key=True).filter(pk=request_id, state__in=WAITS)
    facts = found.select_related("order", "customer", "reason", "decision__version__policy")
    refund_request = facts.prefetch_related("lines__order_line").first()
    if refund_request is None:
        return False
    prepared = _prepare(case_of(refund_request, viewer=None, at=at), at)
    before = recorded(refund_request)
    if before is not None and (before.version, before.inputs_sha256) == (VERSION, prepared.inputs_sha256):
        return False
    looks = len(prepared.to_look_at)
    ledger.record(
        subject=refund_request.subject,
        kind=KIND,
        actor=PREPARER,
        at=at,
        sentence=f"looked up {counted(len(prepared.findings), 'thing')}; {looks or 'none'} to look at.",
        data={
            "version": VERSION,
            "inputs_sha256": prepared.inputs_sha256,
            "findings": [finding.to_json() for finding in prepared.findings],
        },
    )
    if settings.MODEL_URL:
        publish("proposals.wanted", request_id=refund_request.pk)
    return True


def _prepare(case: Case, at: datetime) -> Preparation:
    return Preparation(
        version=VERSION,
        at=at,
        is_recorded=False,
        inputs_sha256=case.inputs_sha256,
        findings=tuple(finding for finder in FINDERS for finding in finder.look(case)),
    )
