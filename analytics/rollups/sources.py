"""The rows that facts are counted from: everything about some orders, in as many queries for one as for thousands."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Q

from approvals.vocabulary import Category
from evidence.models import LedgerEntry
from policies.models import GovernedAction
from policies.vocabulary import Explanation
from refunds.elsewhere import LEFT
from refunds.models import Dispute, Match, Operation, Payment, RefundRequest, ShopRefund, StatementLine
from refunds.models.refund_request import KIND as REQUEST
from refunds.reconciliation.explaining import REFUND_FAILURE
from refunds.vocabulary import DisputeKind, DisputeStatus, OperationState, State

from .hours import calendars_of
from .lives import Life, life_of, moves_of
from .promises import Signature, Told, signatures_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

GIVEN_BACK = (Category.REFUND, Category.GOODWILL_CREDIT)
"""The governed actions that give a customer money back."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of some orders; of movements only what left and is still gone.

    `elsewhere` holds actions with the part of each that left: what a shop tells again of a processor's refund is none.
    Requests and actions of no order that is known have the order None.
    """

    requests: dict[int | None, list[RefundRequest]]
    payments: dict[int, list[Payment]]
    lost_minor: dict[tuple[int, str], int]
    operations: dict[UUID, list[Operation]]
    fees: dict[UUID, dict[str, int]]
    returned: frozenset[str]
    elsewhere: dict[int | None, list[tuple[GovernedAction, int]]]
    lives: dict[UUID, Life] = field(default_factory=dict)
    signatures: dict[UUID, list[Signature]] = field(default_factory=dict)


def read_sources(order_ids: Collection[int], loose: Collection[UUID] = ()) -> Sources:
    """Read everything about these orders, and these requests and actions that are of no known order."""
    requests: dict[int | None, list[RefundRequest]] = defaultdict(list)
    wanted = Q(order__in=order_ids) | Q(order__isnull=True, pk__in=loose)
    submitted = RefundRequest.objects.filter(wanted, submitted_at__isnull=False)
    for request in submitted.select_related("order", "customer", "payment", "decision__version").order_by("pk"):
        requests[request.order_id].append(request)
    ids = [request.pk for several in requests.values() for request in several]
    told, teams = _told(ids), {one.pk: one.team_id for several in requests.values() for one in several}
    payments: dict[int, list[Payment]] = defaultdict(list)
    for payment in Payment.objects.filter(order__in=order_ids).order_by("pk"):
        payments[payment.order_id].append(payment)
    operations: dict[UUID, list[Operation]] = defaultdict(list)
    for operation in Operation.objects.filter(refund_request__in=ids).order_by("created_at", "pk"):
        operations[operation.refund_request_id].append(operation)
    return Sources(
        requests=requests,
        payments=payments,
        lost_minor=_lost(order_ids),
        operations=operations,
        fees=_fees(ids),
        returned=_returned(one for several in operations.values() for one in several),
        elsewhere=_elsewhere(order_ids, payments, loose),
        lives=_lives(told, teams),
        signatures=signatures_of(told),
    )


def order_of_actions(action_ids: Collection[UUID]) -> dict[UUID, int | None]:
    """Find the order each action is about, by the shop that told of it or by the payment it names."""
    found: dict[UUID, int | None] = dict.fromkeys(action_ids)
    actions = list(GovernedAction.objects.filter(pk__in=action_ids, category__in=GIVEN_BACK))
    named = Payment.objects.filter(external_id__in=[action.about for action in actions if action.about])
    orders = {(one.gateway, one.external_id, one.currency): one.order_id for one in named}
    for action in actions:
        found[action.pk] = orders.get((action.gateway, action.about, action.currency))
    told = ShopRefund.objects.filter(action__in=action_ids).values_list("action_id", "order_id")
    return {**found, **dict(told)}


def _lost(order_ids: Collection[int]) -> dict[tuple[int, str], int]:
    lost: dict[tuple[int, str], int] = defaultdict(int)
    rows = Dispute.objects.filter(
        payment__order__in=order_ids, kind=DisputeKind.CHARGEBACK, status=DisputeStatus.LOST
    ).values_list("payment__order_id", "currency", "amount_minor")
    for order_id, currency, minor in rows:
        lost[order_id, currency] += minor
    return lost


def _fees(request_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Add up what statements say the refunds themselves cost; a line that is several refunds counts once."""
    fees: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = (
        Match.objects.filter(
            operation__refund_request__in=request_ids, operation__refund_request__state=State.RECONCILED
        )
        .exclude(line__fee_minor=0)
        .order_by("line_id", "operation_id")
        .values_list("operation__refund_request_id", "line_id", "line__currency", "line__fee_minor")
    )
    first_of = dict(
        Match.objects.filter(line__in={row[1] for row in rows})
        .order_by("line_id", "-operation_id")
        .values_list("line_id", "operation__refund_request_id")
    )
    for request_id, line_id, currency, minor in rows:
        if first_of[line_id] == request_id:
            fees[request_id][currency] += minor
    return fees


def _returned(operations: Iterable[Operation]) -> frozenset[str]:
    """Name the operations that failed after they had succeeded and stand on a statement as come back."""
    late = [one for one in operations if has_failed_late(one)]
    if not late:
        return frozenset()
    by_source = {str(one.external_id): str(one.pk) for one in late if one.external_id}
    lines = StatementLine.objects.filter(
        Q(operation_ref__in=[str(one.pk) for one in late]) | Q(source_id__in=list(by_source)),
        category=REFUND_FAILURE,
    ).values_list("operation_ref", "source_id")
    return frozenset(ref or by_source.get(source, "") for ref, source in lines)


def has_failed_late(operation: Operation) -> bool:
    """Whether it came back after the processor had said that it went out."""
    return operation.state == OperationState.FAILED and operation.succeeded_at is not None


def _elsewhere(
    order_ids: Collection[int], payments: dict[int, list[Payment]], loose: Collection[UUID]
) -> dict[int | None, list[tuple[GovernedAction, int]]]:
    told = dict(
        ShopRefund.objects.filter(order__in=order_ids, action__isnull=False).values_list("action_id", "order_id")
    )
    known = {
        (one.gateway, one.external_id, one.currency): order_id for order_id, some in payments.items() for one in some
    }
    wanted = Q(pk__in=[*told, *loose]) | Q(about__in=[external_id for _, external_id, _ in known])
    gone = (
        GovernedAction.objects.filter(LEFT, wanted, category__in=GIVEN_BACK, occurred_at__isnull=False)
        .exclude(explanation=Explanation.MIRROR)
        .select_related("decision__version")
        .order_by("occurred_at", "pk")
    )
    by_processor: dict[int | None, list[GovernedAction]] = defaultdict(list)
    by_shop: dict[int, list[GovernedAction]] = defaultdict(list)
    for action in gone:
        named = known.get((action.gateway, action.about, action.currency))
        if action.pk in told:
            by_shop[told[action.pk]].append(action)
        elif named is not None:
            by_processor[named].append(action)
        elif action.pk in loose:
            by_processor[None].append(action)
    found = {order: [(one, one.amount_minor) for one in some] for order, some in by_processor.items()}
    for order, some in by_shop.items():
        found[order] = [*found.get(order, []), *_beyond(some, found.get(order, []))]
    return found


def _beyond(told: list[GovernedAction], shown: list[tuple[GovernedAction, int]]) -> list[tuple[GovernedAction, int]]:
    """Take off what a shop tells what the processor showed of the same order already, the oldest first."""
    left: dict[str, int] = defaultdict(int)
    for action, minor in shown:
        left[action.currency] += minor
    found = []
    for action in told:
        same = min(left[action.currency], action.amount_minor)
        left[action.currency] -= same
        if action.amount_minor > same:
            found.append((action, action.amount_minor - same))
    return found


def _lives(told: dict[UUID, list[Told]], teams: dict[UUID, int]) -> dict[UUID, Life]:
    calendars = calendars_of(set(teams.values()))
    return {
        key: life_of(
            moves_of([one.data for one in some], [one.at for one in some]), partial(calendars.hours_of, teams[key])
        )
        for key, some in told.items()
    }


def _told(request_ids: Collection[UUID]) -> dict[UUID, list[Told]]:
    told: dict[UUID, list[Told]] = defaultdict(list)
    rows = (
        LedgerEntry.objects.filter(subject_kind=REQUEST, subject_id__in=request_ids)
        .order_by("subject_id", "seq")
        .values_list("subject_id", "kind", "actor_id", "payload", "at")
    )
    for subject_id, kind, actor_id, payload, at in rows:
        told[subject_id].append(Told(kind, actor_id is None, json.loads(payload)["data"], at))
    return told
