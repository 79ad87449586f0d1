"""Whether the same was asked for before: the same lines of the order, or the same amount by the same person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from config.kernel.wording import counted, inside, joined, said
from refunds.preparation.base import Tone
from refunds.preparation.words import found

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
            sentence = said(
                "The same lines of this order were asked for before, in {requests}.", requests=_named(case, again)
            )
            yield found(self.name, Tone.LOOK, sentence, *[case.source(other, "lines") for other in again])
        beside = [other for other in here if other not in again]
        if beside:
            sentence = said("Other lines of this order were asked for in {requests}.", requests=_named(case, beside))
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
            named = _named(case, alike)
            sentence = (
                said("The same amount was asked for by this customer within 90 days, in {requests}.", requests=named)
                if own.is_goodwill
                else said(
                    "The same amount was asked for on another order within 90 days, in {requests}.", requests=named
                )
            )
            yield found(self.name, Tone.LOOK, sentence, *[case.source(other, "requested_minor") for other in alike])
        if not here and not alike:
            sentence = (
                said("Nothing like it was asked for before.")
                if own.is_goodwill
                else said("Nothing of this order was asked for before.")
            )
            yield found(self.name, Tone.FINE, sentence)


def _lines_of(one: RefundRequest) -> set[int]:
    return {line.order_line_id for line in one.lines.all()}


def _named(case: Case, requests: list[RefundRequest]) -> str:
    """Name requests with their states; those of other teams are counted."""
    named = [
        said("{reference} ({state})", reference=one.reference, state=inside(one.get_state_display()))
        for one in requests
        if one.pk in case.shown
    ]
    hidden = len(requests) - len(named)
    if hidden:
        named.append(counted("{count} request of another team", "{count} requests of another team", hidden))
    return joined(named, ", ")
