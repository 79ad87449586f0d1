"""How complete decided requests are: the same answer for one, for a list and for a month, as the gates give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from operator import add
from typing import TYPE_CHECKING, Any

import pytest

from approvals.vocabulary import Verdict
from config.kernel.outbox import drain
from config.kernel.people import team_ids_of
from evidence.map import covers
from evidence.message_review import approve_message
from evidence.models import CustomerMessage, EvidenceRequirement
from evidence.vocabulary import Artifact, DecisionPoint, ScanState
from refunds import workflow
from refunds.evidence_map.completeness import Slice, by_point, by_team_and_month, missing_of, needs_of
from refunds.evidence_map.gates import facts_of
from refunds.evidence_map.missing import evidence_missing_of
from refunds.models import RefundRequest
from refunds.vocabulary import State
from tests.admin.desk import desk_of
from tests.api.conftest import Caller
from tests.harness.world import NOON, as_stored

from .demands import demanded, proved

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from config.kernel.people import User
    from refunds.evidence_map.completeness import Counted
    from tests.harness.world import World

pytestmark = pytest.mark.django_db
WHY = "The parcel came back without its lamp."
NOVEMBER = date(2026, 11, 1)


def of_month(viewer: User, **more: Any) -> Slice:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    return Slice(team_ids=team_ids_of(viewer), since=since, until=since + timedelta(days=30), **more)


def figures(counted: Counted) -> tuple[int, int, int, int]:
    return counted.request_count, counted.complete_count, counted.needed_count, counted.held_count


def added(rows: Iterable[tuple[Hashable, Counted]]) -> dict[Hashable, tuple[int, ...]]:
    sums: dict[Hashable, tuple[int, ...]] = {}
    for key, counted in rows:
        sums[key] = tuple(map(add, sums.get(key, (0, 0, 0, 0)), figures(counted)))
    return sums


def missing(found: RefundRequest) -> list[Artifact]:
    return missing_of(needs_of([found.pk]).get(found.pk, []))


class TestARequest:
    def test_needs_the_records_of_each_point_it_passed(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)

        assert [(need.point, need.artifact, need.is_held) for need in needs_of([approved.pk])[approved.pk]] == [
            (DecisionPoint.REQUEST, Artifact.POLICY_CHECK, True),
            (DecisionPoint.APPROVAL, Artifact.APPROVAL_RECORD, True),
        ]

    def test_needs_what_was_demanded_of_it(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)
        demanded("approval", "rationale")
        demanded("request", "receipt", above_minor=99_99, currency="GBP")
        demanded("request", "photo", above_minor=100_00, currency="GBP")
        demanded("exception", "photo")
        demanded("payout", "bank_proof")
        assert missing(approved) == [Artifact.RECEIPT, Artifact.RATIONALE]

        proved(approved, amir)

        assert missing(approved) == [Artifact.RATIONALE]

    def test_needs_what_its_policy_demanded(self, world: World, amir: User, dana: User) -> None:
        filed = world.filed(world.order(unit_minor=150_00), by=amir, reason="damaged")
        photo = proved(filed, amir, "photo")
        workflow.submit(reference=filed.reference, actor=amir, at=NOON)
        workflow.decide(reference=filed.reference, verdict=Verdict.APPROVE, rationale="", actor=dana, at=NOON)
        assert missing(filed) == []

        type(photo).objects.filter(pk=photo.pk).update(kind="receipt")

        assert missing(filed) == [Artifact.PHOTO]

    def test_is_not_proved_by_a_file_in_quarantine(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)
        demanded("approval", "receipt")
        file = proved(approved, amir)
        assert missing(approved) == []

        type(file).objects.filter(pk=file.pk).update(scan_state=ScanState.INFECTED)

        assert missing(approved) == [Artifact.RECEIPT]

    def test_that_was_paid_needs_its_execution_and_the_message(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)
        CustomerMessage.objects.filter(subject_id=approved.pk).delete()
        RefundRequest.objects.filter(pk=approved.pk).update(state=State.PROCESSING)

        assert missing(approved) == [Artifact.EXECUTION_RECORD, Artifact.MESSAGE_COPY]

    def test_that_was_declined_needs_its_message_read_and_sent(
        self, world: World, amir: User, dana: User, milo: User
    ) -> None:
        waiting = world.waiting(by=amir)
        workflow.decide(reference=waiting.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=dana, at=NOON)
        letter = CustomerMessage.objects.get(subject_id=waiting.pk)
        assert missing(waiting) == [Artifact.MESSAGE_COPY, Artifact.MESSAGE_REVIEW]
        assert {need.point for need in needs_of([waiting.pk])[waiting.pk] if not need.is_held} == {
            DecisionPoint.MESSAGE
        }
        assert "Review of the message" in desk_of(amir).get(waiting.get_absolute_url()).text

        approve_message(
            message_id=letter.pk, subject_line=letter.subject_line, body=letter.body, seen=letter.body_sha256,
            actor=milo, at=NOON,
        )  # fmt: skip
        assert missing(waiting) == [Artifact.MESSAGE_COPY]
        drain()

        assert missing(waiting) == []

    def test_of_an_exception_needs_its_message_read_once_it_is_paid(
        self, world: World, amir: User, mei: User, dana: User
    ) -> None:
        late = world.filed(world.order(days_ago=50), by=amir)
        workflow.grant_exception(reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=mei, at=NOON)
        workflow.decide(reference=late.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=dana, at=NOON)
        RefundRequest.objects.filter(pk=late.pk).update(state=State.PROCESSING)

        assert missing(late) == [Artifact.EXECUTION_RECORD, Artifact.MESSAGE_REVIEW]

    def test_that_nobody_decided_has_no_score(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        withdrawn = world.waiting(by=amir)
        workflow.withdraw(reference=withdrawn.reference, note="", actor=amir, at=NOON)
        demanded("request", "receipt")

        assert needs_of([waiting.pk, withdrawn.pk]) == {}
        assert evidence_missing_of([as_stored(waiting), as_stored(withdrawn)]) == {waiting.pk: [], withdrawn.pk: []}

    def test_tells_its_page_and_the_api(self, world: World, amir: User, dana: User) -> None:
        approved = world.approved(by=amir, approver=dana)
        demanded("request", "receipt")

        page = desk_of(amir).get(approved.get_absolute_url()).text
        one = Caller(amir).get(f"refund-requests/{approved.reference}").json()
        many = Caller(amir).get("refund-requests").json()["results"]

        assert "2 of 3 artifacts" in page
        assert "Incomplete" in page
        assert one["evidence_missing"] == ["receipt"]
        assert [row["evidence_missing"] for row in many] == [["receipt"]]

    def test_names_before_its_decision_what_that_demands(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        demanded("approval", "receipt")
        demanded("approval", "rationale")  # the form asks for it

        answer = Caller(amir).get(f"refund-requests/{waiting.reference}").json()

        assert answer["evidence_missing"] == ["receipt"]


class TestTheSetsAndTheGates:
    def test_agree_on_which_demands_hold(self, world: World, amir: User, dana: User) -> None:
        """Every combination of conditions, on two requests, asked of SQL and of Python."""
        home = world.approved(by=amir, approver=dana)
        away = world.filed(world.order(team="us-dtc", unit_minor=5_00), by=amir, reason="damaged")
        RefundRequest.objects.filter(pk=away.pk).update(method="bank_transfer", decided_at=NOON)
        subjects = [as_stored(home), as_stored(away)]
        conditions: list[list[dict[str, Any]]] = [
            [{}, {"team_id": home.team_id}],
            [{}, {"category": "refund"}, {"category": "payout"}],
            [{}, {"reason": "damaged"}],
            [{}, {"method": "bank_transfer"}],
            [{}, {"above_minor": 4_99, "currency": "USD"}, {"above_minor": 100_00, "currency": "GBP"}],
        ]
        for parts in product(*conditions):
            words = {name: value for part in parts for name, value in part.items()}
            row = EvidenceRequirement.objects.create(point="request", artifact="receipt", why="w", owner="o", **words)
            by_sql = {
                pk
                for pk, needs in needs_of([one.pk for one in subjects]).items()
                if Artifact.RECEIPT in [need.artifact for need in needs]
            }

            assert by_sql == {one.pk for one in subjects if covers(row, facts_of(one))}, words
            row.delete()

    def test_agree_just_at_the_limits_of_several_demands(self, world: World, amir: User) -> None:
        orders = [world.order(unit_minor=minor) for minor in (99_99, 100_00, 100_01, 150_00)]
        orders.append(world.order(team="us-dtc", unit_minor=100_01))
        filed = [world.filed(order, by=amir, reason="changed_mind") for order in orders]
        RefundRequest.objects.filter(pk__in=[one.pk for one in filed]).update(decided_at=NOON)
        subjects = [as_stored(one) for one in filed]
        rows = [
            demanded("request", artifact, above_minor=above, currency=currency)
            for artifact, above, currency in (
                ("receipt", 99_99, "GBP"),
                ("photo", 100_00, "GBP"),
                ("bank_proof", 100_01, "GBP"),
                ("carrier_proof", 100_00, "USD"),
            )
        ]

        by_sql = {
            pk: {need.artifact for need in needs if need.artifact != Artifact.POLICY_CHECK}
            for pk, needs in needs_of([one.pk for one in subjects]).items()
        }

        assert by_sql == {
            one.pk: {Artifact(row.artifact) for row in rows if covers(row, facts_of(one))} for one in subjects
        }


class TestRequestsAlike:
    def test_count_as_many_as_when_each_is_judged_alone(self, world: World, amir: User, dana: User, ada: User) -> None:
        """Twins, and requests that differ in one thing each: a file, an amount, a letter, a team, a state, a month."""
        mixed = [world.approved(by=amir, approver=dana) for _ in range(6)]
        mixed += [world.filed(world.order(unit_minor=minor), by=amir, reason="damaged") for minor in (100_00, 100_01)]
        mixed.append(world.filed(world.order(team="us-dtc", unit_minor=5_00), by=amir, reason="damaged"))
        proved(mixed[2], amir)
        CustomerMessage.objects.filter(subject_id=mixed[3].pk).delete()
        states = {3: State.PROCESSING, 4: State.PROCESSING, 5: State.DECLINED}
        moments = [NOON - timedelta(days=40 if place == 1 else 0, seconds=place) for place in range(len(mixed))]
        for place, one in enumerate(mixed):
            changed = {"decided_at": moments[place]} | ({"state": states[place]} if place in states else {})
            RefundRequest.objects.filter(pk=one.pk).update(**changed)
        demanded("request", "receipt", above_minor=99_99, currency="GBP")
        demanded("request", "photo", above_minor=100_00, currency="GBP")
        demanded("approval", "receipt")
        demanded("approval", "rationale")
        demanded("payout", "customer_statement")
        since, until = min(moments), max(moments) + timedelta(seconds=1)
        teams = team_ids_of(ada)
        alone = [Slice(team_ids=teams, since=moment, until=moment + timedelta(microseconds=1)) for moment in moments]
        together = Slice(team_ids=teams, since=since, until=until)

        months = {(team, month): figures(counted) for team, month, counted in by_team_and_month(together)}
        points = {point: figures(counted) for point, counted in by_point(together).items()}

        assert months == added((row[:2], row[2]) for one in alone for row in by_team_and_month(one))
        assert points == added(row for one in alone for row in by_point(one).items())
        needs = needs_of([one.pk for one in mixed])
        assert sum(row[0] for row in months.values()) == len(mixed) == len(needs)
        assert sum(row[2] for row in months.values()) == sum(map(len, needs.values()))


class TestAMonth:
    def test_counts_requests_and_artifacts_once(self, world: World, amir: User, dana: User, ada: User) -> None:
        complete, bare = world.approved(by=amir, approver=dana), world.approved(by=amir, approver=dana)
        demanded("request", "receipt")
        demanded("approval", "receipt")
        proved(complete, amir)
        assert len(needs_of([bare.pk])[bare.pk]) == 3

        ((team_id, month, counted),) = by_team_and_month(of_month(ada))

        assert (team_id, month) == (bare.team_id, NOVEMBER)
        assert (counted.request_count, counted.complete_count) == (2, 1)
        assert (counted.needed_count, counted.held_count, counted.percent) == (6, 5, "83 %")

    def test_is_that_of_the_teams_reason_and_code_asked_for(
        self, world: World, amir: User, dana: User, asha: User, ada: User
    ) -> None:
        world.approved(by=amir, approver=dana)

        assert by_team_and_month(of_month(asha)) == []
        assert by_team_and_month(of_month(ada, reason="damaged")) == []
        assert by_team_and_month(of_month(ada, exception_code="OTHER")) == []
        assert len(by_team_and_month(of_month(ada, reason="changed_mind"))) == 1

    def test_is_counted_by_point_too(self, world: World, amir: User, dana: User, ada: User) -> None:
        world.approved(by=amir, approver=dana)
        demanded("approval", "receipt")

        counted = by_point(of_month(ada))

        assert counted[DecisionPoint.REQUEST].is_complete
        assert (counted[DecisionPoint.APPROVAL].held_count, counted[DecisionPoint.APPROVAL].needed_count) == (1, 2)

    def test_costs_as_much_for_many_as_for_one(
        self, world: World, amir: User, dana: User, ada: User, django_assert_num_queries: Callable[[int], Any]
    ) -> None:
        for _ in range(3):
            world.approved(by=amir, approver=dana)
        wanted = of_month(ada)

        with django_assert_num_queries(2):
            by_team_and_month(wanted)
            by_point(wanted)
