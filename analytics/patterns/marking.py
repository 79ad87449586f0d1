"""Saying what became of a signal: it was explained, passed on, or is being fixed. A signal is never a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from analytics.models import PatternMark, RemediationItem
from analytics.remediation.opening import open_item
from analytics.remediation.saying import words_in
from analytics.remediation.vocabulary import STANDING
from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.wording import said
from evidence import ledger

from .kept import codes_in, one_signal
from .vocabulary import Answer

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from analytics.models import PatternSignal
    from config.kernel.people import User

LOOKS: Final = "analytics.look_into_signal"


@transaction.atomic
def look_into(*, standing_id: UUID, answer: str, note: str, code: str, actor: User, at: datetime) -> PatternMark:
    """Say what was found about a signal, with a note; it may open a remediation item for a code of its requests.

    `code` is `kind:code`, as `codes_in` lists them; where an item for it stands already, that one is named.

    :raises NotPermitted: without the right, to a machine, or `own_signal` to whoever it is about
    :raises Refused: `unknown_signal`, no answer, no note, no code where an item is wanted, or as `open_item`
    """
    check_right(actor, LOOKS)
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("Signals are looked into by people."))
    signal = one_signal(actor, standing_id)
    if signal is None:
        raise Refused("unknown_signal", said("This signal does not stand any more."))
    if actor.pk in signal.people:
        raise NotPermitted("own_signal", said("This signal is about you. Somebody else looks into it."))
    if answer not in Answer.values:
        raise Refused("refused", said("Choose what you found."), "answer")
    written = words_in(note, field="note", missing=said("Say what you found, in a sentence."))
    item = _item_for(signal, code, written, actor, at) if answer == Answer.ITEM else None
    mark = PatternMark.objects.create(
        standing_id=standing_id,
        pattern=signal.pattern,
        key=signal.key,
        people=signal.people,
        request_count=signal.request_count,
        answer=answer,
        note=written,
        item=item,
        made_by=actor,
        made_at=at,
    )
    ledger.record(
        subject=signal.subject,
        kind="pattern_signal.looked_into",
        actor=actor,
        at=at,
        sentence=f"looked into a signal of “{signal.kind.name}”: {Answer(answer).label.lower()}.",
        data={
            "pattern": signal.pattern,
            "key": signal.key,
            "answer": answer,
            "request_count": signal.request_count,
            "first_seen_at": signal.first_seen_at.isoformat(),
            "note_sha256": ledger.salted_digest(signal.subject, written),
            "remediation_item": str(item.pk) if item else "",
        },
    )
    return mark


def _item_for(signal: PatternSignal, code: str, why: str, actor: User, at: datetime) -> RemediationItem:
    if code not in dict(codes_in(signal)):
        raise Refused("refused", said("Choose the code that is to be fixed."), "code")
    kind, _, word = code.partition(":")
    standing = RemediationItem.objects.filter(code_kind=kind, code=word, state__in=STANDING).first()
    return standing or open_item(kind=kind, code=word, why=why, actor=actor, at=at)
