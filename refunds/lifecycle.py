"""The one door through which a refund request changes its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django_fsm import TransitionNotAllowed

from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import inside, said
from evidence import ledger

from .models import Payment, RefundRequest
from .vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import Actor, User

    from .guards import Guard


def hold_locked(*, request_id: UUID) -> RefundRequest:
    """Lock a request for change, the payments of its order first, and answer it fresh from the database.

    Lock order everywhere: payment, request, route, step, operation. Nothing else may be locked before this.

    :raises RefundRequest.DoesNotExist: when there is none
    """
    return _held(request_id, "reason", "decision__version__policy")


def hold_for_money(*, request_id: UUID) -> RefundRequest:
    """Lock a request as `hold_locked` does, for what becomes of its money; its verdict is read where it is asked for.

    :raises RefundRequest.DoesNotExist: when there is none
    """
    return _held(request_id)


def hold_new(refund_request: RefundRequest) -> None:
    """Lock the payments behind a request that this transaction wrote; the row itself nobody else can see yet.

    What a payment has left was read without a lock until now, and is read again here.
    """
    of_order = Payment.objects.filter(order=refund_request.order_id) if refund_request.order_id else None
    _stand_on(refund_request, _locked(of_order))


def _held(request_id: UUID, *beside: str) -> RefundRequest:
    # All payments of the order, because its lines are counted once for all of them.
    payments = _locked(Payment.objects.filter(order__refund_requests=request_id))
    requests = RefundRequest.objects.select_for_update(of=("self",))
    refund_request = requests.select_related("order", "customer", "team", *beside).get(pk=request_id)
    _stand_on(refund_request, payments)
    return refund_request


def _locked(payments: QuerySet[Payment] | None) -> dict[int, Payment]:
    if not connection.in_atomic_block:
        message = "A refund request is locked inside a transaction or not at all."
        raise RuntimeError(message)
    if payments is None:
        return {}
    return {payment.pk: payment for payment in payments.select_for_update(of=("self",)).order_by("pk")}


def _stand_on(refund_request: RefundRequest, payments: dict[int, Payment]) -> None:
    if refund_request.payment_id is not None:
        refund_request.payment = payments[refund_request.payment_id]
    refund_request.held_payments = tuple(payments.values())
    refund_request.is_locked = True


def permission_of(verb: str) -> str:
    """Name the permission that speaking `verb` needs."""
    transitions = cast("Any", getattr(RefundRequest, verb))._django_fsm.transitions  # noqa: SLF001 - fsm has no public door
    return str(next(iter(transitions.values())).permission)


def check_may_speak(actor: Actor, verb: str) -> None:
    """Ask for the permission, before any state is looked at.

    :raises NotPermitted: naming the right that is missing
    """
    permission = permission_of(verb)
    if not actor.has_perm(permission):
        raise NotPermitted(
            "not_permitted",
            said(
                "{verb} needs the right “{right}”.",
                verb=verb.replace("_", " ").capitalize(),
                right=permission,
            ),
        )


def advance(
    refund_request: RefundRequest,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    sentence: str,
    data: Mapping[str, object] | None = None,
    columns: Mapping[str, object] | None = None,
    acting_for: User | None = None,
) -> None:
    """Move a locked request by one verb and put it on record.

    1. Ask the permission, then the state; set `columns`, then ask each guard, which may read them; refuse with a
       sentence.
    2. Run the transition.
    3. Save the row under its lock.
    4. Append to the ledger and publish the news `refund_request.<state>`.

    :raises NotPermitted: when the actor may not speak this verb
    :raises OutOfDate: when the request is not in a state that knows the verb
    :raises Refused: with the sentence of every guard that does not hold
    """
    if not refund_request.is_locked:
        message = f"{refund_request} must be locked before it may {verb}."
        raise RuntimeError(message)
    check_may_speak(actor, verb)
    check_knows(refund_request, verb)
    before = State(refund_request.state)
    for name, value in (columns or {}).items():
        setattr(refund_request, name, value)
    method = cast("Any", getattr(refund_request, verb))
    failed = [guard for guard in _guards(refund_request, verb) if not guard(refund_request)]
    if failed:
        raise Refused.of(Reason("refused", guard.sentence) for guard in failed)
    method(actor=actor, at=at)
    refund_request.updated_at = at
    refund_request.save()
    facts = {"from": before.value, "to": str(refund_request.state), "verb": verb, **(data or {})}
    ledger.record(
        subject=refund_request.subject,
        kind=f"refund_request.{NEWS[verb]}",
        actor=actor,
        acting_for=acting_for,
        at=at,
        sentence=sentence,
        data=facts,
    )


def check_knows(refund_request: RefundRequest, verb: str) -> None:
    """Ask whether the request is in a state that knows the verb.

    :raises OutOfDate: with what happened meanwhile
    """
    meta = cast("Any", getattr(RefundRequest, verb))._django_fsm  # noqa: SLF001 - fsm has no public door
    if not meta.has_transition(refund_request.state):
        label = inside(State(refund_request.state).label)
        raise OutOfDate(
            "out_of_date",
            said(
                "{reference} is {label} by now; it cannot be asked to {verb}.",
                reference=refund_request.reference,
                label=label,
                verb=verb.replace("_", " "),
            ),
        )


def _guards(refund_request: RefundRequest, verb: str) -> list[Guard]:
    meta = cast("Any", getattr(RefundRequest, verb))._django_fsm  # noqa: SLF001 - fsm has no public door
    found = meta.get_transition(refund_request.state)
    if found is None:
        raise TransitionNotAllowed(verb)
    return cast("list[Guard]", list(found.conditions))


NEWS = {
    "submit": "submitted",
    "approve_automatically": "approved",
    "approve": "approved",
    "route_to_approval": "routed",
    "grant_exception": "exception_granted",
    "refer": "referred",
    "block": "blocked",
    "ask": "asked",
    "hold": "held",
    "shield": "held",
    "release": "released",
    "recall": "recalled",
    "decline": "declined",
    "withdraw": "withdrawn",
    "expire": "expired",
    "start_processing": "processing",
    "retry": "retried",
    "propose_payout": "payout_proposed",
    "decline_payout": "payout_declined",
    "lapse_payout": "payout_lapsed",
    "confirm": "refunded",
    "fail": "failed",
    "reconcile": "reconciled",
    "unreconcile": "unreconciled",
}
"""The past participle each verb is told by."""
