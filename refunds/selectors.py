"""What people read of refunds: noun phrases, each for a viewer, each in a stable order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, Func, OuterRef, Prefetch, Q, Value
from django.db.models.fields import BooleanField

from approvals.vocabulary import Category
from config.kernel.people import team_ids_of, teams_of
from config.kernel.wording import said
from evidence.models import Attachment

from .models import DeliveryProof, Dispute, Helpdesk, Operation, ProposalCall, RefundLine, TicketLink
from .models.refund_request import KIND
from .named import orders_by_words, requests_by_words
from .permissions import orders_visible_to, visible_to
from .vocabulary import State

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .models import Order, RefundRequest

PAGE = 50
COUNT_UP_TO = 100

WAITING = (
    State.POLICY_CHECK,
    State.EXCEPTION_REVIEW,
    State.AWAITING_APPROVAL,
    State.ON_HOLD,
    State.APPROVED,
    State.PROCESSING,
)
NEEDS_AGENT = (State.INTAKE, State.NEEDS_INFO, State.FAILED)
OVER = (State.REFUNDED, State.RECONCILED, State.DECLINED, State.BLOCKED, State.WITHDRAWN, State.EXPIRED)

TABS = {"needs_me": said("Needs me"), "waiting": said("Waiting"), "decided": said("Decided"), "all": said("All")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """Which requests somebody wants to see; every field lives in the address."""

    tab: str = "all"
    is_mine: bool = False
    text: str = ""
    state: str = ""
    reason: str = ""
    exception_code: str = ""
    outcome: str = ""
    currency: str = ""
    team: str = ""
    refunded_from: date | None = None
    refunded_to: date | None = None
    before_created_at: datetime | None = None
    before_id: UUID | None = None


def refund_requests(viewer: User, wanted: RequestFilter) -> QuerySet[RefundRequest]:
    """Select requests newest first, after the keyset of the filter."""
    requests = visible_to(viewer)
    states = {"needs_me": NEEDS_AGENT, "waiting": WAITING, "decided": OVER}.get(wanted.tab)
    if states:
        requests = requests.filter(state__in=states)
    if wanted.is_mine:
        requests = requests.filter(requested_by=viewer)
    exact = {
        "state": wanted.state,
        "reason_id": wanted.reason,
        "exception_code": wanted.exception_code,
        "decision__outcome": wanted.outcome,
        "currency": wanted.currency,
        "team__slug": wanted.team,
    }
    requests = requests.filter(**{field: value for field, value in exact.items() if value})
    if wanted.text:
        requests = requests.filter(pk__in=requests_by_words(wanted.text))
    if wanted.refunded_from is not None:
        requests = requests.filter(refunded_at__gte=_midnight(wanted.refunded_from))
    if wanted.refunded_to is not None:
        requests = requests.filter(refunded_at__lt=_midnight(wanted.refunded_to + timedelta(days=1)))
    if wanted.before_created_at is not None and wanted.before_id is not None:
        row = Func(F("created_at"), F("id"), function="ROW")
        last = Func(Value(wanted.before_created_at), Value(wanted.before_id), function="ROW")
        requests = requests.filter(
            Q(Func(row, last, template="%(expressions)s", arg_joiner=" < ", output_field=BooleanField()))
        )
    return requests.select_related("customer", "order", "reason", "team", "requested_by", "route").order_by(
        "-created_at", "-id"
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def exceptions_waiting(viewer: User) -> QuerySet[RefundRequest]:
    """Select what waits for a policy reviewer, oldest first."""
    return (
        visible_to(viewer)
        .filter(state=State.EXCEPTION_REVIEW)
        .select_related("customer", "order", "reason", "team", "requested_by", "decision")
        .order_by("submitted_at", "id")
    )


def exceptions_waiting_count(viewer: User) -> int:
    """Count them up to `COUNT_UP_TO`."""
    return len(visible_to(viewer).filter(state=State.EXCEPTION_REVIEW).values_list("pk", flat=True)[:COUNT_UP_TO])


def request_page(viewer: User, reference: str) -> RefundRequest | None:
    """Find one request with everything its page shows that is one-to-one."""
    found = (
        visible_to(viewer)
        # No more tables than these: with the team and three people more PostgreSQL thinks ten times as long about the
        # order of the joins, and far longer than it then reads.
        .select_related(
            "order",
            "customer",
            "tombstone__erasure",
            "payment",
            "reason",
            "decision__version__policy",
            "route",
            "requested_by",
        )
        .prefetch_related(
            "reviewed_by",
            "approved_by",
            "declined_by",
            Prefetch("lines", RefundLine.objects.select_related("order_line")),
        )
        .annotate(
            is_disputed=Exists(Dispute.objects.filter(payment=OuterRef("payment"))),
            has_delivery_proofs=Exists(DeliveryProof.objects.filter(order=OuterRef("order"))),
            has_files=Exists(Attachment.objects.filter(subject_kind=KIND, subject_id=OuterRef("pk"))),
            has_operations=Exists(Operation.objects.filter(refund_request=OuterRef("pk"))),
            has_proposals=Exists(ProposalCall.objects.filter(refund_request=OuterRef("pk"))),
            has_helpdesks=Exists(
                Helpdesk.objects.filter(Q(team=None) | Q(team__in=team_ids_of(viewer)), is_active=True)
            ),
            has_tickets=Exists(TicketLink.objects.filter(refund_request=OuterRef("pk"))),
        )
        .filter(reference=reference)
        .first()
    )
    if found is not None:
        found.team = next(team for team in teams_of(viewer) if team.pk == found.team_id)
    return found


def orders_found(viewer: User, text: str) -> list[Order]:
    """Find orders by number, customer, e-mail, charge or last four digits; at most 25, newest first."""
    words = text.strip()
    if not words:
        return []
    orders = orders_visible_to(viewer).filter(pk__in=orders_by_words(words)).select_related("customer", "team")
    return list(orders.prefetch_related("payments").order_by("-placed_at", "-pk")[:25])


def own_draft(viewer: User, order: Order) -> RefundRequest | None:
    """Find the draft of a refund that this person left on an order."""
    return (
        visible_to(viewer)
        .filter(order=order, category=Category.REFUND, requested_by=viewer, state=State.INTAKE)
        .order_by("-updated_at", "-pk")
        .first()
    )


def open_requests_of(order: Order) -> list[RefundRequest]:
    """List what was asked on an order before, newest first, drafts left out."""
    return list(
        order.refund_requests.exclude(state=State.INTAKE).select_related("reason").order_by("-created_at", "-pk")[:20]
    )
