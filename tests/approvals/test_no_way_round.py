"""Whatever happens in whatever order, money leaves only with the different people it needs, each within her limits.

Things happen at random; an oracle that reads nothing but the tables of people and its own diary says who
could have signed. The product may neither let a signature through that the oracle refuses, nor refuse one it allows.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from approvals.models import Absence, ApprovalRoute, ApprovalStep, AuthorityLimit, Delegation
from approvals.services.routing import tell_what_is_open
from approvals.vocabulary import DelegationState, RouteState, StepState, Verdict
from config.kernel.people import Team, TeamUserObjectPermission, User, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from refunds import intake, workflow
from refunds.models import Operation, RefundRequest
from refunds.vocabulary import State
from tests.harness.people import by_decree, fresh, settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SIGNERS = ("dana", "viktor", "vera", "zeus")
RANKS = ("approver", "manager", "director")
DAYS, EVENTS = 12, 120
MOST_MINOR = 9_000_00
WHY = "The parcel came back complete."
PLANS: dict[str, list[tuple[int, str, int, int | None]]] = {
    "one": [(1, "approver", 1, None)],
    "two of a rank": [(1, "approver", 2, None)],
    "one after the other": [(1, "approver", 1, None), (2, "manager", 1, None)],
    "side by side": [(1, "approver", 1, None), (1, "director", 1, None)],
    "two of three": [(1, "approver", 2, 3)],
}
"""Level, role, quorum and number of voters of each step."""


@dataclass(frozen=True)
class Vote:
    """What the diary keeps of a signature."""

    route: Any
    step: Any
    verdict: Verdict
    by: int
    acting_for: int | None
    minor: int
    at: datetime

    @property
    def people(self) -> set[int]:
        return {self.by} | ({self.acting_for} if self.acting_for is not None else set())


@dataclass
class Diary:
    """What the machine itself did, in its own words."""

    entered_by: dict[str, int] = field(default_factory=dict)
    handed_in: dict[str, set[int]] = field(default_factory=dict)
    votes: dict[str, list[Vote]] = field(default_factory=dict)
    loans: list[Delegation] = field(default_factory=list)


class Office:
    """An office on a bad day; `trail` says what happened, for whoever has to find out why."""

    def __init__(self, world: World, dice: Random, seen: Counter[str]) -> None:
        self.world, self.dice, self.seen = world, dice, seen
        self.at = NOON
        self.diary = Diary()
        self.people = [User.objects.get(username=name) for name in SIGNERS]
        self.trail: list[str] = []

    def live_through(self, events: int) -> None:
        """Let so many things happen, and look after each whether money left that should not have."""
        happenings = {
            self.file: 4,
            self.hand_in_a_draft_of_amir: 2,
            self.change_roles: 2,
            self.change_team: 1,
            self.lock_or_unlock: 1,
            self.lend: 7,
            self.end_a_loan: 1,
            self.be_away: 1,
            self.wait: 2,
            self.ask_and_answer: 1,
            self.decide: 16,
        }
        for _ in range(events):
            (happening,) = self.dice.choices(list(happenings), list(happenings.values()))
            happening()
            self.money_left_only_with_the_people_it_needs()

    def somebody(self) -> User:
        return fresh(self.dice.choice(self.people))

    def plan(self) -> str:
        return self.dice.choice(sorted(PLANS))

    # What happens

    def file(self) -> None:
        by = self.somebody() if self.dice.random() < 0.5 else settle("amir")
        pounds = self.dice.choice([60, 300, 501, 4000])
        draft = self.world.draft_of(self.world.order(unit_minor=pounds * 100, at=self.at))
        with suppress(NotPermitted, Refused):
            self._entered(workflow.file_request(draft=draft, actor=by, at=self.at), by, by)

    def hand_in_a_draft_of_amir(self) -> None:
        amir, other = settle("amir"), self.somebody()
        draft = self.world.draft_of(self.world.order(unit_minor=200_00, at=self.at))
        opened = intake.open_draft(draft=draft, actor=amir, at=self.at)
        with suppress(NotPermitted, RefundRequest.DoesNotExist):
            self._entered(workflow.submit(reference=opened.reference, actor=other, at=self.at), amir, other)

    def _entered(self, filed: RefundRequest, entered: User, handed: User) -> None:
        assert filed.state == State.AWAITING_APPROVAL
        self.diary.entered_by[filed.reference] = entered.pk
        self.diary.handed_in[filed.reference] = {handed.pk}
        self.diary.votes[filed.reference] = []
        self._lay_out(filed.reference, self.plan())
        self.note(f"{entered} entered {filed.reference}, {handed} handed it in")

    def _lay_out(self, reference: str, plan: str) -> None:
        """Give the open route the steps of a plan, as a policy could have asked for them."""
        route = ApprovalRoute.objects.get(reference=reference, state=RouteState.OPEN)
        model = route.steps.get()
        route.steps.all().delete()
        steps = [
            ApprovalStep(
                route=route,
                level=level,
                place=place,
                role=role,
                quorum=quorum,
                out_of=out_of,
                sla_hours=model.sla_hours,
                state=StepState.OPEN if level == 1 else StepState.WAITING,
                due_at=model.due_at if level == 1 else None,
            )
            for place, (level, role, quorum, out_of) in enumerate(PLANS[plan])
        ]
        ApprovalStep.objects.bulk_create(steps)
        tell_what_is_open(route, steps)
        route.save()
        self.note(f"{reference} wants {plan}")

    def change_roles(self) -> None:
        person = self.somebody()
        ranks = [rank for rank in RANKS if self.dice.random() < 0.55]
        give_roles(user=person, roles=[*ranks, "agent"])
        self.note(f"{person} is {ranks}")

    def change_team(self) -> None:
        person, slug = self.somebody(), self.dice.choice(["uk-retail", "uk-retail", "us-dtc"])
        assign_to_teams(user=person, teams=Team.objects.filter(slug=slug))
        self.note(f"{person} works for {slug}")

    def lock_or_unlock(self) -> None:
        person, is_active = self.somebody(), self.dice.random() < 0.7
        User.objects.filter(pk=person.pk).update(is_active=is_active)
        self.note(f"{person} is {'active' if is_active else 'locked'}")

    def lend(self) -> None:
        lender, holder = self.dice.sample(self.people, 2)
        from_at = self.at + timedelta(hours=self.dice.choice([-2, 0, 0, 1]))
        ceiling = self.dice.choice([None, None, 100_00, 10_000_00])
        loan = Delegation.objects.create(
            lent_by=lender,
            lent_to=holder,
            state=DelegationState.ACCEPTED,
            from_at=from_at,
            until_at=from_at + timedelta(hours=self.dice.choice([1, 2, 48])),
            single_minor=ceiling,
            currency="" if ceiling is None else "GBP",
            offered_at=self.at,
            answered_at=self.at,
        )
        self.diary.loans.append(loan)
        self.note(f"{loan}, ceiling {ceiling}")

    def end_a_loan(self) -> None:
        if self.diary.loans:
            loan = self.dice.choice(self.diary.loans)
            loan.state = DelegationState.ENDED
            loan.save(update_fields=["state"])
            self.note(f"ended: {loan}")

    def be_away(self) -> None:
        person = self.somebody()
        Absence.objects.create(
            user=person, from_at=self.at, until_at=self.at + timedelta(days=1), entered_by=person, entered_at=self.at
        )

    def wait(self) -> None:
        self.at += timedelta(minutes=self.dice.choice([1, 59, 60, 300, 1440]))
        self.note(f"{self.at:%d %H:%M}")

    def ask_and_answer(self) -> None:
        if not self.diary.votes:
            return
        reference, other = self.dice.choice(list(self.diary.votes)), self.somebody()
        with suppress(NotPermitted, OutOfDate, RefundRequest.DoesNotExist):
            workflow.ask(reference=reference, question=WHY, actor=self.somebody(), at=self.at)
            try:
                workflow.submit(reference=reference, actor=other, at=self.at, answer=WHY)
            except (NotPermitted, RefundRequest.DoesNotExist):
                other = settle("amir")
                workflow.submit(reference=reference, actor=other, at=self.at, answer=WHY)
            self.diary.handed_in[reference].add(other.pk)
            self._lay_out(reference, self.plan())

    def decide(self) -> None:
        waiting = ApprovalRoute.objects.order_by("opened_at", "pk").values_list("reference", flat=True)
        waiting = waiting.filter(state=RouteState.OPEN) if self.dice.random() < 0.9 else waiting
        if not waiting:
            return
        reference, person = self.dice.choice(list(waiting)), self.somebody()
        verdict = self.dice.choice([Verdict.APPROVE] * 4 + [Verdict.DECLINE])
        route = ApprovalRoute.objects.filter(reference=reference, state=RouteState.OPEN).first()
        ways = [] if route is None else self.ways(person, route, verdict)
        refusal = None
        try:
            workflow.decide(reference=reference, verdict=verdict, rationale=WHY, actor=person, at=self.at)
        except (NotPermitted, Refused, OutOfDate, RefundRequest.DoesNotExist) as no:
            refusal = no
        if refusal is not None:
            self.seen["refused"] += 1
            assert not ways, f"{person} could sign {reference} and was refused: {refusal}\n" + "\n".join(self.trail)
            return
        assert route is not None
        decision = route.decisions.get(decided_by=person)
        self.seen["signed" if decision.acting_for_id is None else "signed for another"] += 1
        self.seen[RouteState(ApprovalRoute.objects.get(pk=route.pk).state).value] += 1
        self.note(f"{person} said {verdict} to {reference}, for {decision.acting_for}")
        assert decision.acting_for_id in ways, "and could not:\n" + "\n".join(self.trail)
        self.diary.votes[reference].append(
            Vote(
                route.pk,
                decision.step_id,
                verdict,
                person.pk,
                decision.acting_for_id,
                decision.amount_minor,
                self.at,
            )
        )

    def note(self, sentence: str) -> None:
        self.trail.append(sentence)

    # Who could have

    def ways(self, person: User, route: ApprovalRoute, verdict: Verdict) -> list[int | None]:
        """Answer in whose names a person could sign: None is her own, else a lender's number."""
        entered, handed_in = self.diary.entered_by[route.reference], self.diary.handed_in[route.reference]
        lenders = [loan.lent_by_id for loan in self.loans() if loan.lent_to_id == person.pk]
        stranger = {entered, *(pk for pk in handed_in if pk != entered)}
        voted = set().union(*(vote.people for vote in self.counted(route)))
        if person.pk in stranger | voted or entered in lenders or not self.works(person.pk):
            return []
        most = self.most(person.pk)
        own = most is not None and route.amount_minor <= most and self.ranks(person.pk) & self.wanted(route)
        if own:
            return [None] if self.has_room([person.pk], route, verdict) else []
        found: list[int | None] = []
        stand_ins = {loan.lent_to_id for loan in self.loans() if loan.lent_by_id == entered}
        for loan in self.loans():
            barred = stranger | voted | stand_ins
            if loan.lent_to_id != person.pk or loan.lent_by_id in barred or not self.works(loan.lent_by_id):
                continue
            bounds = [most, self.most(loan.lent_by_id), loan.single_minor or most]
            if None in bounds or route.amount_minor > min(bound for bound in bounds if bound is not None):
                continue
            if self.ranks(loan.lent_by_id) & self.wanted(route):
                found.append(loan.lent_by_id)
        return [pk for pk in found if pk is not None and self.has_room([person.pk, pk], route, verdict)]

    def loans(self) -> list[Delegation]:
        live = [loan for loan in self.diary.loans if loan.state == DelegationState.ACCEPTED]
        return [loan for loan in live if loan.from_at <= self.at < loan.until_at]

    def counted(self, route: ApprovalRoute) -> Sequence[Vote]:
        """Keep the votes that bar a person: on this route, and on those of the request that ended with a verdict."""
        ended = set(
            ApprovalRoute.objects.filter(
                reference=route.reference, state__in=[RouteState.APPROVED, RouteState.DECLINED]
            ).values_list("pk", flat=True)
        )
        return [vote for vote in self.diary.votes[route.reference] if vote.route in ended | {route.pk}]

    def works(self, pk: int) -> bool:
        here = TeamUserObjectPermission.objects.filter(user=pk, content_object__slug="uk-retail")
        is_active = User.objects.filter(pk=pk, is_active=True).exists()
        user = User.objects.get(pk=pk)
        return is_active and (here.exists() or user.is_superuser) and bool(self.ranks(pk) or user.is_superuser)

    def ranks(self, pk: int) -> set[str]:
        return set(User.objects.get(pk=pk).groups.values_list("name", flat=True)) & set(RANKS)

    def wanted(self, route: ApprovalRoute) -> set[str]:
        return set(route.steps.filter(state=StepState.OPEN).values_list("role", flat=True))

    def most(self, pk: int) -> int | None:
        return AuthorityLimit.objects.filter(user=pk, currency="GBP").values_list("single_minor", flat=True).first()

    def has_room(self, people: list[int], route: ApprovalRoute, verdict: Verdict) -> bool:
        if verdict is Verdict.DECLINE:
            return True
        # What came to nothing moved no money.
        alive = set(
            ApprovalRoute.objects.filter(state__in=[RouteState.OPEN, RouteState.APPROVED]).values_list("pk", flat=True)
        )
        votes = [vote for votes in self.diary.votes.values() for vote in votes if vote.route in alive]
        for pk in people:
            today = sum(
                vote.minor
                for vote in votes
                if pk in vote.people and vote.verdict is Verdict.APPROVE and vote.at.date() == self.at.date()
            )
            daily = AuthorityLimit.objects.get(user=pk, currency="GBP").daily_minor
            if today + route.amount_minor > daily:
                return False
        return True

    # What must hold

    def money_left_only_with_the_people_it_needs(self) -> None:
        for operation in Operation.objects.select_related("refund_request"):
            reference = operation.refund_request.reference
            route = ApprovalRoute.objects.get(reference=reference, state=RouteState.APPROVED)
            votes = [vote for vote in self.diary.votes[reference] if vote.route == route.pk]
            people = [pk for vote in votes for pk in vote.people]
            assert len(people) == len(set(people)), f"{reference}: somebody signed twice"
            strangers = {self.diary.entered_by[reference]} | self.diary.handed_in[reference]
            assert not strangers & set(people), f"{reference}: whoever asked signed"
            for step in route.steps.all():
                ayes = [vote for vote in votes if vote.step == step.pk and vote.verdict is Verdict.APPROVE]
                assert len(ayes) >= step.quorum, f"{reference}: {step} has {len(ayes)} signatures"
        assert Operation.objects.count() == RefundRequest.objects.filter(state=State.APPROVED).count()


class TestAnyOrderOfEvents:
    def test_lets_no_money_out_without_the_different_people_it_needs(self, world: World) -> None:
        for name in (*SIGNERS, "amir"):
            settle(name)
        with by_decree():
            AuthorityLimit.objects.filter(single_minor__gt=MOST_MINOR).update(single_minor=MOST_MINOR)
        with by_decree():
            AuthorityLimit.objects.update(daily_minor=MOST_MINOR)
        seen: Counter[str] = Counter()

        for seed in range(DAYS):
            morning = transaction.savepoint()
            Office(world, Random(seed), seen).live_through(EVENTS)  # noqa: S311 - weather, not a secret
            transaction.savepoint_rollback(morning)

        # An office in which nobody ever signs proves nothing.
        assert min(seen[each] for each in ("refused", "signed", "signed for another", "approved", "declined")) > 9, seen
