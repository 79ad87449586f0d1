"""Where the request lies in the return window: what the policy said, and which day it counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        said = [one for one in decision.findings if one["rule"] == Rule.RETURN_WINDOW] if decision is not None else []
        if decision is None or not said:
            yield found(self.name, Tone.UNKNOWN, "The policy sets no return window for this reason.")
            return
        counted_from = order.delivered_at or order.placed_at
        field = "placed_at" if order.delivered_at is None else "delivered_at"
        what = "the order, because no delivery is known" if order.delivered_at is None else "the delivery"
        for one in said:
            tone = Tone.FINE if one["passed"] else Tone.LOOK
            sentence = f"{one['sentence']} Counted from {what}, {day(counted_from)}."
            told = Source(str(decision.version), str(Rule.RETURN_WINDOW))
            yield found(self.name, tone, sentence, order_source(case, order, field), told)
