"""Where the request lies in the return window: what the policy said, and which day it counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.wording import joined, said
from policies.engine.words import Rule
from refunds.preparation.base import Source, Tone
from refunds.preparation.words import day, found, order_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case


class ReturnWindow:
    """Repeats what the policy found; it counts nothing anew, so that the two never disagree."""

    name = "return_window"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Say what the window came to, and from which day it was counted."""
        decision, order = case.refund_request.decision, case.refund_request.order
        if order is None:
            return
        told_of_it = (
            [one for one in decision.findings if one["rule"] == Rule.RETURN_WINDOW] if decision is not None else []
        )
        if decision is None or not told_of_it:
            yield found(self.name, Tone.UNKNOWN, said("The policy sets no return window for this reason."))
            return
        counted_from = order.delivered_at or order.placed_at
        field = "placed_at" if order.delivered_at is None else "delivered_at"
        since = (
            said("Counted from the order, because no delivery is known, {day}.", day=day(counted_from))
            if order.delivered_at is None
            else said("Counted from the delivery, {day}.", day=day(counted_from))
        )
        for one in told_of_it:
            tone = Tone.FINE if one["passed"] else Tone.LOOK
            sentence = joined([one["sentence"], since])
            told = Source(str(decision.version), str(Rule.RETURN_WINDOW))
            yield found(self.name, tone, sentence, order_source(case, order, field), told)
