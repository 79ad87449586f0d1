"""Writing a made-up year into the database, row by row as it is, without asking the verbs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep, AuthorityLimit
from approvals.vocabulary import RouteState, StepState, Verdict
from config.kernel.ids import new_id
from config.kernel.people import Team, User
from evidence.models import Attachment, AttachmentReuse
from evidence.vocabulary import EvidenceKind
from policies.cataloguing import write_catalogue
from refunds.models import Customer, Dispute, Order, Payment, RefundRequest
from refunds.models.refund_request import KIND
from refunds.vocabulary import DisputeKind, DisputeStatus, State

from .year import AGENTS, APPROVERS, FROM_AT, LIMIT, SERIAL, TEAM

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from analytics.patterns.rows import Asked, Signed

    from .year import Year

AT_ONCE = 500
"""Rows of one statement: it holds at most 65,535 values."""

ACCOUNTS_OF_SERIAL = (SERIAL, 90_001, 90_002)
"""The serial refunder buys with three accounts; the patterns must see one."""


def write(year: Year) -> Team:
    """Write everything; neither triggers nor foreign keys look."""
    write_catalogue()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        team = Team.objects.create(pk=TEAM, slug="made-up", name="Made up", currency="GBP")
        User.objects.bulk_create(
            User(pk=pk, username=f"person-{pk}", first_name="Person", last_name=str(pk)) for pk in AGENTS + APPROVERS
        )
        AuthorityLimit.objects.create(
            role="made-up", category="refund", currency="GBP", single_minor=LIMIT.minor, daily_minor=LIMIT.minor
        )
        _orders(year)
        _requests(year)
        _decisions(year)
        _photos(year)
        _disputes(year)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return team


def _orders(year: Year) -> None:
    customers = sorted({*year.orders, *ACCOUNTS_OF_SERIAL})
    Customer.objects.bulk_create(
        Customer(pk=pk, channel="shop", external_id=f"c{pk}", email=_email(pk), name=f"Customer {pk}")
        for pk in customers
    )
    serial = 0
    orders = []
    for place, customer in enumerate(year.orders):
        account = customer
        if customer == SERIAL:
            account, serial = ACCOUNTS_OF_SERIAL[serial % 3], serial + 1
        orders.append(
            Order(
                pk=place,
                channel="shop",
                external_id=f"o{place}",
                team_id=TEAM,
                customer_id=account,
                placed_at=FROM_AT + timedelta(minutes=place),
                currency="GBP",
            )
        )
    Order.objects.bulk_create(orders, batch_size=AT_ONCE)
    Payment.objects.bulk_create(
        (
            Payment(
                pk=order.pk,
                order_id=order.pk,
                gateway="stripe",
                external_id=f"pi_{order.pk}",
                currency="GBP",
                captured_minor=1_000_000_00,
                captured_at=order.placed_at,
                last4="4242",
            )
            for order in orders
        ),
        batch_size=AT_ONCE,
    )


def _email(pk: int) -> str:
    if pk in ACCOUNTS_OF_SERIAL:
        return f"Sneaky+{pk}@example.com"
    return f"customer{pk}@example.com"


def _requests(year: Year) -> None:
    accounts: dict[int | None, int | None] = dict(Order.objects.values_list("pk", "customer_id"))
    decisions = []
    rows = []
    for number, one in enumerate(year.requests):
        decisions.append(_allowed(one))
        rows.append(
            RefundRequest(
                id=one.id,
                reference=f"PR-{number}",
                state=State.DECLINED if one.is_declined else State.REFUNDED,
                team_id=TEAM,
                order_id=one.order_id,
                payment_id=one.order_id,
                customer_id=accounts[one.order_id],
                currency="GBP",
                requested_minor=one.amount_minor,
                approved_minor=None if one.is_declined else one.amount_minor,
                reason_id=one.reason,
                exception_code=one.exception_code,
                decision_id=one.id,
                requested_by_id=one.agent_id,
                created_at=one.submitted_at,
                updated_at=one.submitted_at,
                submitted_at=one.submitted_at,
                refunded_at=one.refunded_at,
            )
        )
    RefundRequest.objects.bulk_create(rows, batch_size=AT_ONCE)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO policies_policydecision (id, version_id, subject_kind, subject_id, reference, page, is_trial,"
            " category, mode, outcome, matched_rule, amount_minor, allowed_minor, currency, facts, findings,"
            " why_not_automatic, exception_codes, decided_at) VALUES (%s, %s, 'refund_request', %s, '', '', FALSE,"
            " 'refund', 'enforce', 'allow', '', %s, %s, 'GBP', '{}', '[]', '[]', '[]', %s)",
            decisions,
        )


def _allowed(one: Asked) -> tuple[UUID, UUID, UUID, int, int | None, datetime]:
    return one.id, new_id(), one.id, one.amount_minor, one.allowed_minor, one.submitted_at


def _decisions(year: Year) -> None:
    routes, steps, answers, files = [], [], [], []
    for one in year.decisions:
        route, step = _route(one)
        routes.append(route)
        steps.append(step)
        mine = [_file(one.request, place) for place in range(one.evidence_count)]
        files += mine
        answers.append(
            ApprovalDecision(
                route_id=route.pk,
                step_id=step.pk,
                decided_by_id=one.approver_id,
                requested_by_id=one.request.agent_id,
                verdict=Verdict.APPROVE if one.is_approval else Verdict.DECLINE,
                amount_minor=one.request.amount_minor,
                currency="GBP",
                rationale=one.rationale,
                role_at_time="approver",
                limit_at_time_minor=1_000_000_00,
                evidence_opened=[str(file.pk) for file in mine[: one.opened_count]],
                decided_at=one.decided_at,
            )
        )
    ApprovalRoute.objects.bulk_create(routes, batch_size=AT_ONCE)
    ApprovalStep.objects.bulk_create(steps, batch_size=AT_ONCE)
    ApprovalDecision.objects.bulk_create(answers, batch_size=AT_ONCE)
    Attachment.objects.bulk_create(files, batch_size=AT_ONCE)


def _route(one: Signed) -> tuple[ApprovalRoute, ApprovalStep]:
    opened_at = one.decided_at - timedelta(seconds=one.seconds)
    route = ApprovalRoute(
        id=new_id(),
        subject_kind=KIND,
        subject_id=one.request.id,
        state=RouteState.APPROVED,
        reference="PR",
        title="A refund",
        category="refund",
        amount_minor=one.request.amount_minor,
        currency="GBP",
        team_id=TEAM,
        requested_by_id=one.request.agent_id,
        page="/",
        panel="/",
        current_role="approver",
        due_at=one.decided_at,
        opened_at=opened_at,
    )
    step = ApprovalStep(
        id=new_id(),
        route_id=route.pk,
        level=1,
        role="approver",
        state=StepState.APPROVED,
        sla_hours=24,
        opened_at=opened_at,
    )
    return route, step


def _file(asked: Asked, place: int) -> Attachment:
    return Attachment(
        id=new_id(),
        subject_kind=KIND,
        subject_id=asked.id,
        team_id=TEAM,
        kind=EvidenceKind.PHOTO,
        name=f"{place}.jpg",
        media_type="image/jpeg",
        original=f"made-up/{asked.id}-{place}",
        sha256=f"{asked.id.hex}{place:032x}",
        size_bytes=1,
        width_px=1,
        height_px=1,
        added_by_id=asked.agent_id,
        added_at=asked.submitted_at,
    )


def _disputes(year: Year) -> None:
    orders = {one.id: one.order_id for one in year.requests if one.order_id is not None}
    Dispute.objects.bulk_create(
        Dispute(
            payment_id=orders[one.request_id],
            gateway="stripe",
            external_id=f"dp_{number}",
            kind=DisputeKind.CHARGEBACK,
            status=DisputeStatus.LOST,
            amount_minor=1,
            currency="GBP",
            is_charge_refundable=False,
            opened_at=one.opened_at,
            first_read_at=one.opened_at,
            read_at=one.opened_at,
        )
        for number, one in enumerate(year.disputed)
    )


def _photos(year: Year) -> None:
    known = {one.id: one for one in year.requests}
    for pair in year.photos:
        earlier, later = (_file(known[pk], 99) for pk in (pair.earlier_id, pair.later_id))
        Attachment.objects.bulk_create([earlier, later])
        AttachmentReuse.objects.create(
            earlier=earlier, later=later, likelihood=pair.likelihood, phash_bits=0, dhash_bits=0
        )
