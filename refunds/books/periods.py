"""Close a month: two people sign what they saw, and the database locks it. Open it again: two people, with a reason."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import rfc8785
from django.conf import settings
from django.db import connection, transaction

from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import Period
from refunds.models.period_lock import CLOSING

from .closing import checklist
from .reporting import report_of
from .vocabulary import PeriodState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

SEES: Final = "refunds.view_period"
SIGNS: Final = "refunds.sign_period"
REOPENS: Final = "refunds.reopen_period"
LONGEST_NOTE: Final = 1000

_OPEN = """
    INSERT INTO refunds_period (id, account, first_on, last_on, from_at, until_at, state, first_note, second_note,
        report, report_sha256, reopen_why)
    SELECT gen_random_uuid(), month.account, month.first_on, (month.first_on + interval '1 month - 1 day')::date,
        month.first_on::timestamp AT TIME ZONE %(zone)s,
        (month.first_on + interval '1 month')::timestamp AT TIME ZONE %(zone)s, 'open', '', '', '{}', '', ''
    FROM (
        SELECT DISTINCT entry.account, date_trunc('month', entry.booked_on)::date AS first_on
        FROM refunds_journalentry AS entry WHERE entry.booked_on >= %(since)s
        UNION
        SELECT statement.account, day::date
        FROM refunds_statement AS statement, generate_series(
            date_trunc('month', statement.from_at AT TIME ZONE %(zone)s),
            statement.to_at AT TIME ZONE %(zone)s, interval '1 month'
        ) AS day
        WHERE statement.uploaded_at >= %(since)s
    ) AS month
    ON CONFLICT (account, first_on) DO NOTHING
"""


@transaction.atomic(durable=True)
def open_periods(*, since: datetime) -> int:
    """Open a period for every month in which an account has entries or a statement. Answers how many are new."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"since": since, "zone": settings.ORGANISATION_TIME_ZONE})
        return int(cursor.rowcount)


@transaction.atomic(durable=True)
def sign_period(*, period_id: UUID, note: str, actor: User, at: datetime, acknowledged: Collection[str] = ()) -> Period:
    """Sign a month: the first signature says that it is right, the second, of somebody else, locks it.

    Both are asked of the checklist as it is at that moment. `acknowledged` names what is open and may be; then the note
    says why.

    :raises NotPermitted: without the right, or to whoever signed first
    :raises OutOfDate: when it is locked already
    :raises Refused: while the month goes on, and `open_items` with one reason for each that nobody acknowledged
    """
    check_right(actor, SIGNS)
    _check_person(actor)
    period = _hold(period_id)
    if period.is_locked:
        raise OutOfDate("locked", said("{period} is locked already.", period=period))
    if period.first_by_id == actor.pk:
        raise NotPermitted("four_eyes", said("You signed it first; the second signature is somebody else's."))
    if at < period.until_at:
        raise Refused("period_runs", said("{period} is not over yet.", period=period))
    items = [item for item in checklist(period) if item.is_open]
    note = note.strip()[:LONGEST_NOTE]
    faults = [
        Reason("open_items", item.sentence, "acknowledged")
        for item in items
        if item.must_be_done or item.key not in acknowledged
    ]
    if items and not faults and not note:
        faults.append(Reason("note_missing", said("Say why the month is closed with this open."), "note"))
    if faults:
        raise Refused.of(faults)
    data = {"open": {item.key: item.count for item in items}}
    if period.state == PeriodState.OPEN:
        period.state, period.first_by, period.first_at, period.first_note = PeriodState.SIGNED, actor, at, note
        _record(period, "period.signed", f"signed {period} as the first.", data, actor, at)
    else:
        period.state, period.second_by, period.second_at, period.second_note = PeriodState.LOCKED, actor, at, note
        period.report = report_of(period, at=at)
        period.report_sha256 = hashlib.sha256(rfc8785.dumps(period.report)).hexdigest()
        data["report_sha256"] = period.report_sha256  # type: ignore[assignment]  # of mixed values
        _record(period, "period.locked", f"signed {period} as the second; it is locked.", data, actor, at)
    period.save()
    return period


@transaction.atomic(durable=True)
def withdraw_signature(*, period_id: UUID, actor: User, at: datetime) -> Period:
    """Take the first signature back while there is no second.

    :raises NotPermitted: to anybody but who gave it
    :raises OutOfDate: when there is none, or a second one
    """
    check_right(actor, SIGNS)
    period = _hold(period_id)
    if period.state != PeriodState.SIGNED:
        raise OutOfDate("not_signed", said("{period} does not wait for a second signature.", period=period))
    if period.first_by_id != actor.pk:
        raise NotPermitted("not_yours", said("Only who signed takes the signature back."))
    period.state, period.first_by, period.first_at, period.first_note = PeriodState.OPEN, None, None, ""
    period.save()
    _record(period, "period.unsigned", f"took back the first signature of {period}.", {}, actor, at)
    return period


@transaction.atomic(durable=True)
def ask_to_reopen(*, period_id: UUID, why: str, actor: User, at: datetime) -> Period:
    """Ask to open a locked month again; somebody else agrees to it.

    :raises OutOfDate: when it is not locked, or somebody asked already
    :raises Refused: without a reason
    """
    check_right(actor, REOPENS)
    _check_person(actor)
    period = _hold(period_id)
    if not period.is_locked or period.waits_for_reopening:
        raise OutOfDate("not_locked", said("{period} is not locked, or somebody asked already.", period=period))
    if not why.strip():
        raise Refused("reason_missing", said("Say why the month must be opened again."), "why")
    period.reopen_asked_by, period.reopen_asked_at, period.reopen_why = actor, at, why.strip()[:LONGEST_NOTE]
    period.reopened_by = period.reopened_at = None
    period.save()
    _record(period, "period.reopening_asked", f"asked to open {period} again.", {}, actor, at)
    return period


@transaction.atomic(durable=True)
def reopen_period(*, period_id: UUID, actor: User, at: datetime) -> Period:
    """Agree to open a locked month again; its signatures are gone, and it is signed anew by two.

    :raises NotPermitted: to whoever asked for it
    :raises OutOfDate: when nobody asked
    """
    check_right(actor, REOPENS)
    _check_person(actor)
    period = _hold(period_id)
    if not period.waits_for_reopening:
        raise OutOfDate("nobody_asked", said("Nobody asked to open {period} again.", period=period))
    if period.reopen_asked_by_id == actor.pk:
        raise NotPermitted("four_eyes", said("You asked for it; somebody else agrees."))
    data = {"report_sha256": period.report_sha256}
    period.state, period.reopened_by, period.reopened_at = PeriodState.OPEN, actor, at
    period.first_by = period.second_by = period.first_at = period.second_at = None
    period.first_note = period.second_note = period.report_sha256 = ""
    period.report = {}
    period.save()
    _record(period, "period.reopened", f"agreed to open {period} again.", data, actor, at)
    return period


def _hold(period_id: UUID) -> Period:
    """Lock the row, after everybody who writes into the books has come to an end."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({CLOSING})")
    found = Period.objects.select_for_update().filter(pk=period_id).first()
    if found is None:
        raise Refused("unknown_period", said("There is no such period."))
    return found


def _check_person(actor: User) -> None:
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("A month is closed by people."))


def _record(period: Period, kind: str, sentence: str, data: Mapping[str, object], actor: User, at: datetime) -> None:
    ledger.record(subject=period.subject, kind=kind, actor=actor, at=at, sentence=sentence, data=data)
