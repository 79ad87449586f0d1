"""The standard codes a new installation starts with: 13 reasons, 18 departures from policy."""

from __future__ import annotations

from typing import Final, NamedTuple

from policies.engine.words import EvidenceKind, Reason
from policies.vocabulary import LeakageClass


class ReasonEntry(NamedTuple):
    """Why a customer asks; `hint` stands beside the choice."""

    code: Reason
    label: str
    hint: str
    leakage_class: LeakageClass


class ExceptionEntry(NamedTuple):
    """A standard departure from policy: who answers for it, what to do, by when, what proves it."""

    code: str
    label: str
    owner: str
    playbook: str
    sla_hours: int
    leakage_class: LeakageClass
    evidence_kinds: tuple[EvidenceKind, ...]
    when_to_use: str
    when_not_to_use: str


_PREVENTABLE, _DISCRETIONARY = LeakageClass.PREVENTABLE, LeakageClass.DISCRETIONARY
_UNAVOIDABLE, _STATUTORY, _FRAUD = LeakageClass.UNAVOIDABLE, LeakageClass.STATUTORY, LeakageClass.FRAUD
_PHOTO, _RECEIPT = EvidenceKind.PHOTO, EvidenceKind.RECEIPT
_CARRIER, _MESSAGE = EvidenceKind.CARRIER_PROOF, EvidenceKind.CUSTOMER_MESSAGE

REASONS: Final = (
    ReasonEntry(Reason.DAMAGED, "Damaged", "Arrived broken, torn or wet.", _PREVENTABLE),
    ReasonEntry(Reason.NOT_AS_DESCRIBED, "Not as described", "Differs from the page it was bought on.", _PREVENTABLE),
    ReasonEntry(Reason.WRONG_ITEM, "Wrong item", "We sent something else.", _PREVENTABLE),
    ReasonEntry(Reason.NOT_RECEIVED, "Not received", "Never arrived, or not all of it.", _UNAVOIDABLE),
    ReasonEntry(Reason.LATE_DELIVERY, "Late delivery", "Arrived after the promised day.", _PREVENTABLE),
    ReasonEntry(Reason.CHANGED_MIND, "Changed mind", "Nothing is wrong with it; it is not wanted.", _DISCRETIONARY),
    ReasonEntry(Reason.DUPLICATE_CHARGE, "Charged twice", "The same purchase was paid more than once.", _PREVENTABLE),
    ReasonEntry(Reason.BILLING_ERROR, "Billing error", "The amount or the plan was wrong.", _PREVENTABLE),
    ReasonEntry(Reason.SERVICE_OUTAGE, "Service outage", "The service could not be used.", _PREVENTABLE),
    ReasonEntry(
        Reason.CANCELLED_SUBSCRIPTION, "Cancelled subscription", "Charged after the customer cancelled.", _PREVENTABLE
    ),
    ReasonEntry(Reason.PRICE_PROMISE, "Price promise", "Cheaper elsewhere, or reduced soon after.", _DISCRETIONARY),
    ReasonEntry(Reason.FRAUDULENT, "Fraudulent", "The holder of the card did not make the purchase.", _FRAUD),
    ReasonEntry(Reason.OTHER, "Other", "Nothing above fits; say what it is in the note.", _DISCRETIONARY),
)

EXCEPTIONS: Final = (
    ExceptionEntry(
        "WINDOW_EXPIRED",
        "Return window expired",
        "Customer service",
        "Ask what kept the customer. Check that the goods can still be sold. Prefer store credit beyond 14 days.",
        8,
        _DISCRETIONARY,
        (_MESSAGE,),
        "The goods are fine and the customer names a good cause for being late.",
        "The law already gives the right to return: use STATUTORY_WITHDRAWAL.",
    ),
    ExceptionEntry(
        "NO_RECEIPT",
        "No original transaction",
        "Customer service",
        "Search by card, e-mail and date. Without a payment offer store credit at today's lowest price.",
        24,
        _DISCRETIONARY,
        (_RECEIPT,),
        "The purchase is proven by other means, a receipt or a bank statement.",
        "The order is in the shop under another name: find it and file on it.",
    ),
    ExceptionEntry(
        "DAMAGED_IN_TRANSIT",
        "Damaged in transit",
        "Logistics",
        "Keep photo and parcel label. Claim from the carrier within its limit. Tell packing when a product repeats.",
        8,
        _PREVENTABLE,
        (_PHOTO, _CARRIER),
        "The parcel or its content shows damage from transport.",
        "The product was faulty before it was packed: use NOT_AS_DESCRIBED.",
    ),
    ExceptionEntry(
        "NOT_AS_DESCRIBED",
        "Not as described",
        "Merchandising",
        "Compare photo and product page. Correct the page the same day, or stop the sale.",
        8,
        _PREVENTABLE,
        (_PHOTO,),
        "Colour, size, material or function differ from what was promised.",
        "The customer expected something the page never said.",
    ),
    ExceptionEntry(
        "WRONG_ITEM_SENT",
        "Wrong item sent",
        "Warehouse",
        "Check the pick record. Send the right item first if wanted. Count the shelf it came from.",
        8,
        _PREVENTABLE,
        (_PHOTO,),
        "The item received is not the one on the order.",
        "The customer ordered the wrong item.",
    ),
    ExceptionEntry(
        "ITEM_NOT_RECEIVED",
        "Item not received",
        "Logistics",
        "Read the tracking. Open a search with the carrier. Pay once it is lost or after ten days.",
        24,
        _UNAVOIDABLE,
        (_CARRIER,),
        "The carrier cannot show a delivery.",
        "The carrier shows a signed delivery: ask for a statement first.",
    ),
    ExceptionEntry(
        "DUPLICATE_CHARGE",
        "Charged twice",
        "Billing",
        "Find both charges. Refund the later one. Report the cause to payments engineering.",
        4,
        _PREVENTABLE,
        (),
        "Two captured charges exist for one purchase.",
        "One of them is an authorisation that will lapse by itself.",
    ),
    ExceptionEntry(
        "BILLING_ERROR",
        "Billing error",
        "Billing",
        "Work out the right amount. Refund the difference. Correct the invoice and look for others like it.",
        8,
        _PREVENTABLE,
        (),
        "Price, tax, quantity or plan on the invoice were wrong.",
        "The price was right and the customer regrets it.",
    ),
    ExceptionEntry(
        "SERVICE_OUTAGE",
        "Service outage",
        "Operations",
        "Match the outage with the status log. Refund by the share of time lost.",
        24,
        _PREVENTABLE,
        (),
        "A recorded incident kept the customer from using the service.",
        "Maintenance was announced and within the terms.",
    ),
    ExceptionEntry(
        "LATE_DELIVERY",
        "Late delivery",
        "Logistics",
        "Compare the promise with the tracking. Offer the shipping cost first, goods when they lost their purpose.",
        24,
        _PREVENTABLE,
        (_CARRIER,),
        "The promised day passed before delivery.",
        "The customer chose a later day or was not at home.",
    ),
    ExceptionEntry(
        "UNUSED_RENEWAL",
        "Unused renewal",
        "Customer success",
        "Check that nothing was used since the renewal. Refund it in full and end the subscription.",
        24,
        _DISCRETIONARY,
        (),
        "A renewal was charged and the service has not been used since.",
        "It was used: use PRORATION.",
    ),
    ExceptionEntry(
        "PRORATION",
        "Proration",
        "Billing",
        "Count the days not used. Refund that share, never more.",
        24,
        _DISCRETIONARY,
        (),
        "A subscription ends within a paid period.",
        "The terms exclude it and no promise was made.",
    ),
    ExceptionEntry(
        "GOODWILL_RETENTION",
        "Goodwill to keep a customer",
        "Customer success",
        "Look at the customer's years and returns. Prefer credit to cash. Once a year at most.",
        24,
        _DISCRETIONARY,
        (_MESSAGE,),
        "A good customer would leave over a matter policy does not cover.",
        "Another code fits: goodwill hides causes.",
    ),
    ExceptionEntry(
        "PRICE_PROMISE",
        "Price promise",
        "Merchandising",
        "Keep a copy of the lower price with its date. Refund the difference only.",
        24,
        _DISCRETIONARY,
        (_RECEIPT,),
        "The lower price is public, for the same item, within the promise.",
        "The lower price is of a marketplace seller or a clearance.",
    ),
    ExceptionEntry(
        "FRAUD_CONFIRMED",
        "Fraud confirmed",
        "Risk",
        "Refund to the charged card only. Block the account. Record what the pattern was.",
        4,
        _FRAUD,
        (),
        "Risk has confirmed that the holder of the card did not buy.",
        "It is only suspected: ask risk first.",
    ),
    ExceptionEntry(
        "DISPUTE_PREVENTION",
        "Dispute prevention",
        "Risk",
        "Check that no chargeback is open. Refund in full before the bank's deadline.",
        4,
        _UNAVOIDABLE,
        (),
        "A fraud warning or an inquiry says that a chargeback is near.",
        "The chargeback is open already: money would leave twice.",
    ),
    ExceptionEntry(
        "STATUTORY_WITHDRAWAL",
        "Statutory right",
        "Legal",
        "Count the days by law. Refund goods and standard shipping within 14 days, by the same means.",
        24,
        _STATUTORY,
        (),
        "The law gives the right, whatever our policy says.",
        "Goods made to order, opened seals, or a business customer.",
    ),
    ExceptionEntry(
        "OTHER",
        "Other",
        "Quality",
        "Describe the case in a sentence. Quality reads every one and makes a code of what repeats.",
        24,
        _DISCRETIONARY,
        (_MESSAGE,),
        "No code fits, and the rationale says why.",
        "Any other code fits.",
    ),
)
