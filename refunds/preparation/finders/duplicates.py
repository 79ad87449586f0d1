"""Whether the same was asked for before: the same lines of the order, or the same amount by the same person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from refunds.preparation.base import Tone
from refunds.preparation.words import counted, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.models import RefundRequest
    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case

LATELY = timedelta(days=90)


class Duplicates:
    """Looks for a second request for the same."""

    name = "duplicates"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Name requests for the same lines, then those for the same amount on other orders."""
        own = case.refund_request
        # A goodwill credit may name an order and asks for none of its lines.
        refunds = [] if own.is_goodwill else [other for other in case.others if not other.is_goodwill]
        here = [other for other in refunds if other.order_id == own.order_id]
        again = [other for other in here if _lines_of(other) & _lines_of(own)]
        if again:
            sentence = f"The same lines of this order were asked for before, in {_named(case, again)}."
            yield found(self.name, Tone.LOOK, sentence, *[case.source(other, "lines") for other in again])
        beside = [other for other in here if other not in again]
        if beside:
            sentence = f"Other lines of this order were asked for in {_named(case, beside)}."
            yield found(self.name, Tone.FINE, sentence, *[case.source(other, "lines") for other in beside])
        alike = [
            other
            for other in case.of_the_person
            if other not in here
            and (other.currency, other.requested_minor) == (own.currency, own.requested_minor)
            and other.submitted_at is not None
            and abs(case.asked_at - other.submitted_at) <= LATELY
        ]
        if alike:
            where = "by this customer" if own.is_goodwill else "on another order"
            sentence = f"The same amount was asked for {where} within 90 days, in {_named(case, alike)}."
            yield found(self.name, Tone.LOOK, sentence, *[case.source(other, "requested_minor") for other in alike])
        if not here and not alike:
            what = "like it" if own.is_goodwill else "of this order"
            yield found(self.name, Tone.FINE, f"Nothing {what} was asked for before.")


def _lines_of(one: RefundRequest) -> set[int]:
    return {line.order_line_id for line in one.lines.all()}


def _named(case: Case, requests: list[RefundRequest]) -> str:
    """Name requests with their states; those of other teams are counted."""
    named = [f"{one.reference} ({one.get_state_display().lower()})" for one in requests if one.pk in case.shown]
    hidden = len(requests) - len(named)
    if hidden:
        named.append(f"{counted(hidden, 'request')} of another team")
    return ", ".join(named)
