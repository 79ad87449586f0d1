"""What the customer bought and was given back before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.preparation.base import Tone
from refunds.preparation.case import MOST_OTHERS
from refunds.preparation.words import PAID, counted, found, money_of
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
            yield found(self.name, Tone.UNKNOWN, "The order names no customer, so there is no history.")
            return
        before = case.of_the_person
        paid = [other for other in before if other.state in PAID]
        declined = [other for other in before if other.state in {State.DECLINED, State.BLOCKED}]
        orders = counted(case.order_count, "order")
        if not before:
            yield found(self.name, Tone.FINE, f"This customer has {orders} with us and asked for nothing else.")
            return
        most = "at least " if len(case.others) >= MOST_OTHERS else ""
        sentence = f"This customer has {orders} with us and {most}{counted(len(before), 'other request')}"
        ends = [f"{len(paid)} refunded ({money_of(paid)})"] if paid else []
        ends += [f"{len(declined)} declined or blocked"] if declined else []
        if ends:
            sentence = f"{sentence}: {', '.join(ends)}"
        yield found(self.name, Tone.FINE, f"{sentence}.", *[case.source(other, "state") for other in before])
