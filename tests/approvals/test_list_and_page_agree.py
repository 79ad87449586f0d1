"""Whatever limits, loans, roles and pasts people have: the list of what somebody may decide and the page agree."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep, AuthorityLimit, Delegation, Involvement
from approvals.permissions import matter_of, warrant_for, why_not_decide, within_authority
from approvals.roles import write_roles
from approvals.vocabulary import DelegationState, Part, RouteState, StepState
from config.kernel.ids import new_id
from config.kernel.people import Team, User, assign_to_teams, give_roles
from tests.harness.people import by_decree, fresh
from tests.harness.world import NOON

pytestmark = pytest.mark.django_db

CATEGORIES = ("refund", "payout")
CURRENCIES = ("GBP", "EUR")
AMOUNTS = (1, 99, 100, 101, 500, 501)
ROLES = ("approver", "manager", "director")


class Lot:
    """Draws people, loans and routes; the same number draws the same."""

    def __init__(self, number: int) -> None:
        """Draw everything."""
        self.by = Random(number)  # noqa: S311 - nothing is secret here
        write_roles()
        self.teams = [Team.objects.create(slug=f"t{place}", name=f"T{place}", currency="GBP") for place in range(3)]
        self.people = [self._person(place) for place in range(7)]
        for _ in range(16):
            self._loan()
        self.routes = [self._route(place) for place in range(60)]
        # Parts come last, or the trigger would refuse the decisions drawn before.
        for route in self.by.sample(self.routes, 20):
            self._part(route)

    def _person(self, place: int) -> User:
        user = User.objects.create(
            username=f"p{place}", is_active=self.by.random() < 0.9, is_superuser=self.by.random() < 0.1
        )
        user.is_service_account = self.by.random() < 0.1
        user.save()
        roles = self.by.sample(ROLES, self.by.randint(1, 2))
        give_roles(user=user, roles=roles if self.by.random() < 0.9 else ["agent"])
        assign_to_teams(user=user, teams=self.by.sample(self.teams, self.by.randint(1, 3)))
        for category in CATEGORIES:
            for currency in CURRENCIES:
                for team in (None, self.by.choice(self.teams)):
                    if self.by.random() < 0.6:
                        single = self.by.choice((100, 500, 1000))
                        with by_decree():
                            AuthorityLimit.objects.create(
                                user=user,
                                team=team,
                                category=category,
                                currency=currency,
                                single_minor=single,
                                daily_minor=single * 10,
                            )
        return user

    def _loan(self) -> None:
        lender, holder = self.by.sample(self.people, 2)
        has_ceiling = self.by.random() < 0.3
        start = NOON + timedelta(seconds=self.by.choice((-3600, -1, 0, 1)))
        loan = Delegation.objects.create(
            lent_by=lender,
            lent_to=holder,
            state=self.by.choice((DelegationState.ACCEPTED, DelegationState.ACCEPTED, *DelegationState)),
            from_at=start,
            until_at=self.by.choice((start + timedelta(hours=1), start + timedelta(hours=2))),
            categories=self.by.choice(([], ["refund"], ["payout", "refund"])),
            currency=self.by.choice(CURRENCIES) if has_ceiling else "",
            single_minor=self.by.choice((100, 500)) if has_ceiling else None,
            offered_at=NOON,
            answered_at=NOON,
        )
        loan.teams.set(self.by.sample(self.teams, self.by.choice((0, 0, 1, 2))))

    def _route(self, place: int) -> ApprovalRoute:
        requester, reviewer = self.by.sample(self.people, 2)
        route = ApprovalRoute.objects.create(
            subject_kind="refund_request",
            subject_id=new_id(),
            reference=f"R{place}",
            title="Lamp",
            category=self.by.choice(CATEGORIES),
            amount_minor=self.by.choice(AMOUNTS),
            currency=self.by.choice(CURRENCIES),
            team=self.by.choice(self.teams),
            requested_by=requester,
            reviewed_by=reviewer if self.by.random() < 0.3 else None,
            open_roles=sorted(self.by.sample(ROLES, self.by.randint(1, 2))),
            current_role="approver",
            due_at=NOON,
            opened_at=NOON,
        )
        if self.by.random() < 0.4:
            self._decided(route)
        return route

    def _decided(self, route: ApprovalRoute) -> None:
        """Let somebody have signed, on this route or on one of the same subject before it."""
        state = self.by.choice((RouteState.OPEN, *RouteState))
        where = route
        if state != RouteState.OPEN:
            where = ApprovalRoute.objects.get(pk=route.pk)
            where.pk, where.state = new_id(), state
            where.save(force_insert=True)
        step = ApprovalStep.objects.create(route=where, level=1, role="approver", sla_hours=1, state=StepState.OPEN)
        strangers = [p for p in self.people if p.pk not in {route.requested_by_id, route.reviewed_by_id}]
        loans = Delegation.objects.filter(state=DelegationState.ACCEPTED, from_at__lte=NOON, until_at__gt=NOON)
        barred = {route.requested_by_id, route.reviewed_by_id}
        stand_ins = set(loans.filter(lent_by=route.requested_by_id).values_list("lent_to", flat=True))
        signer = self.by.choice([p for p in strangers if p.pk not in stand_ins] or [None])
        if signer is None:
            return
        nobody_for = barred | stand_ins
        lenders = [loan.lent_by for loan in loans.filter(lent_to=signer) if loan.lent_by_id not in nobody_for]
        ApprovalDecision.objects.create(
            route=where,
            step=step,
            decided_by=signer,
            acting_for=self.by.choice(lenders) if lenders and self.by.random() < 0.7 else None,
            requested_by=route.requested_by,
            reviewed_by=route.reviewed_by,
            verdict="approve",
            amount_minor=route.amount_minor,
            currency=route.currency,
            role_at_time="approver",
            limit_at_time_minor=route.amount_minor,
            decided_at=NOON,
        )

    def _part(self, route: ApprovalRoute) -> None:
        Involvement.objects.create(
            subject_kind=route.subject_kind,
            subject_id=route.subject_id,
            person=self.by.choice(self.people),
            part=self.by.choice(list(Part)),
            since=timezone.now(),
        )


@pytest.mark.parametrize("number", range(8))
def test_the_list_holds_exactly_what_the_page_lets_decide(number: int) -> None:
    lot = Lot(number)
    wrong: list[Any] = []
    may_count = 0
    for person in lot.people:
        user = fresh(person)
        listed = set(ApprovalRoute.objects.filter(within_authority(user, at=NOON)).values_list("pk", flat=True))
        for route in ApprovalRoute.objects.filter(state=RouteState.OPEN):
            why_not = why_not_decide(user, route, at=NOON)
            may_count += not why_not
            if (route.pk in listed) != (not why_not):
                wrong.append((user.username, route.reference, route.pk in listed, why_not))

    assert wrong == []
    assert may_count > 0


def test_some_of_them_are_decided_in_another_name() -> None:
    lot = Lot(3)

    lent = 0
    for person in lot.people:
        user = fresh(person)
        for route in ApprovalRoute.objects.filter(within_authority(user, at=NOON)):
            lent += warrant_for(user, matter_of(route), at=NOON).acting_for is not None

    assert lent > 0
