"""Reading the rows for one look at some teams: a fixed number of queries, however many rows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, F, Min, Q

from evidence.models import AttachmentReuse
from evidence.vocabulary import SHOWN_STATES, Likelihood
from refunds.models import Order, RefundRequest
from refunds.models.refund_request import KIND
from refunds.vocabulary import DISPUTE_STANDS, State

from .accounts import identities_behind
from .decided import decisions_on
from .limits_in_force import limits_then
from .rows import Asked, Disputed, Observed, SharedPhoto

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from .identity import Identity

MOST_REQUESTS = 20_000
"""Of more in one team, the newest are looked at, and the page says from when."""


def observe(*, teams: Collection[int], from_at: datetime, to_at: datetime, most: int = MOST_REQUESTS) -> Observed:
    """Read what was submitted to these teams from one moment up to another."""
    asked = RefundRequest.objects.filter(
        team_id__in=teams, submitted_at__gte=from_at, submitted_at__lt=to_at
    ).order_by()
    oldest = asked.order_by("-submitted_at", "-pk").values_list("submitted_at", flat=True)[most : most + 1].first()
    is_cut = oldest is not None
    if oldest is not None:
        from_at = oldest + timedelta(microseconds=1)
        asked = asked.filter(submitted_at__gte=from_at)
    who = identities_behind(asked)
    requests = _requests(asked, who, to_at)
    known = {one.id: one for one in requests}
    orders = Order.objects.filter(
        team_id__in=teams, customer__isnull=False, placed_at__gte=from_at, placed_at__lt=to_at
    )
    totals = orders.aggregate(orders=Count("pk"), customers=Count("customer", distinct=True))
    return Observed(
        from_at=from_at,
        to_at=to_at,
        is_cut=is_cut,
        requests=requests,
        decisions=decisions_on(asked, known),
        orders_of=_orders_of(orders, asked, who),
        order_count=totals["orders"],
        identity_count=totals["customers"],
        linked={one.id: one for one in who.values() if one.account_count > 1},
        disputed=_disputed(asked, known),
        photos=_photos(known),
    )


def _requests(asked: QuerySet[RefundRequest], who: Mapping[int, Identity], to_at: datetime) -> list[Asked]:
    limits = limits_then(set(asked.exclude(decision=None).values_list("decision__version", flat=True).distinct()))
    rows = asked.order_by("submitted_at", "pk").values(
        "pk",
        "team_id",
        "requested_by_id",
        "customer_id",
        "order_id",
        "currency",
        "requested_minor",
        "approved_minor",
        "decision__allowed_minor",
        "decision__version_id",
        "category",
        "decided_at",
        "reason_id",
        "exception_code",
        "submitted_at",
        "created_at",
        "refunded_at",
        "state",
    )
    return [
        Asked(
            id=row["pk"],
            team_id=row["team_id"],
            agent_id=row["requested_by_id"],
            customer=home.id if (home := who.get(row["customer_id"])) else None,
            order_id=row["order_id"],
            currency=row["currency"],
            amount_minor=row["requested_minor"] if row["approved_minor"] is None else row["approved_minor"],
            allowed_minor=row["decision__allowed_minor"],
            reason=row["reason_id"] or "",
            exception_code=row["exception_code"],
            submitted_at=row["submitted_at"] or row["created_at"],
            refunded_at=row["refunded_at"],
            is_decided=row["state"] == State.DECLINED or row["approved_minor"] is not None,
            is_declined=row["state"] == State.DECLINED,
            limits=limits.on(
                team_id=row["team_id"],
                category=row["category"],
                currency=row["currency"],
                version_id=row["decision__version_id"],
                at=row["decided_at"] or to_at,
            ),
        )
        for row in rows
    ]


def _orders_of(orders: QuerySet[Order], asked: QuerySet[RefundRequest], who: Mapping[int, Identity]) -> dict[int, int]:
    counted = Counter[int]()
    rows = orders.filter(customer__in=asked.values("customer")).order_by().values_list("customer")
    for customer, count in rows.annotate(count=Count("pk")):
        # Who asked for the first time while this was read is in the next reading.
        if customer in who:
            counted[who[customer].id] += count
    return dict(counted)


def _disputed(asked: QuerySet[RefundRequest], known: Mapping[UUID, Asked]) -> list[Disputed]:
    rows = (
        asked.filter(payment__disputes__opened_at__lt=F("refunded_at"), payment__disputes__status__in=DISPUTE_STANDS)
        .values_list("pk")
        .annotate(opened_at=Min("payment__disputes__opened_at"))
        .order_by("opened_at", "pk")
    )
    return [Disputed(pk, opened_at) for pk, opened_at in rows if pk in known]


def _photos(known: Mapping[UUID, Asked]) -> list[SharedPhoto]:
    surest = [Likelihood.EXACT, Likelihood.LIKELY]
    rows = AttachmentReuse.objects.filter(
        Q(later__subject_kind=KIND, earlier__subject_kind=KIND),
        likelihood__in=surest,
        later__scan_state__in=SHOWN_STATES,
        earlier__scan_state__in=SHOWN_STATES,
        later__subject_id__in=known,
    ).exclude(later__subject_id=F("earlier__subject_id"))
    pairs = rows.order_by("later__added_at", "pk").values_list("earlier__subject_id", "later__subject_id", "likelihood")
    return [SharedPhoto(*pair) for pair in pairs if pair[0] in known]
