"""Builders of refunds that already went out, for tests of the books: rows as the verbs would have left them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile

from config.kernel.ids import new_id, spoken_reference
from config.kernel.people import Team, User, assign_to_teams
from refunds.models import Operation, Order, Payment, RefundRequest
from refunds.vocabulary import OperationState, State
from tests.harness.people import without

if TYPE_CHECKING:
    from policies.models import ReasonCode

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONEY_STATES = {State.APPROVED, State.PROCESSING, State.REFUNDED, State.RECONCILED, State.FAILED}

_numbers = count(1)


def team_called(slug: str, currency: str = "GBP") -> Team:
    """Find or make a team."""
    return Team.objects.get_or_create(slug=slug, defaults={"name": slug.capitalize(), "currency": currency})[0]


def person_with(username: str, *rights: str, teams: tuple[Team, ...] = ()) -> User:
    """Make a person who works for `teams` and holds `rights` such as `refunds.view_statement`."""
    person = User.objects.create_user(username)
    for right in rights:
        label, codename = right.split(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=label, codename=codename))
    assign_to_teams(user=person, teams=teams)
    return User.objects.get(pk=person.pk)


def request_in(
    state: State,
    *,
    team: Team,
    amount_minor: int = 2220,
    currency: str = "",
    reason: ReasonCode | None = None,
    requested_by: User | None = None,
    refunded_at: datetime = NOON,
) -> RefundRequest:
    """Make a request in a state, on an order and a payment of its own."""
    currency = currency or team.currency
    number = next(_numbers)
    order = Order.objects.create(
        channel="shop", external_id=f"o-{number}", team=team, placed_at=NOON, currency=currency
    )
    payment = Payment.objects.create(
        order=order,
        gateway="stripe",
        external_id=f"pi_{number}",
        currency=currency,
        captured_minor=amount_minor,
        captured_at=NOON,
    )
    agent = requested_by or User.objects.get_or_create(username="agent")[0]
    is_paid = state in {State.REFUNDED, State.RECONCILED}
    return RefundRequest.objects.create(
        reference=spoken_reference("RR", 5000 + number),
        state=state,
        team=team,
        order=order,
        payment=payment,
        currency=currency,
        requested_minor=amount_minor,
        approved_minor=amount_minor if state in MONEY_STATES else None,
        reason=reason,
        requested_by=agent,
        created_at=NOON,
        updated_at=NOON,
        refunded_at=refunded_at if is_paid else None,
        reconciled_at=refunded_at if state == State.RECONCILED else None,
    )


def operation_of(
    refund_request: RefundRequest, state: OperationState = OperationState.SUCCEEDED, *, created_at: datetime = NOON
) -> Operation:
    """Write down the instruction that moved, or moves, this request's money, which nobody approved."""
    operation_id = new_id()
    payment = refund_request.payment
    assert payment is not None
    with without("refunds.Operation:operation_is_approved"):
        return Operation.objects.create(
            id=operation_id,
            refund_request=refund_request,
            payment=payment,
            gateway="stripe",
            state=state,
            amount_minor=refund_request.amount_minor,
            currency=refund_request.currency,
            idempotency_key=f"op-{operation_id}-1",
            next_try_at=created_at,
            created_at=created_at,
            succeeded_at=refund_request.refunded_at if state == OperationState.SUCCEEDED else None,
        )


def fresh(refund_request: RefundRequest) -> RefundRequest:
    """Read a request anew; its protected state cannot be refreshed in place."""
    return RefundRequest.objects.get(pk=refund_request.pk)


def paid(*, team: Team, amount_minor: int = 2220, currency: str = "", at: datetime = NOON) -> Operation:
    """Make a request that was refunded, and answer its operation."""
    return operation_of(
        request_in(State.REFUNDED, team=team, amount_minor=amount_minor, currency=currency, refunded_at=at)
    )


def csv_file(content: bytes, name: str = "payout.csv") -> SimpleUploadedFile:
    """Offer bytes as an upload."""
    return SimpleUploadedFile(name, content, content_type="text/csv")
