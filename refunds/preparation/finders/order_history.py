"""What the customer bought and was given back before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.wording import counted, joined, said
from refunds.preparation.base import Tone
from refunds.preparation.case import MOST_OTHERS
from refunds.preparation.words import PAID, found, money_of
from refunds.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case


class OrderHistory:
    """Counts orders, earlier requests and what became of them."""

    name = "order_history"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Say it in one sentence."""
        if not case.person_ids:
            yield found(self.name, Tone.UNKNOWN, said("The order names no customer, so there is no history."))
            return
        before = case.of_the_person
        paid = [other for other in before if other.state in PAID]
        declined = [other for other in before if other.state in {State.DECLINED, State.BLOCKED}]
        orders = counted("{count} order", "{count} orders", case.order_count)
        if not before:
            sentence = said("This customer has {orders} with us and asked for nothing else.", orders=orders)
            yield found(self.name, Tone.FINE, sentence)
            return
        requests = (
            counted("at least {count} other request", "at least {count} other requests", len(before))
            if len(case.others) >= MOST_OTHERS
            else counted("{count} other request", "{count} other requests", len(before))
        )
        ends = [said("{count} refunded ({sums})", count=len(paid), sums=money_of(paid))] if paid else []
        ends += [said("{count} declined or blocked", count=len(declined))] if declined else []
        sentence = said("This customer has {orders} with us and {requests}.", orders=orders, requests=requests)
        if ends:
            sentence = said(
                "This customer has {orders} with us and {requests}: {ends}.",
                orders=orders,
                requests=requests,
                ends=joined(ends, ", "),
            )
        yield found(self.name, Tone.FINE, sentence, *[case.source(other, "state") for other in before])
