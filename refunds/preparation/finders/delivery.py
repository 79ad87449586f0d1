"""Whether the shop says it arrived, beside what the customer says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.wording import said
from policies.engine.words import EvidenceKind
from policies.vocabulary import Reason
from refunds.preparation.base import Source, Tone
from refunds.preparation.words import day, found, order_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from refunds.preparation.base import PreparedFinding
    from refunds.preparation.case import Case

NEEDS_GOODS = frozenset({Reason.DAMAGED, Reason.NOT_AS_DESCRIBED, Reason.WRONG_ITEM, Reason.CHANGED_MIND})
"""Reasons of somebody who has the goods."""


class Delivery:
    """Holds the day of delivery against the reason."""

    name = "delivery"

    def look(self, case: Case) -> Iterator[PreparedFinding]:
        """Say when it arrived, and whether that goes with the reason."""
        own = case.refund_request
        if own.order is None:
            return
        arrived_at = own.order.delivered_at
        told = order_source(case, own.order, "delivered_at")
        reason = Source(own.reference, "reason", own.get_absolute_url())
        if arrived_at is None:
            tone = Tone.LOOK if own.reason_id in NEEDS_GOODS else Tone.UNKNOWN
            sentence = said("The shop has not told us that it was delivered.")
            if tone is Tone.LOOK:
                sentence = said(
                    "The shop has not told us that it was delivered, and the reason is one of somebody who has the"
                    " goods."
                )
            yield found(self.name, tone, sentence, told, reason)
        elif own.reason_id == Reason.NOT_RECEIVED:
            sentence = said(
                "The shop says it was delivered on {day}; the customer says it did not arrive.", day=day(arrived_at)
            )
            yield found(self.name, Tone.LOOK, sentence, told, reason)
        else:
            sentence = said("The shop says it was delivered on {day}.", day=day(arrived_at))
            yield found(self.name, Tone.FINE, sentence, told)
        if own.reason_id == Reason.NOT_RECEIVED:
            has_proof = EvidenceKind.CARRIER_PROOF in case.proof_kinds
            sentence = (
                said("A proof of the carrier is attached.")
                if has_proof
                else said("No proof of the carrier is attached.")
            )
            page = f"{own.get_absolute_url()}#evidence"
            yield found(
                self.name, Tone.FINE if has_proof else Tone.UNKNOWN, sentence, Source(own.reference, "evidence", page)
            )
