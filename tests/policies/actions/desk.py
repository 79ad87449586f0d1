"""What the tests of governed actions share: a policy that gates every category, people who may sign, wishes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from approvals.models import AuthorityLimit
from approvals.vocabulary import Category
from config.kernel.money import Money
from policies.actions.asking import Wish, ask
from policies.actions.facts import plain_facts
from policies.actions.observing import Sighting
from policies.models import Policy
from tests.harness.people import by_decree, fresh
from tests.harness.world import NOON

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.models import GovernedAction
    from tests.harness.world import World

LATER = NOON + timedelta(hours=1)


def gate(world: World, team: str = "us-dtc") -> None:
    """Let the team's policy gate every category; the American one pays out up to 2,000.00 by itself."""
    Policy.objects.filter(team=world.team(team)).update(enforced_categories=Category.values)


def let_sign(*people: User, category: str = "payout", currency: str = "USD", up_to_minor: int = 50_000_00) -> None:
    """Let people sign for a category."""
    with by_decree():
        for person in people:
            AuthorityLimit.objects.create(
                user=person,
                category=category,
                currency=currency,
                single_minor=up_to_minor,
                daily_minor=1_000_000_00,
            )


def wish(world: World, minor: int = 1_200_00, **more: Any) -> Wish:
    """Want to pay out some dollars."""
    wanted = Wish(
        team=world.team("us-dtc"),
        category=Category.PAYOUT,
        amount=Money(minor, "USD"),
        reason="scheduled",
        gateway="stripe",
    )
    return replace(wanted, **more)


def asked(world: World, minor: int = 1_200_00, *, by: User, at: datetime = NOON, **more: Any) -> GovernedAction:
    """Ask about it."""
    wanted = wish(world, minor, **more)
    facts = plain_facts(
        team=wanted.team,
        category=wanted.category,
        amount=wanted.amount,
        reason=wanted.reason,
        at=at,
        dispute_due_at=wanted.dispute_due_at,
    )
    with transaction.atomic():
        return ask(wish=wanted, facts=facts, actor=fresh(by), at=at)


def sighting(world: World, minor: int = 1_200_00, **more: Any) -> Sighting:
    """See a payout leave."""
    seen = Sighting(
        team=world.team("us-dtc"),
        category=Category.PAYOUT,
        gateway="stripe",
        external_id="po_1",
        amount=Money(minor, "USD"),
        left_at=LATER,
    )
    return replace(seen, **more)
