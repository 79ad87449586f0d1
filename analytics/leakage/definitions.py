"""Every measure of leakage with the sentence that says how it is counted; the sentence stands beside each number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analytics.models import Basis
from config.kernel.wording import said

WHEN: Final = said(
    "By the month of the refund it counts in the month (UTC) in which the money left; by the month of the sale in the "
    "month in which the customer had paid. Each currency by itself: there is no source of exchange rates, so nothing "
    "is converted."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One measure of money: its word in addresses, its column, its name, its formula, the class that colours it."""

    slug: str
    column: str
    name: str
    formula: str
    css: str = ""


OVERRIDE: Final = Kind(
    "override",
    "override_minor",
    said("Override"),
    said(
        "Refunded amount less the amount that the policy version then in force allowed, where people approved more: "
        "all of an exception, and what is above the amount less restocking. Without what counts as over-refund or "
        "double loss."
    ),
    "k1",
)
UNGOVERNED: Final = Kind(
    "ungoverned",
    "ungoverned_minor",
    said("Ungoverned"),
    said(
        "Refunds and goodwill credits seen at the processor or in the shop that nobody had asked about, less what the "
        "policy then in force would have let leave without a signature. Explained or not; what came back is out."
    ),
    "k2",
)
OVER: Final = Kind(
    "over",
    "over_minor",
    said("Duplicate or over-refund"),
    said(
        "What left of an order beyond everything that was paid for it, the oldest refund first, and what the processor "
        "carried out a second time."
    ),
    "k3",
)
DOUBLE_LOSS: Final = Kind(
    "double-loss",
    "double_loss_minor",
    said("Double loss"),
    said("Refunds on an order whose chargeback was lost too, as far as both go: the smaller of refund and chargeback."),
    "k4",
)
LATE_FAILURE: Final = Kind(
    "late-failure",
    "late_failure_minor",
    said("Late failure not re-collected"),
    said("Refunds that failed after the processor had confirmed them, until a statement shows the money come back."),
    "k5",
)
FEES: Final = Kind(
    "fees",
    "fees_minor",
    said("Fees absorbed"),
    said("What statements say that reconciled refunds themselves cost, in the currency of the statement."),
    "k6",
)
LEAKS: Final = (OVERRIDE, UNGOVERNED, OVER, DOUBLE_LOSS, LATE_FAILURE, FEES)
"""What leakage is split into; no unit of money is in two of them."""

LEAKAGE: Final = Kind(
    "leakage",
    "leakage_minor",
    said("Leakage"),
    said(
        "Override + ungoverned + duplicate or over-refund + double loss + late failure not re-collected + fees "
        "absorbed. Goodwill is not in it."
    ),
)
REFUNDED: Final = Kind(
    "refunded",
    "refunded_minor",
    said("Refunded"),
    said("Confirmed refunds of requests and refunds made elsewhere, without those that came back."),
)
GOODWILL: Final = Kind(
    "goodwill",
    "goodwill_minor",
    said("Goodwill"),
    said(
        "Goodwill credits and refunds on the ground of goodwill, as far as they did not leak otherwise. Beside "
        "leakage, not in it."
    ),
)
KINDS: Final = {kind.slug: kind for kind in (LEAKAGE, *LEAKS, GOODWILL, REFUNDED)}

PREVENTABLE: Final = said(
    "Leakage on requests whose reason the catalogue classes as preventable: better work would have kept the money."
)
SHARE: Final = said("Leakage ÷ refunded, in the same days and currency.")
PARETO: Final = said(
    "Largest first, with the running share; what makes up the first 80 % is dark. By requests it goes by how many "
    "requests leaked at all."
)
CYCLE: Final = said(
    "From the submit to the decision, and to the confirmed refund, without the time a question waited for the "
    "customer; all hours count, closed ones too. In working hours only those of the team's calendar as it stood at the "
    "submit; a team without one works round the clock. Half of all requests took no longer than the median, nine of "
    "ten no longer than p90, both rounded up to two digits. Of requests decided in the months that these days touch, "
    "whatever their currency."
)
TOUCH_FREE: Final = said("Decided requests that the policy approved by itself ÷ all decided requests.")
UNCHANGED: Final = said(
    "Of requests that people decided: approved exactly as asked for, with no question, no exception and no smaller "
    "amount. If nearly all are, their limit is too low."
)
YIELD: Final = said("Requests whose outcome differs from approving as asked ÷ requests that people decided.")
WAITED: Final = said("Hours that those requests stood in exception review and approval.")
EVIDENCE: Final = said(
    "Decided requests that held all the evidence the policy demands for their reason and amount ÷ those of which it "
    "demands any."
)
CAPTURED: Final = said("What customers paid in these days, whatever came of it later; each payment on its own day.")
RATES: Final = {
    Basis.REFUND: said(
        "Cash: what left in these days ÷ what customers paid in the same days. Goodwill credits are in it."
    ),
    Basis.SALE: (
        said(
            "Cohort: what was given back so far of what customers paid in these days ÷ what they paid. Young months "
            "still grow. Goodwill credits without an order count on the day they were asked for."
        )
    ),
}
BYPASS: Final = said(
    "Refunds and goodwill credits that nobody had asked us about ÷ all that left and did not come back, by number and "
    "by money. Explained or not."
)
IN_TIME: Final = said(
    "Approval steps of decided requests that were answered by the time they were due ÷ all that were answered. A step "
    "that went up because it was overdue is late, whatever its new term. By the day the request was decided."
)
LATE_NOW: Final = said("Approval steps that are open and past their due time at this moment, whatever the days above.")
FEWEST: Final = 20
SMALL: Final = said(
    "People with fewer than {fewest} requests in these days stand together: so few say nothing of anybody. Names are "
    "for those who may see who is behind a pattern.",
    fewest=FEWEST,
)
SUGGESTION: Final = said(
    "The amount up to which at least 98 % of the requests that only their amount sent to people were approved exactly "
    "as asked for, from 30 requests on."
)
