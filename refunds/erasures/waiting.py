"""What an erasure waits for, in sentences: an open request, money on its way, a hold, a period that still runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from config.kernel.wording import inside, said
from evidence.models import CustomerMessage
from refunds.models import RefundRequest

from .holding import holds_over, holds_over_request
from .retention import is_over, letters_until, rule_for, substantiates_voucher, texts_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from refunds.models import Customer

DUTY = said("A duty to keep them, Art. 17(3)(b) GDPR")
DEFENCE = said("A claim may still be brought, Art. 17(3)(e) GDPR")


@dataclass(frozen=True, slots=True)
class Wait:
    """One reason why something is still there; `until` is its last day plus one, None where nobody knows.

    `outside` is what a customer may read of it, where that is less.
    """

    what: str
    why: str
    until: date | None
    outside: str = ""


def open_requests(customers: Sequence[Customer]) -> list[RefundRequest]:
    """List the requests that are not over: while there is one, its customer must be reachable."""
    return [one for one in _requests(customers) if not is_over(one)]


def waits_of(customers: Sequence[Customer], *, on: date) -> list[Wait]:
    """List everything that keeps something of these customers on a day."""
    waits = []
    for request in _requests(customers):
        if not is_over(request):
            state = inside(request.get_state_display())
            why = said("It is not over ({state}); its customer must be reachable.", state=state)
            waits.append(Wait(request.reference, why, None))
            continue
        rule = rule_for(request.team.slug)
        texts, letters = texts_until(request), letters_until(request)
        if texts > on and not _is_erased(request):
            ground = DUTY if substantiates_voucher(request) else DEFENCE
            what = said("{reference}: texts and files", reference=request.reference)
            waits.append(Wait(what, said("{ground}: {reason}.", ground=ground, reason=rule.reason), texts))
        if letters > on and letters_left(request):
            what = said("{reference}: letters", reference=request.reference)
            waits.append(Wait(what, said("{ground}: {reason}.", ground=DUTY, reason=rule.reason), letters))
    waits += [
        Wait(
            said("Legal hold {matter}", matter=hold.matter),
            said("Everything it is over stays until it is lifted."),
            None,
            said("A legal hold"),
        )
        for hold in holds_over(customers)
    ]
    return waits


def due_on(customers: Sequence[Customer]) -> date | None:
    """Name the day from which nothing is kept; None while a request lives or nothing is kept at all."""
    days = []
    for request in _requests(customers):
        if not is_over(request):
            return None
        if not _is_erased(request):
            days.append(texts_until(request))
        if letters_left(request):
            days.append(letters_until(request))
    return max(days, default=None)


def letters_left(request: RefundRequest) -> bool:
    """Tell whether a letter about a request still has words."""
    return CustomerMessage.objects.filter(
        subject_kind=request.subject.kind, subject_id=request.pk, erased_at=None
    ).exists()


def is_held(request: RefundRequest) -> bool:
    """Tell whether a legal hold is over a request."""
    return holds_over_request(request).exists()


def _is_erased(request: RefundRequest) -> bool:
    return getattr(request, "tombstone", None) is not None


def _requests(customers: Sequence[Customer]) -> list[RefundRequest]:
    found = RefundRequest.objects.filter(Q(customer__in=[one.pk for one in customers]))
    return list(found.select_related("team", "tombstone").order_by("created_at", "pk"))
