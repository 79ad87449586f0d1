"""File what a call wants, some at a time: each by the command for one, each with an answer of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from approvals.freezing import Frozen, note_stop
from config.kernel.jobs import Job, JobState, alone_at, end_job, report_progress, start_job
from config.kernel.problems import told_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds.models import Batch, FilingKey
from refunds.pleas import take_in

from .taking import forget_unbegun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .taking import Row

logger = structlog.get_logger(__name__)

TOGETHER: Final = 50
"""So many share a transaction: their answers are kept with them or not at all. Fewer than 64 keeps savepoints cheap."""

CREATED: Final = 201
OK: Final = 200


@dataclass(frozen=True, slots=True)
class Keys:
    """The callers' own keys of some rows: those that were filed before, and those that are now."""

    before: Mapping[str, FilingKey]
    new: dict[str, FilingKey] = field(default_factory=dict)


def run_batch(*, job_id: UUID | str) -> None:
    """File the rows of a queued job; after a killed worker it goes on behind the last answer that was kept.

    :raises StillRunning: while another worker is at it
    """
    job = start_job(job_id=job_id)
    if job is None:
        forget_unbegun(job_id=job_id)
        return
    with alone_at(job):
        batch = Batch.objects.select_related("job__requested_by").get(job=job)
        while _file_some(batch):
            pass


@transaction.atomic(durable=True)
def _file_some(batch: Batch) -> bool:
    """File the next rows and keep their answers with them; answers whether there may be more."""
    job = Job.objects.select_for_update().get(pk=batch.job_id)
    rows: list[Row] = batch.rows[job.done : job.done + TOGETHER]
    result = job.result or {"filed": 0, "refused": 0, "items": []}
    if not rows or job.is_cancel_wanted:
        Batch.objects.filter(pk=batch.pk).update(rows=[])
        state = JobState.CANCELLED if rows else JobState.SUCCEEDED
        end_job(job=job, state=state, at=timezone.now(), result=result)
        return False
    actor = cast("User", batch.job.requested_by)
    known = _known_keys(rows, actor)
    for number, row in enumerate(rows, start=job.done + 1):
        answer = _answer_to(row, actor, known)
        result["filed" if "reference" in answer else "refused"] += 1
        result["items"].append({"number": number, "key": row["key"], **answer})
    FilingKey.objects.bulk_create(known.new.values())
    report_progress(job=job, done=job.done + len(rows), result=result)
    return True


def _known_keys(rows: Sequence[Row], actor: User) -> Keys:
    """Find which rows were filed before; until we commit no other call of the same caller files any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"refunds.batches {actor.pk}"])
    keys = [row["key"] for row in rows if row["key"]]
    found = FilingKey.objects.filter(caller=actor, key__in=keys).select_related("refund_request")
    return Keys({one.key: one for one in found})


def _answer_to(row: Row, actor: User, known: Keys) -> dict[str, Any]:
    if row["problem"] is not None or row["body"] is None:
        return dict(row["problem"] or {})
    fingerprint = _fingerprint(row["body"])
    before = known.before.get(row["key"])
    if before is not None:
        if before.fingerprint != fingerprint:
            no = Refused("idempotency_key_reused", "This key was used for another request.", "key")
            return told_of(no) or {}
        return _short(before.refund_request, OK)
    at = timezone.now()
    try:
        with transaction.atomic():
            filed = take_in(body=row["body"], actor=actor, at=at)
    except (Refused, NotPermitted, OutOfDate) as no:
        if isinstance(no, Frozen):
            note_stop(no.switches, no.undertaking, at=at)
        return told_of(no) or {}
    except OperationalError:
        raise  # Nothing of these rows is kept, and the outbox calls again.
    except Exception:
        # The others are not lost with it, and whoever sent it must learn of it.
        logger.exception("batch.row_failed", key=row["key"])
        sentence = "An error stopped this one; nothing of it was kept."
        return {"status": 500, "code": "internal_error", "detail": sentence, "errors": []}
    if row["key"]:
        known.new[row["key"]] = FilingKey(caller=actor, key=row["key"], fingerprint=fingerprint, refund_request=filed)
    return _short(filed, CREATED)


def _short(filed: RefundRequest, status: int) -> dict[str, Any]:
    return {
        "status": status,
        "reference": filed.reference,
        "state": str(filed.state),
        "amount_minor": filed.asked_minor,
        "currency": filed.currency,
        "evidence_missing": list(filed.evidence_missing),
    }


def _fingerprint(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
