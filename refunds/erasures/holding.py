"""Legal holds: while one stands over a request, a customer or a team, nothing of theirs goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from approvals.guards import check_right
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import Customer, LegalHold, Order, RefundRequest
from refunds.permissions import customers_in_reach, holds_visible_to, visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a hold is over: one of the three."""

    customer_id: int | None = None
    request_id: UUID | None = None
    team_id: int | None = None


@transaction.atomic(durable=True)
def set_legal_hold(*, over: Held, matter: str, actor: User, at: datetime) -> LegalHold:
    """Keep everything of a request, a customer or a team until the hold is lifted.

    Takes the lock that erasing takes: what is set in time is seen, what comes later finds it gone.

    :raises NotPermitted: without the right
    :raises Refused: without a matter, for one that is known, or for something the actor does not know of
    """
    check_right(actor, "refunds.add_legalhold")
    matter = _checked(matter, "matter")
    target = _locked(over, actor)
    if LegalHold.objects.filter(**target, matter=matter).exists():
        raise Refused("refused", said("This matter holds this already, or did; a new hold needs its own."), "matter")
    hold = LegalHold.objects.create(**target, matter=matter, set_by=actor, set_at=at)
    _record(hold, "erasure.hold_set", "set a legal hold.", matter, actor, at)
    return hold


@transaction.atomic(durable=True)
def lift_legal_hold(*, hold_id: UUID, why: str, actor: User, at: datetime) -> LegalHold:
    """End a hold; what waited for it goes with the next night.

    :raises NotPermitted: without the right
    :raises Refused: without a reason
    :raises OutOfDate: when there is none, or it was lifted
    """
    check_right(actor, "refunds.change_legalhold")
    hold = holds_visible_to(actor).select_for_update(of=("self",)).filter(pk=hold_id, lifted_at=None).first()
    if hold is None:
        raise OutOfDate("lifted", said("This hold was lifted already."))
    hold.lifted_by, hold.lifted_at, hold.lifted_why = actor, at, _checked(why, "why")
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
    _record(hold, "erasure.hold_lifted", "lifted a legal hold.", hold.lifted_why, actor, at)
    return hold


def holds_over(customers: Iterable[Customer]) -> QuerySet[LegalHold]:
    """List the holds in force over customers, any of their requests, and any team they bought from."""
    ids = [one.pk for one in customers]
    return LegalHold.objects.filter(
        Q(customer__in=ids)
        | Q(refund_request__customer__in=ids)
        | Q(team__in=RefundRequest.objects.filter(customer__in=ids).values("team"))
        | Q(team__in=Order.objects.filter(customer__in=ids).values("team")),
        lifted_at=None,
    )


def holds_over_request(refund_request: RefundRequest) -> QuerySet[LegalHold]:
    """List the holds in force over a request, its customer or its team."""
    over = Q(refund_request=refund_request) | Q(team=refund_request.team_id)
    if refund_request.customer_id is not None:
        over |= Q(customer=refund_request.customer_id)
    return LegalHold.objects.filter(over, lifted_at=None)


def lock_teams(ids: Iterable[int]) -> None:
    """Let nobody set a hold over these teams until the transaction ends; new requests are not kept waiting."""
    list(Team.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _locked(over: Held, actor: User) -> dict[str, Customer | RefundRequest | Team]:
    if over.request_id is not None:
        seen = visible_to(actor).filter(pk=over.request_id)
        request = RefundRequest.objects.select_for_update(of=("self",)).filter(pk__in=seen).first()
        if request is not None:
            list(Customer.objects.select_for_update().filter(refund_requests=request).order_by("pk"))
            return {"refund_request": request}
    elif over.customer_id is not None:
        reach = customers_in_reach(actor).filter(pk=over.customer_id).values("pk")
        customer = Customer.objects.select_for_update().filter(pk__in=reach).first()
        if customer is not None:
            return {"customer": customer}
    elif over.team_id is not None and over.team_id in team_ids_of(actor):
        lock_teams([over.team_id])
        return {"team": Team.objects.get(pk=over.team_id)}
    raise Refused("unknown", said("There is no such request, customer or team of yours."), "over")


def _checked(words: str, field: str) -> str:
    words = " ".join(words.split())
    if not 0 < len(words) <= LONGEST:
        raise Refused("invalid", said("Say why in at most {most} characters, without names.", most=LONGEST), field)
    return words


def _record(hold: LegalHold, kind: str, sentence: str, words: str, actor: User, at: datetime) -> None:
    over = {"customer": hold.customer_id, "team": hold.team_id}
    data = {
        **{name: pk for name, pk in over.items() if pk is not None},
        **({"request": str(hold.refund_request_id)} if hold.refund_request_id is not None else {}),
        "why_sha256": ledger.salted_digest(hold.subject, words),
    }
    ledger.record(subject=hold.subject, kind=kind, actor=actor, at=at, sentence=sentence, data=data)
