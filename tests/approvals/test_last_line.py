"""Whoever writes to the database past every command still cannot make a stranger of herself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction

from approvals.models import ApprovalDecision, ApprovalRoute, Delegation, Involvement
from approvals.services.routing import involve
from approvals.vocabulary import DelegationState, Part, Verdict
from tests.harness.people import settle
from tests.harness.stillness import nothing_moves
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User

pytestmark = pytest.mark.django_db


def route_entered_by(world: World, person: User) -> ApprovalRoute:
    return ApprovalRoute.objects.get(reference=world.waiting(by=person).reference)


def decided(route: ApprovalRoute, by: User, **changes: Any) -> None:
    words = {
        "route": route,
        "step": route.steps.get(),
        "decided_by": by,
        "requested_by": route.requested_by,
        "verdict": Verdict.APPROVE,
        "amount_minor": route.amount_minor,
        "currency": route.currency,
        "role_at_time": "approver",
        "limit_at_time_minor": route.amount_minor,
        "decided_at": NOON,
        **changes,
    }
    with nothing_moves(), pytest.raises(DatabaseError), transaction.atomic():
        ApprovalDecision.objects.create(**words)


def lend(lender: User, holder: User) -> None:
    Delegation.objects.create(
        lent_by=lender,
        lent_to=holder,
        state=DelegationState.ACCEPTED,
        from_at=NOON,
        until_at=NOON + timedelta(days=1),
        offered_at=NOON,
        answered_at=NOON,
    )


class TestADecision:
    def test_counts_on_no_other_route(self, world: World, amir: User, zeus: User) -> None:
        hers, another = route_entered_by(world, zeus), route_entered_by(world, amir)

        decided(another, zeus, step=hers.steps.get())

    def test_is_not_in_the_name_of_whose_stand_in_asked(self, world: World, dana: User, viktor: User) -> None:
        vera = settle("vera")
        lend(vera, viktor)
        lend(viktor, dana)

        decided(route_entered_by(world, vera), dana, acting_for=viktor)


class TestWhoAsked:
    def test_is_not_renamed(self, world: World, amir: User, zeus: User) -> None:
        route = route_entered_by(world, zeus)

        with nothing_moves(), pytest.raises(DatabaseError), transaction.atomic():
            ApprovalRoute.objects.filter(pk=route.pk).update(requested_by=amir)


class TestWhatIsSigned:
    def test_stays_as_people_saw_it(self, world: World, amir: User, mei: User) -> None:
        route = route_entered_by(world, amir)
        changes: list[dict[str, Any]] = [{"amount_minor": 1}, {"currency": "EUR"}, {"reviewed_by": mei}]

        for change in changes:
            with nothing_moves(), pytest.raises(DatabaseError), transaction.atomic():
                ApprovalRoute.objects.filter(pk=route.pk).update(**change)


class TestAPart:
    def test_is_neither_forgotten_nor_given_to_another(self, world: World, amir: User, dana: User, mei: User) -> None:
        involve(subject=world.waiting(by=amir).subject, person=dana, part=Part.SUBMITTER, at=NOON)

        with pytest.raises(DatabaseError), transaction.atomic():
            Involvement.objects.all().delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            Involvement.objects.update(person=mei)
        assert Involvement.objects.get().person == dana
