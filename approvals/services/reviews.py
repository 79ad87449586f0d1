"""Sign that an access review was looked through; the ledger holds who, when, for which moment and of which rows."""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from approvals.access_review import file_rows, review_at
from approvals.guards import check_right, check_words
from approvals.models import SignedReview
from config.kernel.csv_out import safe_cell
from config.kernel.subjects import Subject
from evidence import ledger

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User

SIGNS_REVIEWS = ("approvals.review_authoritylimit",)
SIGNED = "access_review.signed"
SUBJECT = Subject("access_review", uuid5(NAMESPACE_OID, "access_review"))
SHOWN = 20


@transaction.atomic
def sign_review(*, moment: datetime, note: str, actor: User, at: datetime) -> None:
    """Record that somebody looked through who could approve what at `moment`, with the hash of what she saw.

    :raises NotPermitted: without the right
    :raises Refused: without words
    """
    check_right(actor, SIGNS_REVIEWS[0])
    words = check_words(note, "note")
    review = review_at(moment)
    digest, rows = hashlib.sha256(), 0
    for cells, _ in file_rows(review):
        digest.update(("\x1f".join(safe_cell(cell) for cell in cells) + "\x1e").encode())
        rows += 1
    signed = SignedReview.objects.create(
        moment=moment,
        row_count=rows,
        unexplained_count=review.unexplained_count,
        sha256=digest.hexdigest(),
        note=words,
        signed_by=actor,
        signed_at=at,
    )
    said = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    ledger.record(
        subject=SUBJECT,
        kind=SIGNED,
        actor=actor,
        at=at,
        sentence=f"reviewed who could approve what on {said}: {rows} rows, {review.unexplained_count} limits without "
        "a confirmed change.",
        data={
            "moment": moment.astimezone(UTC).isoformat(),
            "rows": rows,
            "sha256": digest.hexdigest(),
            "unexplained": review.unexplained_count,
            # The words may name people, and what is on the ledger stays for ever.
            "review": str(signed.pk),
            "note_sha256": ledger.salted_digest(Subject(SUBJECT.kind, signed.pk), words),
        },
    )


def signed_reviews() -> QuerySet[SignedReview]:
    """The reviews signed last."""
    return SignedReview.objects.select_related("signed_by").order_by("-signed_at", "-id")[:SHOWN]
