"""A route that nobody can finish is found and named, and is no dead end any more once somebody can."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.dead_ends import dead_ends
from approvals.looking import ask_for_look, last_look, look_for_dead_ends, run_look
from approvals.models import Absence, ApprovalRoute, ApprovalStep, AuthorityLimit, DeadEnd, Delegation
from approvals.services.routing import involve
from approvals.staff import Need, Signature, can_be_had
from approvals.vocabulary import DelegationState, Part, Verdict
from config.kernel.jobs import cancel_job, start_job
from config.kernel.people import User, assign_to_teams, give_roles
from config.kernel.refusals import NotPermitted
from refunds import workflow
from tests.harness.people import by_decree, fresh, settle
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."


@pytest.fixture
def waiting(world: World, amir: User, viktor: User) -> RefundRequest:
    """£1,000 that Viktor alone can sign for: Dana's limit is £500, and there is no director."""
    settle("dana")
    return world.waiting(by=amir, pounds=1000)


def found() -> list[str]:
    return [each.why for each in dead_ends(at=NOON)]


def wants(refund_request: RefundRequest, **step: object) -> None:
    ApprovalStep.objects.filter(route__reference=refund_request.reference).update(**step)


class TestADeadEnd:
    def test_is_none_while_somebody_can_sign(self, waiting: RefundRequest) -> None:
        assert waiting.route is not None
        assert found() == []

    def test_names_the_highest_limits(self, waiting: RefundRequest) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user__username="viktor").update(single_minor=999_99)

        (why,) = found()
        assert why == (
            "It waits for somebody with the role “approver”; nobody can: Viktor signs up to £999.99, this is £1,000.00;"
            " Dana signs up to £500.00, this is £1,000.00."
        )

    def test_names_a_role_nobody_holds(self, waiting: RefundRequest) -> None:
        wants(waiting, role="director")

        (why,) = found()
        assert why == (
            "It waits for somebody with the role “director”, and nobody of uk-retail holds it with a limit for a"
            " refund in GBP."
        )

    @pytest.mark.parametrize(
        ("part", "words"),
        [(Part.SUBMITTER, "handed it in"), (Part.REVIEWER, "judged its exception"), (Part.PAYER, "sent its money")],
    )
    def test_names_who_has_a_part_in_it(self, waiting: RefundRequest, viktor: User, part: Part, words: str) -> None:
        involve(subject=waiting.subject, person=viktor, part=part, at=NOON)

        (why,) = found()
        assert f"Viktor {words}" in why

    def test_names_who_entered_it(self, world: World, viktor: User) -> None:
        world.waiting(by=viktor, pounds=1000)

        (why,) = found()
        assert "Viktor entered it" in why

    def test_names_who_is_away_beyond_the_promise(self, waiting: RefundRequest, viktor: User) -> None:
        Absence.objects.create(
            user=viktor,
            from_at=NOON - timedelta(days=1),
            until_at=NOON + timedelta(days=9),
            entered_by=viktor,
            entered_at=NOON,
        )

        (why,) = found()
        assert "Viktor is away until 29 Nov 12:00 UTC" in why

    def test_waits_for_who_is_back_in_time(self, waiting: RefundRequest, viktor: User) -> None:
        route = ApprovalRoute.objects.get(reference=waiting.reference)
        Absence.objects.create(
            user=viktor,
            from_at=NOON - timedelta(days=1),
            until_at=route.due_at - timedelta(minutes=1),
            entered_by=viktor,
            entered_at=NOON,
        )

        assert found() == []

    def test_is_a_quorum_that_is_one_short(self, waiting: RefundRequest) -> None:
        wants(waiting, quorum=2)

        (why,) = found()
        assert why.startswith("It waits for 2 people with the role “approver”; only Viktor can: Dana signs up to")

    def test_counts_the_votes_that_were_given(self, waiting: RefundRequest, world: World, vera: User) -> None:
        wants(waiting, quorum=2)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=fresh(vera), at=NOON)

        assert found() == []

    def test_lets_nobody_sign_two_levels(self, waiting: RefundRequest, viktor: User) -> None:
        route = ApprovalRoute.objects.get(reference=waiting.reference)
        ApprovalStep.objects.create(route=route, level=2, role="manager", sla_hours=8)

        (why,) = found()
        assert why == (
            "What is left needs 1 with the role “approver” and 1 with the role “manager”, all different people; only"
            " Viktor (approver, manager) can sign, and nobody signs twice."
        )

    def test_is_gone_for_a_stand_in_with_a_limit_of_her_own(
        self, waiting: RefundRequest, viktor: User, vera: User
    ) -> None:
        wants(waiting, role="manager")
        Absence.objects.create(
            user=viktor,
            from_at=NOON,
            until_at=NOON + timedelta(days=9),
            entered_by=viktor,
            entered_at=NOON,
        )
        assert len(found()) == 1

        Delegation.objects.create(
            lent_by=viktor,
            lent_to=vera,
            state=DelegationState.ACCEPTED,
            from_at=NOON,
            until_at=NOON + timedelta(days=9),
            offered_at=NOON,
            answered_at=NOON,
        )
        assert found() == []

    def test_is_one_for_the_stand_in_of_whoever_entered_it(self, world: World, viktor: User, vera: User) -> None:
        world.waiting(by=viktor, pounds=1000)
        assert found() == []

        Delegation.objects.create(
            lent_by=viktor,
            lent_to=vera,
            state=DelegationState.ACCEPTED,
            from_at=NOON,
            until_at=NOON + timedelta(days=9),
            offered_at=NOON,
            answered_at=NOON,
        )
        (why,) = found()
        assert "Vera stands in for whoever entered it" in why

    @pytest.mark.parametrize("loss", ["role", "team", "account"])
    def test_follows_from_what_a_person_loses(self, waiting: RefundRequest, viktor: User, loss: str) -> None:
        if loss == "role":
            give_roles(user=viktor, roles=[])
        elif loss == "team":
            assign_to_teams(user=viktor, teams=[])
        else:
            User.objects.filter(pk=viktor.pk).update(is_active=False)

        assert len(found()) == 1


def found_at(at: datetime) -> int:
    look = look_for_dead_ends(at=at)
    assert look is not None
    return look.found_count


class TestALook:
    def test_is_kept_when_it_finds_nothing(self, waiting: RefundRequest) -> None:
        assert found_at(NOON) == 0

        look = last_look()
        assert look is not None
        assert (look.ended_at, look.route_count, look.found_count) == (NOON, 1, 0)

    def test_marks_gone_what_was_decided_meanwhile(self, waiting: RefundRequest, viktor: User) -> None:
        wants(waiting, role="director")
        assert found_at(NOON) == 1

        workflow.withdraw(reference=waiting.reference, note="", actor=waiting.requested_by, at=NOON)

        assert found_at(NOON + timedelta(days=1)) == 0
        assert DeadEnd.objects.get().gone_at == NOON + timedelta(days=1)

    def test_goes_on_past_a_chunk(self, world: World, amir: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("approvals.dead_ends.CHUNK", 2)
        for _ in range(5):
            wants(world.waiting(by=amir), role="director")

        assert found_at(NOON) == 5

    def test_stops_when_asked_to_and_keeps_what_it_found(
        self, world: World, amir: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("approvals.dead_ends.CHUNK", 2)
        for _ in range(5):
            wants(world.waiting(by=amir), role="director")

        assert look_for_dead_ends(at=NOON, go_on=lambda done: done < 2) is None

        assert DeadEnd.objects.count() == 2
        assert last_look() is None

    def test_writes_no_more_queries_for_many_that_stay_dead(self, world: World, amir: User) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                look_for_dead_ends(at=NOON)
            return len(queries)

        wants(world.waiting(by=amir), role="director")
        look_for_dead_ends(at=NOON)
        few = asked()
        for _ in range(4):
            wants(world.waiting(by=amir), role="director")
        look_for_dead_ends(at=NOON)

        assert asked() == few


class TestAskingForALook:
    def test_is_one_job_for_all_who_ask(self, waiting: RefundRequest, dana: User, viktor: User) -> None:
        job = ask_for_look(actor=dana, at=NOON)

        assert ask_for_look(actor=viktor, at=NOON).pk == job.pk
        run_look(job_id=job.pk, at=NOON)

        job.refresh_from_db()
        assert (job.state, job.result) == ("succeeded", {"routes": 1, "found": 0})
        assert ask_for_look(actor=viktor, at=NOON).pk != job.pk

    def test_ends_as_cancelled_when_stopped(self, waiting: RefundRequest, dana: User) -> None:
        job = ask_for_look(actor=dana, at=NOON)
        start_job(job_id=job.pk)
        cancel_job(job_id=job.pk)

        run_look(job_id=job.pk, at=NOON)

        job.refresh_from_db()
        assert job.state == "cancelled"
        assert last_look() is None

    def test_is_refused_to_agents(self, waiting: RefundRequest, amir: User) -> None:
        with pytest.raises(NotPermitted):
            ask_for_look(actor=amir, at=NOON)


class TestTheNightlyLook:
    def test_keeps_what_it_found_once_and_marks_what_is_gone(self, waiting: RefundRequest) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user__username="viktor").update(single_minor=1_00)
        assert found_at(NOON) == 1
        assert found_at(NOON + timedelta(days=1)) == 1
        kept = DeadEnd.objects.get()
        assert (kept.found_at, kept.seen_at, kept.gone_at) == (NOON, NOON + timedelta(days=1), None)

        with by_decree():
            AuthorityLimit.objects.filter(user__username="viktor").update(single_minor=5_000_00)
        assert found_at(NOON + timedelta(days=2)) == 0
        kept.refresh_from_db()
        assert kept.gone_at == NOON + timedelta(days=2)

    def test_asks_no_more_for_many_routes_than_for_one(self, world: World, amir: User, viktor: User) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                list(dead_ends(at=NOON))
            return len(queries)

        world.waiting(by=amir, pounds=1000)
        once = asked()
        for _ in range(5):
            world.waiting(by=amir, pounds=1000)

        assert asked() == once


class TestSignatures:
    """Pure: who can be had for a plan."""

    def test_are_matched_even_when_the_first_choice_is_wrong(self) -> None:
        ann, bea = User(pk=1, username="ann"), User(pk=2, username="bea")
        both = Signature(ann, None, frozenset({"approver", "manager"}), 1)
        one = Signature(bea, None, frozenset({"approver"}), 1)

        assert can_be_had([Need("approver", 1), Need("manager", 1)], [both, one])
        assert not can_be_had([Need("manager", 2)], [both, one])

    def test_in_another_name_spend_both_people(self) -> None:
        ann, bea = User(pk=1, username="ann"), User(pk=2, username="bea")
        own = Signature(ann, None, frozenset({"manager"}), 1)
        lent = Signature(bea, ann, frozenset({"manager"}), 1)

        assert not can_be_had([Need("manager", 2)], [own, lent])
