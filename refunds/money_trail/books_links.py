"""The links that our own books hold: the entries, and the month that two people sign."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from config.kernel.wording import said
from refunds.books.vocabulary import AccountRole
from refunds.gateways.store_credit import StoreCreditGateway
from refunds.vocabulary import account_label

from .links import Fact, Link, LinkState, broken, waiting
from .statement_links import lines_naming

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import JournalEntry, Operation

    from .gathering import MoneyFacts

BOOKS, PERIOD = said("Journal"), said("Period")
BOOKED_WITHIN: Final = timedelta(hours=1)
"""The journal is written every few minutes; what has no entry after this long is not on its way."""


def journal_link(operation: Operation, facts: MoneyFacts, *, at: datetime) -> Link:  # noqa: PLR0911 - each kind of no
    """Find what was booked of an operation and its lines, and whether clearing holds nothing of it any more."""
    if facts.entries is None:
        return Link(title=BOOKS, state=LinkState.HIDDEN, missing=said("Reading the books needs a right of its own."))
    if operation.succeeded_at is None:
        return Link(title=BOOKS, state=LinkState.LATER)
    entries = _entries_of(operation, facts)
    shown = tuple(_fact_of(entry) for entry in entries)
    unbooked = [key for key in _must_be_booked(operation, facts) if key not in facts.entries]
    if unbooked:
        since = max([operation.succeeded_at, *(match.matched_at for match in facts.matches.get(operation.pk, ()))])
        if at - since > BOOKED_WITHIN:
            missing = said("It happened a while ago and is not booked.")
            return broken(BOOKS, missing, said("An administrator sees to the worker that writes the journal."), shown)
        return waiting(BOOKS, said("It is not booked yet."), said("The journal is written every few minutes."), shown)
    left = sum(
        line.amount_minor
        for entry in entries
        for line in entry.lines.all()
        if line.role == AccountRole.PROCESSOR_CLEARING and line.currency == operation.currency
    )
    if left and facts.matches.get(operation.pk):
        missing = said("The entries leave something of this refund in clearing.")
        return broken(BOOKS, missing, said("Compare the amounts of the entries."), shown, url=reverse("refunds:books"))
    if left and operation.gateway != StoreCreditGateway.name:
        missing = said("The refund is booked and stands in clearing until a statement shows it.")
        return waiting(BOOKS, missing, said("It follows the line of the statement."), shown)
    return Link(title=BOOKS, state=LinkState.HOLDS, facts=shown)


def period_link(operation: Operation, facts: MoneyFacts, *, at: datetime) -> Link:
    """Find the months in which it was booked, and who signed them."""
    if facts.entries is None or facts.periods is None:
        return Link(title=PERIOD, state=LinkState.HIDDEN, missing=said("Reading the periods needs a right of its own."))
    entries = _entries_of(operation, facts)
    if not entries:
        return Link(title=PERIOD, state=LinkState.LATER)
    months = sorted({(entry.account, entry.booked_on.replace(day=1)) for entry in entries})
    shown: list[Fact] = []
    open_page = ""
    for account, first in months:
        period = facts.periods.get((account, first))
        if period is None:
            open_page = open_page or reverse("refunds:periods")
            shown.append(
                Fact(
                    said("Month"),
                    said("{account}, {month}: not opened yet", account=account_label(account), month=f"{first:%B %Y}"),
                )
            )
            continue
        page = period.get_absolute_url()
        shown.append(
            Fact(
                said("Month"), said("{account}, {month}", account=account_label(account), month=f"{first:%B %Y}"), page
            )
        )
        shown.append(Fact(said("State"), period.get_state_display()))
        shown += [
            Fact(which, said("{person}, {moment}", person=who, moment=signed_at))
            for which, who, signed_at in (
                (said("First signature"), period.first_by, period.first_at),
                (said("Second signature"), period.second_by, period.second_at),
            )
            if who is not None and signed_at is not None
        ]
        if not period.is_locked:
            open_page = open_page or page
    if not open_page:
        return Link(title=PERIOD, state=LinkState.HOLDS, facts=tuple(shown))
    periods = [facts.periods[key] for key in months if key in facts.periods]
    is_over = any(not one.is_locked and at >= one.until_at for one in periods)
    missing = said("The month is over and not closed.") if is_over else said("The month is not over yet.")
    next_step = said("Two people sign it.") if is_over else said("Two people sign it when it is over.")
    return waiting(PERIOD, missing, next_step, shown, url=open_page)


def _must_be_booked(operation: Operation, facts: MoneyFacts) -> list[str]:
    return [f"operation:{operation.pk}", *(f"match:{match.pk}" for match in facts.matches.get(operation.pk, ()))]


def _entries_of(operation: Operation, facts: MoneyFacts) -> list[JournalEntry]:
    """List what was booked of an operation, of its lines and of the payouts they are in, in the order of the books."""
    matches = facts.matches.get(operation.pk, ())
    payouts = {(match.line.account, match.line.payout_ref) for match in matches if match.line.payout_ref}
    keys = [
        *_must_be_booked(operation, facts),
        *(f"return:{line.pk}" for line in lines_naming(operation, facts.taken_back)),
        *(f"line:{pk}" for key in sorted(payouts) for pk in facts.payout_lines.get(key, ())),
    ]
    booked = facts.entries or {}
    return [entry for key in keys for entry in booked.get(key, ())]


def _fact_of(entry: JournalEntry) -> Fact:
    sides = ", ".join(f"{line.code} {line.amount}" for line in entry.lines.all())
    words = said("{kind}, {day}: {sides}", kind=entry.get_kind_display(), day=entry.booked_on, sides=sides)
    return Fact(said("Entry {number}", number=str(entry.pk)), words, reverse("refunds:journal_entry", args=[entry.pk]))
