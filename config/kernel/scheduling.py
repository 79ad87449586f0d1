"""Which of several schedulers rules, and when each regular work was last sent: the rest stand by and take over.

The database's clock decides, because machines disagree about the time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

LEASE: Final = timedelta(seconds=15)
"""A scheduler that was killed, hangs or lost its network rules this long at most."""

_ONLY: Final = 1


class SchedulerLease(models.Model):
    """The one row that says who rules and until when."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=_ONLY)
    holder = models.UUIDField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="scheduler_lease_is_one", condition=Q(id=_ONLY))]

    def __str__(self) -> str:
        return f"{self.holder} until {self.until:%H:%M:%S}"


class LastRun(models.Model):
    """When a regular work was last sent, whoever ruled then."""

    name = models.CharField(primary_key=True, max_length=100)
    ran_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.ran_at:%H:%M:%S}"


def hold_lease(*, holder: UUID) -> bool:
    """Rule, or go on ruling, for a while; False while somebody else does."""
    until = Now() + LEASE
    free = SchedulerLease.objects.filter(Q(holder=holder) | Q(until__lte=Now()), pk=_ONLY)
    if free.update(holder=holder, until=until):
        return True
    SchedulerLease.objects.bulk_create([SchedulerLease(holder=holder, until=until)], ignore_conflicts=True)
    return SchedulerLease.objects.filter(holder=holder, until__gt=Now()).exists()


def give_lease_up(*, holder: UUID) -> None:
    """Let the next one rule at once."""
    SchedulerLease.objects.filter(holder=holder).delete()


@transaction.atomic
def claim_run(*, holder: UUID, name: str) -> bool:
    """Write down that a work is sent now, before it is sent; False for whoever rules no more, who must not send it.

    The lease is locked meanwhile, so nobody takes over between the look and the note.
    """
    if not SchedulerLease.objects.select_for_update().filter(holder=holder, until__gt=Now()).exists():
        return False
    LastRun.objects.update_or_create(name=name, defaults={"ran_at": Now()})
    return True


def last_runs() -> dict[str, datetime]:
    """Answer when each work was last sent."""
    return dict(LastRun.objects.values_list("name", "ran_at"))
