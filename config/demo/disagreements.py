"""What the processor's record and ours disagree on in the demo: one break waits for Luis, one Lena resolved alone."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.core.files.uploadedfile import SimpleUploadedFile

from refunds.breaks.owning import assign_break, comment_on_break
from refunds.breaks.resolving import resolve_break
from refunds.breaks.vocabulary import BreakKind, BreakState, Resolution
from refunds.models import Break, Match
from refunds.reconciliation.importing import run_import, upload_statement

from .bookkeeping import ACCOUNT
from .people import person

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

CURRENCY: Final = "GBP"
A_MONTH: Final = timedelta(days=30)
COLUMNS: Final = (
    "automatic_payout_id", "balance_transaction_id", "created_utc", "currency", "gross", "fee", "net",
    "reporting_category", "source_id", "description", "payment_intent_id", "refund_metadata[operation_id]",
)  # fmt: skip


def disagree(*, now: datetime) -> None:
    """Let a report show refunds that nobody here made and one that is shown twice, and let finance begin with them."""
    lena, booked_at = person("lena"), now - timedelta(days=2)
    file = SimpleUploadedFile(f"payout_adjustments_{booked_at:%Y%m%d}.csv", _report(booked_at))
    _, job = upload_statement(account=ACCOUNT, file=file, actor=lena, at=now - timedelta(hours=30))
    if job is None:
        return
    run_import(job_id=job.pk, at=now - timedelta(hours=30))
    found = {one.reference: one for one in Break.objects.filter(account=ACCOUNT, reference__startswith="txn_demo_")}
    _settle_old_failures(lena, now=now)
    by_hand, small, owned = (found.get(f"txn_demo_{name}") for name in ("by_hand", "small", "owned"))
    if by_hand is not None:
        resolve_break(
            break_id=by_hand.pk,
            resolution=Resolution.ACCEPT,
            note="Support made it in the processor's dashboard on the telephone; the customer confirms it.",
            actor=lena,
            at=now - timedelta(hours=5),
        )
    if small is not None:
        resolve_break(
            break_id=small.pk,
            resolution=Resolution.WRITE_OFF,
            note="Not worth another hour: nobody at the processor knows more.",
            actor=lena,
            at=now - timedelta(hours=4),
        )
    if owned is not None:
        assign_break(break_id=owned.pk, owner=lena, actor=lena, at=now - timedelta(hours=3))
        comment_on_break(
            break_id=owned.pk,
            text="Asked the processor which payment this is.",
            actor=lena,
            at=now - timedelta(hours=3),
        )


def _settle_old_failures(lena: User, *, now: datetime) -> None:
    """Let finance have accepted what came back more than a month ago; what is younger is overdue."""
    old = Break.objects.filter(kind=BreakKind.LATE_FAILURE, state=BreakState.OPEN, opened_at__lt=now - A_MONTH)
    for one in old.order_by("pk"):
        resolve_break(
            break_id=one.pk,
            resolution=Resolution.ACCEPT,
            note="The refund and its return are both on the payout report.",
            actor=lena,
            at=one.due_at,
        )


def _report(booked_at: datetime) -> bytes:
    rows = [
        _row(booked_at, "by_hand", "-180.00"),
        _row(booked_at, "small", "-4.90"),
        _row(booked_at, "owned", "-63.40"),
    ]
    shown = Match.objects.filter(line__account=ACCOUNT, operation__currency=CURRENCY).select_related("operation")
    twice = shown.order_by("pk").first()
    if twice is not None:
        major = f"-{twice.operation.amount.major:f}"
        rows.append(_row(booked_at, "twice", major, operation=str(twice.operation_id)))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _row(booked_at: datetime, name: str, gross: str, *, operation: str = "") -> dict[str, str]:
    return dict(
        zip(
            COLUMNS,
            (
                "po_demo_adjustments", f"txn_demo_{name}", f"{booked_at:%Y-%m-%d %H:%M:%S}", CURRENCY.lower(), gross,
                "0.00", gross, "refund", f"re_demo_{name}", "Refund", f"pi_demo_{name}", operation,
            ),
            strict=True,
        )
    )  # fmt: skip
