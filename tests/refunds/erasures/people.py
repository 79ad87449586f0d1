"""Customers and requests that somebody may want to be forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from approvals.vocabulary import Verdict
from config.kernel.people import User, assign_to_teams, give_roles
from refunds import workflow
from refunds.erasures.asking import ask_erasure, confirm_erasure
from refunds.models import Customer, RefundRequest
from tests.harness.people import settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import Erasure

NAME, EMAIL = "Persephone Zykwort", "p.zykwort@mail.example"
TEXT = f"{NAME} ({EMAIL}) is not happy at all."


def rita_of(world: World) -> User:
    """Rita administers too, so that Root is not alone."""
    made, is_new = User.objects.get_or_create(username="rita")
    if is_new:
        give_roles(user=made, roles=["administrator"])
        assign_to_teams(user=made, teams=world.teams.values())
    return User.objects.get(pk=made.pk)


def customer_called(number: str, *, channel: str = "shop-uk", name: str = NAME, email: str = EMAIL) -> Customer:
    """Know somebody by this number."""
    return Customer.objects.get_or_create(
        channel=channel, external_id=number, defaults={"name": name, "email": email, "country": "GB"}
    )[0]


def waiting_of(world: World, customer: Customer, *, team: str = "uk-retail") -> RefundRequest:
    """File a request of hers that waits for a signature."""
    order = world.order(customer=customer, unit_minor=300_00, team=team)
    return workflow.file_request(draft=replace(world.draft_of(order), note=TEXT), actor=settle("amir"), at=NOON)


def declined_of(world: World, customer: Customer, *, team: str = "uk-retail") -> RefundRequest:
    """File a request of hers that is declined at noon."""
    filed = waiting_of(world, customer, team=team)
    workflow.decide(reference=filed.reference, verdict=Verdict.DECLINE, rationale=TEXT, actor=settle("dana"), at=NOON)
    return RefundRequest.objects.get(pk=filed.pk)


def asked_for(customer: Customer, *, at: datetime = NOON) -> Erasure:
    """Let Root ask."""
    return ask_erasure(customer_id=customer.pk, basis="objection", actor=settle("root"), at=at)


def confirmed(world: World, customer: Customer, *, at: datetime = NOON) -> Erasure:
    """Let Root ask and Rita confirm."""
    asked = asked_for(customer, at=at)
    return confirm_erasure(erasure_id=asked.pk, actor=rita_of(world), at=at)


def years(count: int) -> timedelta:
    """So many years from noon, and some days."""
    return timedelta(days=366 * count)
