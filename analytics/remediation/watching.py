"""What time does to items: codes are counted, items open, effects are tested, and what is overdue goes up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q

from analytics.machines import CLOCK
from analytics.models import RemediationItem
from approvals.links import absolute
from approvals.models import NoticeSetting
from approvals.vocabulary import NoticeWish
from config.kernel.outbox import publish
from evidence.ledger import NewEntry, record_all

from .effect import run_due_tests
from .opening import open_by_rule
from .vocabulary import UNFINISHED
from .working import people_who_oversee, people_who_work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.kernel.people import User

AT_ONCE: Final = 500
MOST_NAMED: Final = 20
PATIENCE: Final = timedelta(days=3)
"""So long after its promise an item that nobody moved goes up to the leads."""


def watch_items(*, at: datetime) -> None:
    """Test first, so that an item that closes may open again by rule the same night."""
    run_due_tests(at=at)
    open_by_rule(at=at)
    tell_overdue(at=at)


@transaction.atomic
def tell_overdue(*, at: datetime) -> int:
    """Note once on each item that its promise is over, and once more that it went up. Answers how many."""
    late = Q(due_at__lte=at, overdue_told_at__isnull=True)
    later = Q(due_at__lte=at - PATIENCE, escalated_at__isnull=True)
    found = RemediationItem.objects.filter(late | later, state__in=UNFINISHED).select_for_update(skip_locked=True)
    rows = list(found.order_by("due_at", "pk")[:AT_ONCE])
    if not rows:
        return 0
    goes_up = [row for row in rows if row.due_at <= at - PATIENCE]
    ids = [row.pk for row in rows]
    RemediationItem.objects.filter(pk__in=ids, overdue_told_at__isnull=True).update(overdue_told_at=at)
    RemediationItem.objects.filter(pk__in=[row.pk for row in goes_up]).update(escalated_at=at)
    record_all([_entry(row, at, is_up=row in goes_up) for row in rows])
    publish("remediation.overdue", told_at=at.isoformat())
    return len(rows)


def mail_overdue(*, told_at: str) -> int:
    """Mail what was found overdue at a moment: to its owner, or to all who work on items; what went up, to the leads.

    One mail a person, with codes and nothing that somebody typed. Answers how many went.
    """
    moment = datetime.fromisoformat(told_at)
    late = RemediationItem.objects.filter(Q(overdue_told_at=moment) | Q(escalated_at=moment), state__in=UNFINISHED)
    rows = list(late.select_related("owner").order_by("due_at", "pk"))
    if not rows or settings.MAIL_IS_KEPT:
        return 0
    quiet = set(NoticeSetting.objects.filter(wish=NoticeWish.NONE).values_list("user", flat=True))
    leads = {lead.pk: lead for lead in people_who_oversee()}
    people = {**leads, **{person.pk: person for person in people_who_work()}}
    sent = 0
    for person in people.values():
        own = [row for row in rows if _is_for(person, row, moment, is_lead=person.pk in leads)]
        if own and person.email and person.pk not in quiet:
            _mail(person, own, moment)
            sent += 1
    return sent


def _is_for(person: User, row: RemediationItem, moment: datetime, *, is_lead: bool) -> bool:
    if row.escalated_at == moment and is_lead:
        return True
    if row.owner is not None and row.owner.is_active:
        return row.owner_id == person.pk
    return not is_lead


def _entry(row: RemediationItem, at: datetime, *, is_up: bool) -> NewEntry:
    return NewEntry(
        subject=row.subject,
        kind="remediation_item.escalated" if is_up else "remediation_item.overdue",
        actor=CLOCK,
        at=at,
        sentence="took it to the leads: its step is overdue." if is_up else "found its step overdue.",
        data={"due_at": row.due_at.isoformat(), "state": str(row.state)},
    )


def _mail(person: User, rows: Sequence[RemediationItem], moment: datetime) -> None:
    lines = [f"{row.code}: {row.get_state_display()}, {absolute(row.get_absolute_url())}" for row in rows[:MOST_NAMED]]
    more = [f"and {len(rows) - MOST_NAMED} more"] if len(rows) > MOST_NAMED else []
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    # Should it go twice, then with one Message-ID, which mail programs show once.
    name = f"remediation-{person.pk}-{moment:%Y%m%dT%H%M%S}"
    EmailMessage(
        subject=f"{len(rows)} remediation items are overdue" if len(rows) > 1 else "A remediation item is overdue",
        body="\n".join(["The next step of these is overdue:", "", *lines, *more, ""]),
        to=[person.email],
        headers={"Message-ID": f"<{name}@{domain}>"},
    ).send()
