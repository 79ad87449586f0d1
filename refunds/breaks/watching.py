"""What time does to breaks: it finds them without an import, takes timing back, and tells finance what is overdue."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from approvals.links import absolute
from approvals.models import NoticeSetting
from approvals.vocabulary import NoticeWish
from config.kernel.outbox import publish
from config.kernel.people import User, team_ids_of
from evidence.ledger import NewEntry, record_all
from refunds.machines import CLOCK
from refunds.models import Break, Statement
from refunds.reconciliation.matching import find_breaks

from .owning import people_who_resolve
from .resolving import reopen_stale_timing
from .vocabulary import STANDING

if TYPE_CHECKING:
    from collections.abc import Iterable

AT_ONCE: Final = 500
MOST_NAMED: Final = 20


def watch_breaks(*, at: datetime) -> None:
    """Look at every account that has statements, then at the promises."""
    for account in Statement.objects.order_by("account").values_list("account", flat=True).distinct():
        find_breaks(account=account, at=at)
    reopen_stale_timing(at=at)
    tell_overdue(at=at)


@transaction.atomic
def tell_overdue(*, at: datetime) -> int:
    """Note once on each break that its promise is over, and let whoever looks after it hear. Answers how many."""
    late = Break.objects.filter(state__in=STANDING, due_at__lte=at, overdue_told_at__isnull=True)
    rows = list(late.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk")[:AT_ONCE])
    if not rows:
        return 0
    Break.objects.filter(pk__in=[row.pk for row in rows]).update(overdue_told_at=at)
    record_all(
        [
            NewEntry(
                subject=row.subject,
                kind="break.overdue",
                actor=CLOCK,
                at=at,
                sentence=f"found it overdue: {row.amount} is unexplained.",
                data={"due_at": row.due_at.isoformat()},
            )
            for row in rows
        ]
    )
    publish("breaks.overdue", told_at=at.isoformat())
    return len(rows)


def mail_overdue(*, told_at: str) -> int:
    """Mail what was found overdue at a moment: to its owner or, where nobody looks after it, to all of finance.

    One mail a person, with the references and nothing that somebody typed. Answers how many went.
    """
    late = Break.objects.filter(overdue_told_at=datetime.fromisoformat(told_at), state__in=STANDING)
    rows = list(late.select_related("owner").order_by("due_at", "pk"))
    if not rows or settings.MAIL_IS_KEPT:
        return 0
    people = people_who_resolve()
    quiet = set(NoticeSetting.objects.filter(wish=NoticeWish.NONE).values_list("user", flat=True))
    return sum(
        _mail(person, own, told_at)
        for person in people
        if person.email and person.pk not in quiet and (own := [row for row in rows if _is_for(person, row)])
    )


def _is_for(person: User, row: Break) -> bool:
    if row.owner is not None and row.owner.is_active:
        return row.owner_id == person.pk
    return row.team_id is None or row.team_id in team_ids_of(person)


def _mail(person: User, rows: Iterable[Break], told_at: str) -> int:
    rows = list(rows)
    lines = [f"{row.reference}: {row.amount}, {absolute(row.get_absolute_url())}" for row in rows[:MOST_NAMED]]
    more = [f"and {len(rows) - MOST_NAMED} more"] if len(rows) > MOST_NAMED else []
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    # Should it go twice, then with one Message-ID, which mail programs show once.
    name = f"breaks-{person.pk}-{datetime.fromisoformat(told_at):%Y%m%dT%H%M%S}"
    EmailMessage(
        subject=f"{len(rows)} breaks are overdue" if len(rows) > 1 else "A break is overdue",
        body="\n".join(["Nobody said yet what these are:", "", *lines, *more, ""]),
        to=[person.email],
        headers={"Message-ID": f"<{name}@{domain}>"},
    ).send()
    return 1
