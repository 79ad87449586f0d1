"""News that failed too often, in the hands of a person: send it again once the cause is mended, or let it go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.outbox import OutboxRow, parked_rows
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

KIND = "outbox_row"
MENDS = "kernel.mend_news"
SHORTEST_REASON, LONGEST_REASON = 10, 400


@transaction.atomic(durable=True)
def send_again(*, row_id: UUID, why: str, actor: User, at: datetime) -> None:
    """Give a parked row back to the workers, with as many tries as at first.

    :raises NotPermitted: without the right to mend news
    :raises OutOfDate: when it is parked no more
    :raises Refused: for a reason too short
    """
    row = _parked(row_id, why, actor)
    OutboxRow.objects.filter(pk=row.pk).update(parked_at=None, due_at=at, attempt_count=0, silent_count=0)
    _record(row, "sent_again", f"had “{row.news}” sent to {row.task} again.", why, actor, at)


@transaction.atomic(durable=True)
def let_go(*, row_id: UUID, why: str, actor: User, at: datetime) -> None:
    """Drop a parked row for good: what it would have set off never happens.

    :raises NotPermitted: without the right to mend news
    :raises OutOfDate: when it is parked no more
    :raises Refused: for a reason too short
    """
    row = _parked(row_id, why, actor)
    _record(row, "let_go", f"let “{row.news}” for {row.task} go unheard.", why, actor, at)
    row.delete()


def _parked(row_id: UUID, why: str, actor: User) -> OutboxRow:
    if not actor.has_perm(MENDS):
        raise NotPermitted("not_permitted", said("This needs the right “{permission}”.", permission=MENDS))
    refuse_card_number(why, field="why")
    if not SHORTEST_REASON <= len(why.strip()) <= LONGEST_REASON:
        raise Refused(
            "invalid",
            said("Say why in {least} to {most} characters.", least=SHORTEST_REASON, most=LONGEST_REASON),
            "why",
        )
    row = parked_rows().select_for_update().filter(pk=row_id).first()
    if row is None:
        raise OutOfDate("out_of_date", said("This waits for nobody any more: it was sent again or let go."))
    return row


def _record(row: OutboxRow, verb: str, sentence: str, why: str, actor: User, at: datetime) -> None:
    subject = Subject(KIND, row.pk)
    ledger.record(
        subject=subject,
        kind=f"{KIND}.{verb}",
        actor=actor,
        at=at,
        sentence=sentence,
        data={
            "news": row.news,
            "task": row.task,
            "ids": row.ids,
            "attempts": row.attempt_count,
            "why": ledger.salted_digest(subject, why),
        },
    )
