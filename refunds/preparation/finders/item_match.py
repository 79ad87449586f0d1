"""Whether what is claimed fits what was sold, and its condition the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.wording import counted, inside, joined, said
from policies.vocabulary import Condition, Reason
from refunds.preparation.base import Source, Tone
from refunds.preparation.words import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.models import RefundLine
    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case

ODD_CONDITIONS = {
    Reason.DAMAGED: {Condition.UNOPENED},
    Reason.CHANGED_MIND: {Condition.WORN, Condition.DAMAGED, Condition.MISSING},
    Reason.NOT_RECEIVED: {Condition.OPENED, Condition.WORN, Condition.DAMAGED},
    Reason.WRONG_ITEM: {Condition.WORN},
}
"""What one would not expect to come back for a reason; it may still be true."""


class ItemMatch:
    """Holds each claimed line against the line of the order."""

    name = "item_match"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Say where condition and reason, or price and amount, do not go together."""
        own = case.refund_request
        if own.order is None:
            return
        odd = ODD_CONDITIONS.get(Reason(own.reason_id), set()) if own.reason_id in Reason.values else set()
        is_odd = False
        for line in case.lines:
            sold = line.order_line
            here = said("line {line} of order {number}", line=sold.line, number=own.order.external_id)
            page = own.get_absolute_url()
            if line.condition in odd and own.reason is not None:
                is_odd = True
                sentence = said(
                    "Line {line} comes back “{condition}”, and the reason is “{reason}”.",
                    line=sold.line,
                    condition=inside(line.get_condition_display()),
                    reason=own.reason.label.lower(),
                )
                told = (Source(here, "condition", page), Source(own.reference, "reason", page))
                yield found(self.name, Tone.LOOK, sentence, *told)
            most = line.quantity * sold.unit_price_minor
            if line.amount_minor > most:
                is_odd = True
                asked, paid = Money(line.amount_minor, own.currency), Money(most, own.currency)
                sentence = counted(
                    "Line {line} asks for {asked}; {count} piece cost {paid}.",
                    "Line {line} asks for {asked}; {count} pieces cost {paid}.",
                    line.quantity,
                    line=sold.line,
                    asked=asked,
                    paid=paid,
                )
                told = (Source(own.reference, "amount", page), Source(here, "unit_price", page))
                yield found(self.name, Tone.LOOK, sentence, *told)
        if case.lines and not is_odd:
            sentence = said("What is claimed is on the order: {lines}.", lines=_claimed(case.lines))
            yield found(self.name, Tone.FINE, sentence, Source(own.reference, "lines", own.get_absolute_url()))
        elif not case.lines:
            yield found(self.name, Tone.UNKNOWN, said("No line of the order is claimed, only an amount."))


def _claimed(lines: tuple[RefundLine, ...]) -> str:
    return joined(
        (
            said(
                "{count} of {sold} of line {line}",
                count=line.quantity,
                sold=line.order_line.quantity,
                line=line.order_line.line,
            )
            for line in lines
        ),
        ", ",
    )
