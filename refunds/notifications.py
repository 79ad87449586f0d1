"""What the customer is told, and when: composed here, written and kept by evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from approvals.models import ApprovalDecision
from config.kernel.wording import said
from evidence.letters.composing import Composed, compose_from, lacks_text_in, language_for
from evidence.letters.editions import editions_in_use
from evidence.messages import WRITER, drop_waiting, write_message
from evidence.vocabulary import Event, Language

from .expected_timing import expected_for
from .store_credits import balance_of
from .vocabulary import Method, State

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.money import Money

    from .models import RefundRequest

LOCALES = {Language.ENGLISH: "en_GB", Language.GERMAN: "de_DE"}

SOMEBODY = {Language.ENGLISH: "customer", Language.GERMAN: "liebe Kundin, lieber Kunde"}
"""How somebody is greeted whose name we do not know."""

DESTINATIONS = {
    "card": {Language.ENGLISH: "to the card ending in {}", Language.GERMAN: "auf die Karte mit den Endziffern {}"},
    Method.ORIGINAL: {
        Language.ENGLISH: "the way you paid",
        Language.GERMAN: "auf dem Weg, auf dem Sie bezahlt haben",
    },
    Method.STORE_CREDIT: {Language.ENGLISH: "as store credit", Language.GERMAN: "als Guthaben im Shop"},
    Method.BANK_TRANSFER: {Language.ENGLISH: "by bank transfer", Language.GERMAN: "per Überweisung"},
}


_YES_AND_NO = {False: (Event.APPROVED, Event.DECLINED), True: (Event.GOODWILL, Event.NO_GOODWILL)}


def tell_approved(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the refund was approved and when to expect it; an exception is read by somebody else first.

    Of another way it tells that the first payment came back, and how the money comes now. A goodwill credit is told of
    once it is given, which is at once.
    """
    if refund_request.is_goodwill:
        return
    deciders = _deciders_of(refund_request) if refund_request.exception_code else None
    event = Event.APPROVED if refund_request.payout_id is None else Event.OTHER_WAY
    _write(refund_request, event, at, deciders)


def tell_declined(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the refund was declined, which ends what was to be said before; somebody else reads it first."""
    drop_waiting(subject=refund_request.subject, actor=WRITER, at=at)
    event = Event.NO_GOODWILL if refund_request.is_goodwill else Event.DECLINED
    _write(refund_request, event, at, _deciders_of(refund_request))


def tell_paid(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the money is on its way back; of store credit, how much there is now."""
    if refund_request.method == Method.STORE_CREDIT and refund_request.customer is not None:
        balance = balance_of(refund_request.customer, refund_request.currency)
        if refund_request.is_goodwill:
            deciders = _deciders_of(refund_request) if refund_request.exception_code else None
            _write(refund_request, Event.GOODWILL, at, deciders, balance=balance)
        else:
            _write(refund_request, Event.CREDITED, at, balance=balance)
    else:
        _write(refund_request, Event.PAID, at)


def tell_reference(refund_request: RefundRequest, acquirer_reference: str, *, at: datetime) -> None:
    """Write by which reference the customer's bank finds the refund."""
    _write(refund_request, Event.TRACEABLE, at, acquirer_reference=acquirer_reference)


def tell_failed(refund_request: RefundRequest, *, at: datetime) -> None:
    """Write that the money came back to us and we will be in touch; of goodwill nobody was told yet."""
    if refund_request.is_goodwill:
        return
    _write(refund_request, Event.FAILED, at)


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer would tell the customer: the answer, the text, and whether somebody else reads it first.

    `wanted` is the language the customer reads, where there is no text in it.
    """

    answer: str
    composed: Composed
    is_read_first: bool
    wanted: str = ""

    @property
    def language(self) -> str:
        """The language it is in."""
        return str(Language(self.composed.edition.language).label)


def previews(refund_request: RefundRequest) -> list[Told]:
    """Compose what the customer would be told by a yes and by a no, without writing it."""
    spoken = language_of(refund_request)
    language = language_for(spoken)
    words = _words(refund_request, language)
    wanted = spoken if lacks_text_in(spoken) else ""
    if refund_request.is_about_payout:
        edition = editions_in_use([Event.OTHER_WAY], language)[Event.OTHER_WAY]
        return [Told(said("If you approve:"), compose_from(edition, words), False, wanted)]
    granted, refused = _YES_AND_NO[refund_request.is_goodwill]
    if refund_request.is_goodwill and refund_request.customer is not None:
        balance = balance_of(refund_request.customer, refund_request.currency) + refund_request.amount
        words["balance"] = balance.format(LOCALES[language])
    editions = editions_in_use([granted, refused], language)
    is_exception = bool(refund_request.exception_code) or refund_request.state == State.EXCEPTION_REVIEW
    yes = (
        said("Once the exception is signed for:")
        if refund_request.state == State.EXCEPTION_REVIEW
        else said("If you approve:")
    )
    return [
        Told(yes, compose_from(editions[granted], words), is_exception, wanted),
        Told(said("If you decline:"), compose_from(editions[refused], words), True, wanted),
    ]


def language_of(refund_request: RefundRequest) -> str:
    """Name the language the shop told us the customer reads, as a BCP 47 tag; empty when nobody said."""
    return refund_request.customer.language if refund_request.customer is not None else ""


def _deciders_of(refund_request: RefundRequest) -> frozenset[int]:
    """Name everybody who granted, signed or declined it, and for whom."""
    named = {refund_request.reviewed_by_id, refund_request.approved_by_id, refund_request.declined_by_id}
    if refund_request.route_id is not None:
        signed = ApprovalDecision.objects.filter(route_id=refund_request.route_id)
        named.update(*signed.values_list("decided_by_id", "acting_for_id"))
    return frozenset(person for person in named if person is not None)


def _words(refund_request: RefundRequest, language: Language, acquirer_reference: str = "") -> dict[str, str]:
    """Give every word a text may use, in the customer's language."""
    return {
        "amount": refund_request.amount.format(LOCALES[language]),
        "order": refund_request.order.external_id if refund_request.order is not None else "",
        "reference": refund_request.reference,
        "customer": str(refund_request.customer or SOMEBODY[language]),
        "team": refund_request.team.name,
        "expected": expected_for(refund_request).sentence(language),
        "destination": _destination(refund_request, language),
        "acquirer_reference": acquirer_reference,
    }


def _destination(refund_request: RefundRequest, language: Language) -> str:
    payment, payout = refund_request.payment, refund_request.payout
    method = refund_request.method if payout is None else payout.method
    last4 = payment.last4 if payment is not None and method == Method.ORIGINAL else ""
    return DESTINATIONS["card" if last4 else Method(method)][language].format(last4)


def _write(
    refund_request: RefundRequest,
    event: Event,
    at: datetime,
    decider_ids: frozenset[int] | None = None,
    *,
    acquirer_reference: str = "",
    balance: Money | None = None,
) -> None:
    customer, spoken = refund_request.customer, language_of(refund_request)
    language = language_for(spoken)
    words = _words(refund_request, language, acquirer_reference)
    if balance is not None:
        words["balance"] = balance.format(LOCALES[language])
    write_message(
        subject=refund_request.subject,
        team=refund_request.team,
        template=event,
        to=customer.email if customer is not None else "",
        customer=words["customer"],
        language=spoken,
        reference=refund_request.reference,
        page=refund_request.get_absolute_url(),
        merge=words,
        decider_ids=decider_ids,
        at=at,
    )
