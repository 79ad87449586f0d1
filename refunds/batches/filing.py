"""File what a call wants: each by the command for one, in a transaction and with an answer of its own."""

from __future__ import annotations

import hashlib
import json
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
    from collections.abc import Mapping
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .taking import Row

logger = structlog.get_logger(__name__)

CREATED: Final = 201
OK: Final = 200


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
        while _file_next(batch):
            pass


@transaction.atomic(durable=True)
def _file_next(batch: Batch) -> bool:
    """File the next row and keep its answer with it; answers whether there may be more.

    Never two at once: a second one would lock its payment behind the request of the first, and a freeze would wait for
    both.
    """
    job = Job.objects.select_for_update().get(pk=batch.job_id)
    rows: list[Row] = batch.rows[job.done : job.done + 1]
    result = job.result or {"filed": 0, "refused": 0, "items": []}
    if not rows or job.is_cancel_wanted:
        Batch.objects.filter(pk=batch.pk).update(rows=[])
        state = JobState.CANCELLED if rows else JobState.SUCCEEDED
        end_job(job=job, state=state, at=timezone.now(), result=result)
        return False
    (row,) = rows
    answer = _answer_to(row, cast("User", batch.job.requested_by))
    result["filed" if "reference" in answer else "refused"] += 1
    result["items"].append({"number": job.done + 1, "key": row["key"], **answer})
    report_progress(job=job, done=job.done + 1, result=result)
    return True


def _filed_before(row: Row, actor: User) -> FilingKey | None:
    """Find what was filed under this key; until we commit no other call of the same caller files under it."""
    if not row["key"]:
        return None
    with connection.cursor() as cursor:
        words = f"refunds.batches {actor.pk} {row['key']}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [words])
    return FilingKey.objects.filter(caller=actor, key=row["key"]).select_related("refund_request").first()


def _answer_to(row: Row, actor: User) -> dict[str, Any]:
    if row["problem"] is not None or row["body"] is None:
        return dict(row["problem"] or {})
    fingerprint = _fingerprint(row["body"])
    before = _filed_before(row, actor)
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
        raise  # Nothing of this row is kept, and the outbox calls again.
    except Exception:
        # The others are not lost with it, and whoever sent it must learn of it.
        logger.exception("batch.row_failed", key=row["key"])
        sentence = "An error stopped this one; nothing of it was kept."
        return {"status": 500, "code": "internal_error", "detail": sentence, "errors": []}
    if row["key"]:
        FilingKey.objects.create(caller=actor, key=row["key"], fingerprint=fingerprint, refund_request=filed)
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
