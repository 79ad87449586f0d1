"""How a break ends by people: one says what it was, and above a limit another one agrees. It can be opened again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from config.kernel.money import Money
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.books.vocabulary import PeriodState
from refunds.machines import CLOCK
from refunds.models import Break, Period
from refunds.vocabulary import LineResult

from .holding import check_is_stranger, check_state, hold, words_in
from .opening import emptied
from .promises import limit_of, promises
from .vocabulary import BY_PEOPLE, BreakState, Resolution, booked_against

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from config.kernel.people import Actor, User

TIMING_WAITS: Final = timedelta(days=10)
"""What somebody called timing and is still open so long after was not: it is opened again."""


@transaction.atomic
def resolve_break(*, break_id: UUID, resolution: str, note: str, actor: User, at: datetime) -> Break:
    """Say what a break was. Up to the limit of its currency it is resolved; above, it waits for a second person.

    What moves money is booked into the month of the line or the refund or, where that is closed, into the first open
    one after it.

    :raises NotPermitted: without the right, or `self_approval` to whoever asked for the refund or decided on it
    :raises OutOfDate: when it was resolved, or somebody proposed an end already
    :raises Refused: `unknown_resolution`, `note_missing`, or for a card number in the note
    """
    found = hold(break_id, actor=actor)
    check_is_stranger(actor, found)
    check_state(found, BreakState.OPEN)
    if resolution not in BY_PEOPLE:
        raise Refused(
            "unknown_resolution",
            said("“{resolution}” is not how a break ends.", resolution=resolution[:20]),
            "resolution",
        )
    why = words_in(note, field="note", missing=said("Say what it was; an auditor reads only this."))
    limit_minor = limit_of(found.currency)
    found.resolution, found.note = resolution, why
    found.books_against = booked_against(found.kind, resolution)
    found.books_on = first_open_day(found)
    found.proposed_by, found.proposed_at, found.limit_minor = actor, at, limit_minor
    if abs(found.amount_minor) > limit_minor:
        found.state = BreakState.PROPOSED
        found.save()
        above = Money(limit_minor, found.currency)
        _record(found, "break.proposed", f"proposed {_end(found)}; above {above} a second person agrees.", actor, at)
        return found
    found.state, found.resolved_at = BreakState.RESOLVED, at
    found.save()
    _record(found, "break.resolved", f"resolved the break: {_end(found)}.", actor, at)
    return found


@transaction.atomic
def confirm_resolution(*, break_id: UUID, actor: User, at: datetime) -> Break:
    """Agree, as the second person, with what somebody else proposed.

    :raises NotPermitted: `four_eyes` to whoever proposed it, `self_approval` to whoever had a part in the refund
    :raises OutOfDate: when nothing is proposed
    """
    found = hold(break_id, actor=actor)
    check_state(found, BreakState.PROPOSED)
    if found.proposed_by_id == actor.pk:
        raise NotPermitted("four_eyes", said("You proposed it; somebody else agrees."))
    check_is_stranger(actor, found)
    found.state, found.confirmed_by, found.resolved_at = BreakState.RESOLVED, actor, at
    found.books_on = first_open_day(found)
    found.save()
    _record(found, "break.resolved", f"agreed to {_end(found)}; the break is resolved.", actor, at)
    return found


@transaction.atomic
def decline_resolution(*, break_id: UUID, why: str, actor: User, at: datetime) -> Break:
    """Send a proposal back: the second person does not agree, or whoever made it takes it back.

    :raises OutOfDate: when nothing is proposed
    :raises Refused: without a reason
    """
    found = hold(break_id, actor=actor)
    check_state(found, BreakState.PROPOSED)
    words = words_in(why, field="why", missing=said("Say why not."))
    word = "took back" if found.proposed_by_id == actor.pk else "did not agree to"
    sentence = f"{word} {_end(found)}."
    emptied(found).state = BreakState.OPEN
    found.save()
    _record(found, "break.declined", sentence, actor, at, said=words)
    found.comments.create(author=actor, written_at=at, text=words)
    return found


@transaction.atomic
def reopen_break(*, break_id: UUID, why: str, actor: User, at: datetime) -> Break:
    """Open a break again that people resolved; what was booked of it is reversed, and a new promise begins.

    :raises OutOfDate: when it stands
    :raises Refused: without a reason, or `ended_by_itself` where the machine ended it: there is nothing to explain
    """
    found = hold(break_id, actor=actor)
    check_state(found, BreakState.RESOLVED)
    if found.is_by_machine:
        raise Refused("ended_by_itself", said("Both sides agree, or the line is gone: nothing is left to explain."))
    words = words_in(why, field="why", missing=said("Say why it is open again."))
    _open_again(found, at)
    _record(found, "break.reopened", "opened the break again.", actor, at, said=words)
    found.comments.create(author=actor, written_at=at, text=words)
    return found


@transaction.atomic
def reopen_stale_timing(*, at: datetime) -> int:
    """Open again what people called timing and what time did not settle. Answers how many."""
    stale = Break.objects.filter(
        state=BreakState.RESOLVED, resolution=Resolution.TIMING, resolved_at__lte=at - TIMING_WAITS
    ).exclude(line__result=LineResult.MATCHED)
    count = 0
    for found in stale.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        _open_again(found, at)
        sentence = f"opened the break again: {TIMING_WAITS.days} days did not settle it."
        _record(found, "break.reopened", sentence, CLOCK, at)
        count += 1
    return count


def first_open_day(found: Break) -> date:
    """Name the day of the books for a break: its own, or the first of the first month after it that is not closed."""
    day = found.happened_at.astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)).date()
    closed = Period.objects.filter(account=found.account, state=PeriodState.LOCKED, last_on__gte=day)
    for first_on, last_on in closed.order_by("first_on").values_list("first_on", "last_on"):
        if not first_on <= day <= last_on:
            break
        day = last_on + timedelta(days=1)
    return day


def needs_second(found: Break) -> bool:
    """Tell whether resolving this one takes two people."""
    return abs(found.amount_minor) > limit_of(found.currency)


def _open_again(found: Break, at: datetime) -> None:
    found.state, found.round = BreakState.OPEN, found.round + 1
    found.opened_at, found.due_at, found.overdue_told_at = at, at + promises()[found.kind], None
    emptied(found).save()


def _end(found: Break) -> str:
    return f"“{found.get_resolution_display()}” for {found.amount}"


def _record(found: Break, kind: str, sentence: str, actor: Actor, at: datetime, *, said: str = "") -> None:
    """Write it on the record; what people typed is in it as a hash alone."""
    words = said or found.note
    data: dict[str, Any] = {
        "kind": str(found.kind),
        "resolution": str(found.resolution),
        "booked_against": str(found.books_against),
        "amount_minor": found.amount_minor,
        "currency": found.currency,
        "limit_minor": found.limit_minor,
    }
    if words:
        data["note_sha256"] = ledger.salted_digest(found.subject, words)
    ledger.record(subject=found.subject, kind=kind, actor=actor, at=at, sentence=sentence, data=data)
