"""Whether everything that was refunded is settled and booked to zero: by the lines, by the journal, in clearing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.db.models import Sum

from config.kernel.jobs import Job, JobState
from config.kernel.outbox import drain
from refunds.books.periods import open_periods
from refunds.books.posting import THE_BEGINNING, post_journal
from refunds.books.selectors import clearing
from refunds.models import JournalLine, ProcessorPayout
from refunds.reconciliation.fetching import fetch_waiting, poll_payouts
from refunds.reconciliation.selectors import Period, totals

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

    from .sandbox import SandboxDesk

A_SECOND = 1.1
"""The sandbox pays out what moved before the second it is asked in."""

PATIENCE_SECONDS = 1800
"""How long a worker of a running portal may take over what it began."""


def settle_by_payout(desk: SandboxDesk, *, currency: str, at: datetime) -> ProcessorPayout:
    """Let the sandbox pay out what moved, fetch what it says it consists of, match it, and book everything.

    :raises GatewayUnreachable: when the sandbox does not answer
    """
    time.sleep(A_SECOND)
    external_id = desk.gateway.pay_out(currency)
    poll_payouts(at=at)
    fetch_waiting(at=at)
    _drain_with_others()
    post_journal(at=at)
    open_periods(since=THE_BEGINNING)
    return ProcessorPayout.objects.get(external_id=external_id)


def _drain_with_others() -> None:
    """Deliver what is due until no job is left; a running portal's worker may hold one of them meanwhile."""
    until = time.monotonic() + PATIENCE_SECONDS
    drain()
    while Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists() and time.monotonic() < until:
        time.sleep(A_SECOND)
        drain()


def faults_of_books(viewer: User) -> list[str]:
    """Say, a sentence each, what is not zero; for a world in which nothing else happened than what was settled."""
    faults = [
        f"The processor and we are {total.difference} apart."
        for total in totals(viewer, Period())
        if total.difference.minor or total.matched_count != total.operation_count
    ]
    sums = JournalLine.objects.order_by().values_list("currency").annotate(total=Sum("amount_minor"))
    faults += [f"The journal is {total} in {currency}." for currency, total in sums if total]
    faults += [
        f"{one.booked} of {one.gateway} is in clearing; {one.expected} should be."
        for one in clearing(viewer)
        if one.booked.minor or one.difference.minor
    ]
    return faults
