"""The links that other people's records hold: the processor's line, its payout, the bank's line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from config.kernel.money import Money
from config.kernel.wording import joined, said
from refunds.gateways.store_credit import StoreCreditGateway
from refunds.reconciliation.readers import BANK
from refunds.vocabulary import OperationState, account_label

from .gathering import account_of
from .links import Fact, Link, LinkState, broken, waiting
from .payouts import PAYOUT, SENT_BACK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from refunds.models import Operation, StatementLine

    from .gathering import MoneyFacts
    from .payouts import PayoutSum

STATEMENT, PAID_OUT, AT_BANK = said("Line of the statement"), said("Payout"), said("Line of the bank")
UPLOADS = said("Upload the statement that covers it.")


def statement_link(operation: Operation, facts: MoneyFacts) -> Link:  # noqa: PLR0911 - one sentence for each kind of no
    """Find the processor's line of an operation, or the bank's where we transfer ourselves."""
    if operation.gateway == StoreCreditGateway.name:
        return _elsewhere(STATEMENT, said("Store credit is in our own books alone."))
    settled = settled_lines(operation, facts)
    back = lines_naming(operation, facts.taken_back)
    shown = _facts_of(settled) + _parts(operation, facts) + _facts_of(back)
    if back and operation.state == OperationState.SUCCEEDED:
        missing = said(
            "{account} took this refund back; our operation still says that it succeeded.", account=_who(operation)
        )
        return broken(
            STATEMENT, missing, said("Match the statement again once the processor told us."), shown, url=_page(back)
        )
    if settled and back:
        return Link(title=STATEMENT, state=LinkState.ENDS, facts=shown, missing=said("It left, and it came back."))
    if settled:
        return Link(title=STATEMENT, state=LinkState.HOLDS, facts=shown)
    if others := lines_naming(operation, facts.open_lines):
        why = others[0].result_note or said("The line was not looked at yet.")
        next_step = said("Clear the difference up with whoever made the other figure, then match the statement again.")
        return broken(STATEMENT, why, next_step, _facts_of(others), url=_page(others))
    if operation.state != OperationState.SUCCEEDED or operation.succeeded_at is None:
        return Link(title=STATEMENT, state=LinkState.LATER, facts=shown)
    reach = facts.reach.get(account_of(operation))
    upload = reverse("refunds:upload_statement")
    if reach is not None and reach > operation.succeeded_at:
        missing = said(
            "Statements of {account} reach {day} and none shows this refund.",
            account=_who(operation),
            day=reach.date(),
        )
        next_step = (
            said("Look for {number} there; upload the statement that covers it.", number=operation.external_id)
            if operation.external_id
            else said("Look for the refund there; upload the statement that covers it.")
        )
        return broken(STATEMENT, missing, next_step, url=upload)
    missing = said(
        "No statement of {account} reaches {day} yet.", account=_who(operation), day=operation.succeeded_at.date()
    )
    return waiting(STATEMENT, missing, UPLOADS, url=upload)


def payout_link(operation: Operation, facts: MoneyFacts) -> Link:
    """Find the payout that a settled refund was taken from, and ask whether its lines are what it paid."""
    if (reason := _no_payout(operation)) is not None:
        return _elsewhere(PAID_OUT, reason)
    settled = settled_lines(operation, facts)
    if not settled:
        return Link(title=PAID_OUT, state=LinkState.LATER)
    payouts = _payouts(settled, facts)
    shown = tuple(fact for payout in payouts for fact in _facts_of_payout(payout, settled))
    if any(not line.payout_ref for line in settled):
        next_step = said("Upload the report that says what each payout consists of.")
        missing = said("The line names no payout: the file it came with knows none, or it is not paid out yet.")
        return waiting(PAID_OUT, missing, next_step, shown, url=reverse("refunds:upload_statement"))
    for payout in payouts:
        page = reverse("refunds:payout", args=[payout.reference])
        told = facts.told_payouts.get((payout.account, payout.reference))
        if payout.is_sent_back or (told is not None and told.is_back):
            missing = said("The bank sent this payout back: its money is at the processor again.")
            if told is not None and told.failure:
                missing = joined([missing, told.failure])
            return broken(
                PAID_OUT, missing, said("Mend the bank account there; a later payout carries it."), shown, url=page
            )
        if payout.apart.minor:
            missing = said(
                "Its lines and what was paid out are {amount} apart: a line is missing.", amount=_size(payout.apart)
            )
            return broken(PAID_OUT, missing, said("Fetch or upload the whole report of this payout."), shown, url=page)
    return Link(title=PAID_OUT, state=LinkState.HOLDS, facts=shown)


def bank_link(operation: Operation, facts: MoneyFacts) -> Link:  # noqa: PLR0911 - one sentence for each kind of no
    """Find the line on which the bank shows the payout, and compare the two sums."""
    if operation.gateway == StoreCreditGateway.name:
        return _elsewhere(AT_BANK, said("No money leaves for store credit."))
    settled = settled_lines(operation, facts)
    if account_of(operation) == BANK:
        return _elsewhere(AT_BANK, said("We transferred it ourselves: the line above is the bank's."))
    payouts = [one for one in _payouts(settled, facts) if not one.is_sent_back]
    if not payouts:
        return Link(title=AT_BANK, state=LinkState.LATER)
    shown: list[Fact] = []
    for payout in payouts:
        lines = [line for line in facts.bank_lines.get(payout.reference, ()) if line.category in {PAYOUT, SENT_BACK}]
        if not lines:
            return _not_at_bank(payout, settled, facts)
        shown += _facts_of_bank(lines)
        arrived = sum(line.gross_minor for line in lines)
        due = payout.paid if payout.paid is not None else payout.lines
        if {line.currency for line in lines} != {due.currency}:
            missing = said("The bank shows it in another currency than {currency}.", currency=due.currency)
            return broken(
                AT_BANK, missing, said("Compare the bank's rate with the processor's."), shown, url=_page(lines)
            )
        if arrived != due.minor:
            apart = Money(abs(due.minor - arrived), due.currency)
            missing = said(
                "The bank shows {shown}, the payout is {due}: they are {apart} apart.",
                shown=Money(arrived, due.currency),
                due=due,
                apart=apart,
            )
            return broken(
                AT_BANK, missing, said("Ask the bank or the processor for the rest."), shown, url=_page(lines)
            )
    return Link(title=AT_BANK, state=LinkState.HOLDS, facts=tuple(shown))


def settled_lines(operation: Operation, facts: MoneyFacts) -> list[StatementLine]:
    """List the lines that agree with an operation."""
    return [match.line for match in facts.matches.get(operation.pk, ())]


def _parts(operation: Operation, facts: MoneyFacts) -> tuple[Fact, ...]:
    """Say how much of a line is this operation's, where it is of others too."""
    return tuple(
        Fact(said("Of it this refund"), Money(-match.line_minor, match.line.currency))
        for match in facts.matches.get(operation.pk, ())
        if match.line_minor != -match.line.gross_minor
    )


def _not_at_bank(payout: PayoutSum, settled: Sequence[StatementLine], facts: MoneyFacts) -> Link:
    reach, booked_at = facts.reach.get(BANK), max(line.booked_at for line in settled)
    upload = reverse("refunds:upload_statement")
    if reach is not None and reach > booked_at:
        missing = said(
            "The bank's statements reach {day} and none names {payout}.", day=reach.date(), payout=payout.reference
        )
        return broken(
            AT_BANK, missing, said("Look for the payout at the bank, or upload the days that are missing."), url=upload
        )
    missing = said("No statement of the bank reaches the payout of {day} yet.", day=booked_at.date())
    return waiting(AT_BANK, missing, said("Upload the bank's statement."), url=upload)


def _payouts(settled: Sequence[StatementLine], facts: MoneyFacts) -> list[PayoutSum]:
    keys = dict.fromkeys((line.account, line.payout_ref) for line in settled)
    return [facts.payouts[key] for key in keys if key in facts.payouts]


def lines_naming(operation: Operation, by_name: Mapping[str, Sequence[StatementLine]]) -> list[StatementLine]:
    """List the lines that name an operation, by our id or by the processor's."""
    found = [*by_name.get(str(operation.pk), ()), *by_name.get(operation.external_id or "-", ())]
    return list({line.pk: line for line in found}.values())


def _no_payout(operation: Operation) -> str | None:
    if operation.gateway == StoreCreditGateway.name:
        return said("Store credit is paid out by nobody.")
    return said("We transferred it ourselves.") if account_of(operation) == BANK else None


def _elsewhere(title: str, why: str) -> Link:
    return Link(title=title, state=LinkState.ELSEWHERE, missing=why)


def _facts_of(lines: Sequence[StatementLine]) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for line in lines:
        facts += [
            Fact(account_label(line.account), line.external_id, _page([line]), is_code=True),
            Fact(said("Amount"), line.gross),
            Fact(said("Booked"), line.booked_at),
        ]
        if line.own_account:
            facts.append(Fact(said("Our account"), line.own_account, is_code=True))
    return tuple(facts)


def _facts_of_payout(payout: PayoutSum, settled: Sequence[StatementLine]) -> list[Fact]:
    own = [line for line in settled if (line.account, line.payout_ref) == (payout.account, payout.reference)]
    others = payout.line_count - len(own)
    rest = payout.lines - Money(sum(line.net_minor for line in own), payout.lines.currency)
    facts = [
        Fact(said("Payout"), payout.reference, reverse("refunds:payout", args=[payout.reference]), is_code=True),
        Fact(said("All its lines"), payout.lines),
        Fact(said("Its {lines} other lines", lines=f"{others:,}"), rest),
    ]
    if payout.paid is not None:
        facts.append(Fact(said("Paid out"), payout.paid))
    if payout.is_sent_back:
        facts.append(Fact(said("Sent back"), payout.sent_back))
    return facts


def _facts_of_bank(lines: Sequence[StatementLine]) -> list[Fact]:
    return [
        fact
        for line in lines
        for fact in (
            Fact(
                said("Our account"),
                line.own_account or said("Bank account"),
                _page([line]),
                is_code=bool(line.own_account),
            ),
            Fact(said("Amount"), line.gross),
            Fact(said("Booked"), line.value_on or line.booked_at),
        )
    ]


def _page(lines: Sequence[StatementLine]) -> str:
    first = lines[0]
    return f"{reverse('refunds:statement', args=[first.statement_id])}?after={max(first.number - 1, 0)}"


def _who(operation: Operation) -> str:
    return account_label(account_of(operation))


def _size(money: Money) -> Money:
    return Money(abs(money.minor), money.currency)
