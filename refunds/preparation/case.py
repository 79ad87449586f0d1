"""Everything the finders look at, gathered at once: one query for each kind of record, whatever their number."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q

from evidence.attachments import kinds_of
from evidence.reuse import reuses_of
from refunds.models import Customer, RefundRequest
from refunds.permissions import visible_to
from refunds.vocabulary import State

from .base import Source

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from evidence.vocabulary import Likelihood
    from refunds.models import Order, RefundLine

MOST_OTHERS = 200
"""Other requests that are looked at, the newest first: the price must not grow with the years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request and what lies around it.

    `others` are requests of the same person (the same customer, or the same e-mail address in another channel), on the
    same order, or with the same photo. Of those that are not in `shown` only numbers may be told.
    """

    refund_request: RefundRequest
    lines: tuple[RefundLine, ...]
    others: tuple[RefundRequest, ...]
    shown: frozenset[UUID]
    person_ids: frozenset[int]
    order_count: int
    proof_kinds: frozenset[str]
    reuses: dict[UUID, Likelihood]
    asked_at: datetime

    @property
    def of_the_person(self) -> tuple[RefundRequest, ...]:
        """The other requests of the same person."""
        return tuple(other for other in self.others if other.customer_id in self.person_ids)

    @property
    def inputs_sha256(self) -> str:
        """Tell two looks at the same facts from two at different ones."""
        own = self.refund_request
        seen = {
            "request": [str(own.pk), own.reason_id, own.category, own.currency, own.requested_minor],
            "decision": str(own.decision_id),
            "order": [*_days_of(own.order), self.order_count],
            "lines": [[line.order_line.line, line.quantity, line.condition, line.amount_minor] for line in self.lines],
            "others": sorted([str(other.pk), str(other.state), other.amount_minor] for other in self.others),
            "proofs": sorted(self.proof_kinds),
            "photos": sorted([str(pk), str(likelihood)] for pk, likelihood in self.reuses.items()),
        }
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()

    def source(self, other: RefundRequest, field: str) -> Source | None:
        """Name another request as a source; None where it may not be told."""
        return Source(other.reference, field, other.get_absolute_url()) if other.pk in self.shown else None


def _days_of(order: Order | None) -> list[str]:
    return [] if order is None else [str(order.placed_at), str(order.delivered_at)]


def case_of(refund_request: RefundRequest, *, viewer: User | None, at: datetime) -> Case:
    """Gather what lies around a request. Without a viewer, for the record, requests of other teams are not told."""
    order_counts = _order_counts(refund_request.customer)
    person_ids = frozenset(order_counts)
    proof_kinds = kinds_of(refund_request.subject)
    reuses = reuses_of(refund_request.subject) if proof_kinds else {}
    others = tuple(_others(refund_request, person_ids, set(reuses), viewer))
    return Case(
        refund_request=refund_request,
        lines=tuple(refund_request.lines.all()),
        others=others,
        shown=frozenset(other.pk for other in others if other.is_shown),
        person_ids=person_ids,
        order_count=sum(order_counts.values()),
        proof_kinds=proof_kinds,
        reuses=reuses,
        asked_at=refund_request.submitted_at or at,
    )


def _order_counts(customer: Customer | None) -> dict[int, int]:
    """Count the orders of each row that is the same person: what was written as the same address is."""
    if customer is None:
        return {}
    same = Q(email=customer.email) if customer.email else Q(pk=customer.pk)
    rows = Customer.objects.filter(same).order_by().annotate(order_count=Count("orders"))
    return dict(rows.values_list("pk", "order_count"))


def _others(own: RefundRequest, person_ids: frozenset[int], photo_ids: set[UUID], viewer: User | None) -> list[Any]:
    around = Q(customer_id__in=person_ids) | Q(pk__in=photo_ids)
    if own.order_id is not None:
        around |= Q(order_id=own.order_id)
    told = RefundRequest.objects.filter(team=own.team_id) if viewer is None else visible_to(viewer)
    found = (
        RefundRequest.objects.filter(around, submitted_at__isnull=False)
        .exclude(pk=own.pk)
        .exclude(state=State.INTAKE)
        .select_related("order")
        .prefetch_related("lines")
        .annotate(is_shown=Exists(told.filter(pk=OuterRef("pk"))))
    )
    return list(found.order_by("-submitted_at", "-pk")[:MOST_OTHERS])
