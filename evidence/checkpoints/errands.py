"""What is done with a checkpoint elsewhere: a copy in a second place, a stamp of its time by somebody else.

Each errand is tried until it succeeds, later and later; the page of the ledger shows what does not. The network and the
second place are never touched inside a transaction.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction

from evidence.models import CheckpointErrand

from .copying import leave_copy
from .refusing import UnableToDo
from .stamping import fetch_stamp

if TYPE_CHECKING:
    from datetime import datetime

LEASE: Final = timedelta(minutes=2)
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
MOST_AT_ONCE: Final = 500


def do_errands(*, at: datetime) -> int:
    """Do what is due, oldest first, each once among all workers; answers how many succeeded."""
    done_count = 0
    for _ in range(MOST_AT_ONCE):
        errand = _claim(at)
        if errand is None:
            break
        done_count += _do(errand, at)
    return done_count


@transaction.atomic(durable=True)
def _claim(at: datetime) -> CheckpointErrand | None:
    """Take the oldest errand that is due; whoever dies over it loses it after a while."""
    due = CheckpointErrand.objects.select_for_update(skip_locked=True, of=("self",)).select_related("checkpoint__key")
    errand = due.filter(done_at__isnull=True, next_at__lte=at).order_by("checkpoint_id", "kind").first()
    if errand is not None:
        errand.try_count += 1
        errand.next_at = at + LEASE
        errand.save(update_fields=["try_count", "next_at"])
    return errand


def _do(errand: CheckpointErrand, at: datetime) -> bool:
    try:
        if errand.kind == CheckpointErrand.Kind.COPY:
            errand.place = leave_copy(errand.checkpoint)
        else:
            errand.place, errand.token = fetch_stamp(errand.checkpoint)
    except (OSError, UnableToDo) as problem:
        # What the mail server, the disk and the network raise are all OSErrors.
        errand.problem = f"{type(problem).__name__}: {problem}"[:300]
        errand.next_at = at + min(FIRST_WAIT * 2 ** min(errand.try_count - 1, 10), LONGEST_WAIT)
        errand.save(update_fields=["problem", "next_at"])
        return False
    errand.done_at, errand.problem = at, ""
    errand.save(update_fields=["place", "token", "done_at", "problem"])
    return True
