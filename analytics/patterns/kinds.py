"""The kinds of signals: what is looked at, how to read one, and when it means nothing."""

from __future__ import annotations

from dataclasses import dataclass

from config.kernel.wording import said


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of signal. `innocent` is shown with every signal: what else explains it."""

    slug: str
    name: str
    looks_at: str
    reading: str
    innocent: str


APPROVERS = Kind(
    "approvers",
    said("Approvers unlike their peers"),
    said(
        "How often each approver approves, and how often above what the policy allowed, against what the requests she "
        "was handed let expect (team, amount band and code). Under 20 decisions nobody is judged."
    ),
    said(
        "Outside the outer line happens by chance to two in a thousand. Ask what is different about the desk before "
        "asking what is different about the person."
    ),
    said("Somebody who covers a product, a language or a night shift is handed other requests than her peers."),
)
STAMPING = Kind(
    "stamping",
    said("Approvals without a look"),
    said(
        "Decisions faster than 95 of 100 of the others' with as much evidence, evidence never opened, the same words "
        "again, and decisions within a minute of the one before."
    ),
    said("One sign alone is habit. Two or more about the same person are worth reading a handful of her decisions."),
    said(
        "Some people read in the panel, prepare decisions together and then sign them in a row, or use an "
        "agreed sentence."
    ),
)
PAIRS = Kind(
    "pairs",
    said("Always the same two"),
    said("Whether one approver decides on one agent's requests more often than the other approvers of the team do."),
    said("Four eyes are worth less where they are always the same four."),
    said("Shifts and language desks bring the same two together."),
)
INSIDERS = Kind(
    "insiders",
    said("An agent and a customer"),
    said(
        "Whether one customer's requests are entered by one agent more often than that agent's share of all requests."
    ),
    said("Look whether the two know each other, and where the money went."),
    said("Account managers and follow-ups of one case: the second request often goes to whoever took the first."),
)
AMOUNTS = Kind(
    "amounts",
    said("Amounts far from the rest"),
    said(
        "The largest amounts of a team, currency and reason, as distance from the median in robust standard deviations "
        "of the logarithm. Under 20 requests nothing is compared."
    ),
    said("Beyond 3.5 is far out. Check the amount against the order first: a slip of the finger is the usual cause."),
    said("A rare expensive product looks like this every time it comes back."),
)
HUGGING = Kind(
    "hugging",
    said("Just under a limit"),
    said(
        "Whether more of an agent's requests end in the last tenth under a limit that was in force when they were "
        "decided than its neighbourhood and the other agents let expect. Under 20 requests near the limit nobody "
        "is judged."
    ),
    said("Somebody may be asking for what passes, not for what is owed."),
    said("A price just under the limit does the same; the chart shows whether everybody has the spike."),
)
SPLITTING = Kind(
    "splitting",
    said("Split under a limit"),
    said(
        "Requests of one customer that follow each other within 7 days, each within a limit of its day and together "
        "above it, against how often the same number of requests would fall so close by chance."
    ),
    said("Add the parts up and ask who would have signed for the whole."),
    said("An order that arrives in parcels comes back in parcels."),
)
CODES = Kind(
    "codes",
    said("The same code again and again"),
    said(
        "Whether an agent uses a reason or an exception code more often than the other agents of the team. Under 20 "
        "requests nobody is judged."
    ),
    said("The code may be the easy way through, or the only one that was taught."),
    said("Somebody who answers for one product sees its faults all day."),
)
DRIFT = Kind(
    "drift",
    said("The mix has moved"),
    said(
        "The mix of reasons, exception codes and amounts of the last 8 weeks against the weeks before, as the "
        "population stability index, beside what samples of this size drift by chance."
    ),
    said("Under 0.1 is usually called stable and over 0.25 worth a look; “By chance alone” tells it from luck."),
    said("Seasons, a new product, or a new policy version move the mix too."),
)
WEEKS = Kind(
    "weeks",
    said("Weeks out of control"),
    said(
        "Declined and overridden requests of each week as a p-chart, granted money as an XmR chart of its logarithm; "
        "single weeks beyond the limits and long runs on one side of the middle."
    ),
    said("One week out is an event: find it. A long run is a shift: find what began there."),
    said("A sale, a strike or a holiday is a real event, and not a fault of anybody's."),
)
SERIAL = Kind(
    "serial",
    said("Customers who give back far more than others"),
    said(
        "The share of orders that come back for each identity, against everybody else's. Accounts are one identity "
        "that share a mailbox or a bank account (100), a name with the same card digits or a parcel (60), or enough of "
        "a ticket, a photo (40) and a name with its country (20) to come to 60. What more than 6 accounts share, or 20 "
        "a mailbox or bank account, links nobody, and no identity grows beyond 20 accounts."
    ),
    said("Look at the orders together before answering the next one."),
    said(
        "Buying three sizes to keep one is allowed. Families share cards, parcels and mailboxes, and colleagues an "
        "office: look at what the accounts were linked by."
    ),
)
DISPUTES = Kind(
    "disputes",
    said("Refunded after a dispute"),
    said(
        "Refunds on a charge that was disputed before the money left, while the dispute stood. No chance is involved."
    ),
    said("The customer may have been paid twice. Tell the bank of the refund before the evidence is due."),
    said("A refund agreed with the customer to end the dispute is right when the bank is told of it."),
)
PHOTOS = Kind(
    "photos",
    said("The same photo twice"),
    said("Photos of different requests with the same bytes or the same looks. No chance is involved."),
    said("Open both. Ask for another view before anything else, and never accuse."),
    said("One damage asked for in two requests, a shop's own picture, or an agent who attached it twice."),
)

KINDS = {
    kind.slug: kind
    for kind in (
        APPROVERS,
        STAMPING,
        PAIRS,
        INSIDERS,
        AMOUNTS,
        HUGGING,
        SPLITTING,
        CODES,
        DRIFT,
        WEEKS,
        SERIAL,
        DISPUTES,
        PHOTOS,
    )
}
