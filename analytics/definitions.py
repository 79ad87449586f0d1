"""Every measure by its name, with the sentence that says how it is counted; the sentence is shown beside the number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.kernel.wording import said

from . import selectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User

    from .selectors import Figure
    from .slices import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: what it is called, what its rows are called, how it is counted, and the function that counts."""

    slug: str
    name: str
    of: str
    formula: str
    count: Callable[[User, Slice], list[Figure]]


REFUNDED_BY_MONTH = Measure(
    slug="refunded-by-month",
    name=said("Refunded per month"),
    of=said("Month"),
    formula=said(
        "Approved amounts of requests whose refund the processor confirmed, by the month of the confirmation "
        "(UTC), each currency by itself. A refund that failed later is taken out again."
    ),
    count=selectors.refunded_by_month,
)
REFUNDED_BY_REASON = Measure(
    slug="refunded-by-reason",
    name=said("Refunded by reason"),
    of=said("Reason"),
    formula=said(
        "The same refunds by the reason the customer gave; the share is of the money refunded in that currency."
    ),
    count=selectors.refunded_by_reason,
)
REFUNDED_BY_OUTCOME = Measure(
    slug="refunded-by-outcome",
    name=said("Refunded by outcome of the policy"),
    of=said("The policy said"),
    formula=said("The same refunds by what the policy in force said of the request when it was submitted."),
    count=selectors.refunded_by_outcome,
)
REQUESTS_BY_STATE = Measure(
    slug="requests-by-state",
    name=said("Where requests stand"),
    of=said("State"),
    formula=said(
        "All requests of the team and currency as they stand now, whatever the dates above, drafts left out; "
        "the approved amount, or what was asked for while nothing is approved."
    ),
    count=selectors.requests_by_state,
)

MEASURES = {
    measure.slug: measure for measure in (REFUNDED_BY_MONTH, REFUNDED_BY_REASON, REFUNDED_BY_OUTCOME, REQUESTS_BY_STATE)
}

USES_OF_CODE = said(
    "Requests of your teams that were opened in these days, submitted, and carry the code; of exception codes, those "
    "that were granted."
)
LEAKAGE_OF_CODE = said(
    "Of refunds the processor confirmed in the last 30 days: the approved amount less what the policy then in force "
    "allowed without an exception, where that is more than nothing. Each currency by itself."
)
SHARE_OF_CODE = said("Uses of the code by the uses of all codes of its kind in the same days.")
SHARE_OF_REQUESTS = said(
    "Requests of every team that were submitted in these days and carry the code, by all requests submitted in these "
    "days."
)
EFFECT = said(
    "The share of requests with the code in the weeks before the change was made, and in as many weeks after closing "
    "was agreed to; the bounds of the difference are Newcombe's at 95 %. Both bounds below zero: the code became "
    "rarer by more than chance explains."
)

AUTOMATIC_SHARE = said("Of the requests refunded in these days, those the policy itself called automatic.")
RECONCILED_SHARE = said("Of the requests refunded in these days, those found on the processor's statement.")
