"""Many alike requests in one go: what may be ticked, what each becomes, and that nothing is decided twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from approvals.models import ApprovalDecision, ApprovalRoute, ApprovalStep, AuthorityLimit, StepUpLimit
from approvals.queue_view import QueueView
from approvals.selecting import why_not_select
from approvals.selectors import waiting_routes
from approvals.vocabulary import Verdict
from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team, assign_to_teams
from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from refunds import bulk, workflow
from refunds.vocabulary import BulkReason, State
from tests.harness.people import by_decree, fresh, settle
from tests.harness.sign_in import make_stale
from tests.harness.stillness import nothing_moves, refused
from tests.harness.world import NOON, World, as_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.test import Client

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db


def route_of(refund_request: RefundRequest) -> UUID:
    return ApprovalRoute.objects.get(reference=refund_request.reference, state="open").pk


def _told_of(refund_request: RefundRequest) -> dict[str, Any]:
    entry = LedgerEntry.objects.get(subject_id=refund_request.pk, kind="refund_request.approved")
    data: dict[str, Any] = json.loads(entry.payload)["data"]
    return data


def approve(actor: User, route_ids: Sequence[UUID], note: str = "") -> list[bulk.Done]:
    return bulk.approve_all(route_ids=route_ids, reason=BulkReason.IN_POLICY, note=note, actor=actor, at=NOON)


def why_not(viewer: User, route_id: UUID) -> str:
    (candidate,) = bulk.select(viewer, [route_id], at=NOON).candidates
    return candidate.why_not


class TestRoutine:
    def test_is_what_only_its_amount_brings_before_a_person(self, world: World, amir: User) -> None:
        assert ApprovalRoute.objects.get(pk=route_of(world.waiting(by=amir))).is_routine

    def test_is_not_an_exception(self, world: World, amir: User, mei: User) -> None:
        late = world.filed(world.order(unit_minor=100_00, days_ago=50), by=amir)
        workflow.grant_exception(
            reference=late.reference, code="WINDOW_EXPIRED", rationale="Ill for six weeks.", actor=mei, at=NOON
        )

        assert not ApprovalRoute.objects.get(pk=route_of(late)).is_routine


class TestSelect:
    def test_sums_each_currency_by_itself(self, world: World, amir: User, dana: User) -> None:
        ids = [route_of(world.waiting(by=amir, pounds=pounds)) for pounds in (100, 120)]
        ids.append(route_of(world.filed(world.order(team="us-dtc", unit_minor=250_00), by=amir)))

        selection = bulk.select(dana, ids, at=NOON)

        assert [candidate.why_not for candidate in selection.candidates] == ["", "", ""]
        assert selection.sums == [Money(220_00, "GBP"), Money(250_00, "USD")]
        assert selection.problem == ""

    def test_costs_the_same_for_many_as_for_few(
        self, world: World, amir: User, dana: User, django_assert_max_num_queries: object
    ) -> None:
        ids = [route_of(world.waiting(by=amir, pounds=60 + number)) for number in range(6)]
        counts = []
        for some in (ids[:2], ids):
            viewer = fresh(dana)
            with django_assert_max_num_queries(14) as counted:  # type: ignore[operator]
                bulk.select(viewer, some, at=NOON)
            counts.append(len(counted))
        assert counts[0] == counts[1]

    def test_refuses_more_than_twenty_five(self, dana: User) -> None:
        assert bulk.select(dana, [new_id() for _ in range(26)], at=NOON).problem == (
            "Select at most 25 requests; these are 26."
        )
        with refused(Refused, "refused"):
            approve(dana, [new_id() for _ in range(26)])

    def test_knows_nothing_of_other_teams(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        assign_to_teams(user=dana, teams=[world.team("us-dtc")])

        selection = bulk.select(fresh(dana), [route_of(waiting), new_id()], at=NOON)

        assert (selection.candidates, selection.strange_count) == ((), 2)
        assert Team.objects.filter(slug="us-dtc").exists()

    def test_wants_one_reason(self, world: World, amir: User, dana: User) -> None:
        ids = [route_of(world.waiting(by=amir))]
        ids.append(route_of(world.filed(world.order(unit_minor=100_00), by=amir, reason="not_as_described")))
        ApprovalRoute.objects.filter(pk=ids[1]).update(is_routine=True)

        with refused(Refused, "refused"):
            approve(dana, ids)
        assert "same reason" in bulk.select(dana, ids, at=NOON).problem

    def test_wants_one_category(self, world: World, amir: User, dana: User) -> None:
        ids = [route_of(world.waiting(by=amir)) for _ in range(2)]
        ApprovalRoute.objects.filter(pk=ids[1]).update(category="goodwill_credit")
        with by_decree():
            AuthorityLimit.objects.create(
                user=dana, category="goodwill_credit", currency="GBP", single_minor=500_00, daily_minor=900_00
            )

        assert "one category" in bulk.select(fresh(dana), ids, at=NOON).problem


class TestWhyNot:
    def test_is_my_own_request(self, world: World, zeus: User) -> None:
        assert "You entered this request" in why_not(zeus, route_of(world.waiting(by=zeus)))

    def test_is_above_my_limit(self, world: World, amir: User, dana: User) -> None:
        assert "up to £500.00" in why_not(dana, route_of(world.waiting(by=amir, pounds=600)))

    def test_is_held_by_somebody_else(self, world: World, amir: User, dana: User, viktor: User) -> None:
        pk = route_of(world.waiting(by=amir))
        ApprovalStep.objects.filter(route=pk).update(leased_by=viktor, leased_until=NOON + timedelta(minutes=5))

        assert why_not(dana, pk) == "Viktor is looking at this until 12:05 UTC."
        assert why_not(viktor, pk) == ""

    def test_is_risk(self, world: World, amir: User, dana: User) -> None:
        pk = route_of(world.waiting(by=amir))
        ApprovalRoute.objects.filter(pk=pk).update(risk="medium")

        assert why_not(dana, pk) == "Decide it by itself: it is of medium risk."

    def test_is_an_exception(self, world: World, amir: User, mei: User, dana: User) -> None:
        late = world.filed(world.order(unit_minor=100_00, days_ago=50), by=amir)
        workflow.grant_exception(
            reference=late.reference, code="WINDOW_EXPIRED", rationale="Ill for six weeks.", actor=mei, at=NOON
        )

        assert why_not(dana, route_of(late)) == "Decide it by itself: it is an exception from policy."

    def test_is_a_rule_that_asked_for_more(self, world: World, amir: User, dana: User) -> None:
        pk = route_of(world.waiting(by=amir))
        ApprovalRoute.objects.filter(pk=pk).update(is_routine=False)

        assert "more than a signature" in why_not(dana, pk)

    def test_is_missing_evidence(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        type(waiting).objects.filter(pk=waiting.pk).update(evidence_missing=["photo"])

        assert why_not(dana, route_of(waiting)) == "Decide it by itself: evidence is missing."

    def test_is_the_day_that_has_no_room_left(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana, currency="GBP").update(daily_minor=500_00)
        ids = [route_of(world.waiting(by=amir, pounds=200)) for _ in range(3)]

        selection = bulk.select(fresh(dana), ids, at=NOON)

        assert [bool(candidate.why_not) for candidate in selection.candidates] == [False, False, True]
        assert "leaves £100.00 behind the others" in selection.candidates[2].why_not
        assert selection.sums == [Money(400_00, "GBP")]


class TestApproveAll:
    def test_decides_each_with_a_record_of_its_own(self, world: World, amir: User, dana: User) -> None:
        waiting = [world.waiting(by=amir, pounds=pounds) for pounds in (100, 120)]

        results = approve(dana, [route_of(each) for each in waiting], note="Batch 7.")

        assert [(result.is_done, result.sentence) for result in results] == [
            (True, "Approved: £100.00."),
            (True, "Approved: £120.00."),
        ]
        assert {as_stored(each).state for each in waiting} == {State.APPROVED}
        rationales = set(ApprovalDecision.objects.values_list("rationale", flat=True))
        assert rationales == {"Bulk of 2: In policy and fully proved. Batch 7."}
        told = [_told_of(each) for each in waiting]
        assert [(entry["position"], entry["of"]) for entry in told] == [(1, 2), (2, 2)]
        assert told[0]["bulk"] == told[1]["bulk"]

    def test_decides_nothing_twice(self, world: World, amir: User, dana: User) -> None:
        ids = [route_of(world.waiting(by=amir)) for _ in range(2)]
        approve(dana, ids)

        with nothing_moves():
            results = approve(dana, ids)

        assert [result.sentence for result in results] == ["You decided on this already."] * 2

    def test_leaves_out_what_does_not_fit_and_does_the_rest(
        self, world: World, amir: User, dana: User, viktor: User
    ) -> None:
        fits, too_large, decided = (world.waiting(by=amir, pounds=pounds) for pounds in (100, 600, 110))
        ids = [route_of(each) for each in (fits, too_large, decided)]
        workflow.decide(reference=decided.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=NOON)

        results = approve(dana, ids)

        assert [result.is_done for result in results] == [True, False, False]
        assert "up to £500.00" in results[1].sentence
        assert results[2].sentence == "This no longer waits for a decision."
        assert as_stored(too_large).state == State.AWAITING_APPROVAL

    def test_leaves_out_what_did_not_fit_though_another_made_room(
        self, world: World, amir: User, dana: User, viktor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana).update(single_minor=100_00, daily_minor=150_00)
        first, second = world.waiting(by=amir), world.waiting(by=amir)
        decide = workflow.decide

        def somebody_is_faster(*, reference: str, **words: Any) -> RefundRequest:
            decide(reference=reference, verdict=Verdict.DECLINE, rationale="Sent back.", actor=viktor, at=NOON)
            return decide(reference=reference, **words)

        monkeypatch.setattr(workflow, "decide", somebody_is_faster)

        done = approve(dana, [route_of(first), route_of(second)])

        assert [each.is_done for each in done] == [False, False]
        assert "behind the others" in done[1].sentence
        assert as_stored(second).state == State.AWAITING_APPROVAL

    def test_keeps_four_eyes(self, world: World, amir: User, zeus: User) -> None:
        own, other = world.waiting(by=zeus), world.waiting(by=amir)

        results = approve(zeus, [route_of(own), route_of(other)])

        assert [result.is_done for result in results] == [False, True]
        assert as_stored(own).state == State.AWAITING_APPROVAL
        assert not ApprovalDecision.objects.filter(route__reference=own.reference).exists()

    def test_skips_the_rest_when_the_day_runs_out(self, world: World, amir: User, dana: User) -> None:
        with by_decree():
            AuthorityLimit.objects.filter(user=dana, currency="GBP").update(daily_minor=500_00)
        ids = [route_of(world.waiting(by=amir, pounds=200)) for _ in range(4)]

        results = approve(fresh(dana), ids)

        assert [result.is_done for result in results] == [True, True, False, False]
        assert "Your limit for today leaves £100.00" in results[2].sentence

    def test_judges_each_anew(self, world: World, amir: User, dana: User) -> None:
        order = world.order(unit_minor=100_00)
        pk = route_of(world.filed(order, by=amir))
        order.lines.update(final_sale=True)

        (result,) = approve(dana, [pk])

        assert (result.is_done, "facts have changed" in result.sentence) == (False, True)

    def test_stops_at_an_error_and_keeps_the_list(
        self, world: World, amir: User, dana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = [world.waiting(by=amir) for _ in range(3)]
        decide = workflow.decide

        def breaks(**words: object) -> RefundRequest:
            if words["reference"] == waiting[1].reference:
                raise ZeroDivisionError
            return decide(**words)  # type: ignore[arg-type]

        monkeypatch.setattr(workflow, "decide", breaks)
        results = approve(dana, [route_of(each) for each in waiting])

        assert [result.is_done for result in results] == [True, False, False]
        assert "error stopped here" in results[1].sentence
        assert "Not tried" in results[2].sentence
        assert [as_stored(each).state for each in waiting] == [
            State.APPROVED,
            State.AWAITING_APPROVAL,
            State.AWAITING_APPROVAL,
        ]

    def test_keeps_no_card_number(self, world: World, amir: User, dana: User) -> None:
        pk = route_of(world.waiting(by=amir))

        with refused(Refused, "card_number_in_text"):
            approve(dana, [pk], note="Paid with 4242 4242 4242 4242.")


class TestBulkPages:
    def test_list_all_and_approve_what_is_left(self, world: World, amir: User, dana: User, client: Client) -> None:
        waiting = [world.waiting(by=amir, pounds=pounds) for pounds in (100, 120, 600)]
        ids = [str(route_of(each)) for each in waiting]
        client.force_login(dana)

        listed = client.post(reverse("refunds:bulk"), {"route": [*ids, "nonsense"]})
        done = client.post(
            reverse("refunds:bulk"), {"route": ids[:1], "confirm": "1", "reason": "in_policy", "note": ""}
        )

        words = listed.content.decode()
        assert listed.status_code == 200
        assert all(each.reference in words for each in waiting)
        assert "£220.00" in words
        assert "1 request is not known here" in words
        assert "1 of 1 done" in done.content.decode()
        assert [as_stored(each).state for each in waiting].count(State.APPROVED) == 1

    def test_ask_who_she_is_before_anything_is_decided(
        self, world: World, amir: User, dana: User, client: Client
    ) -> None:
        StepUpLimit.objects.create(currency="GBP", above_minor=150_00)
        small, large = world.waiting(by=amir), world.waiting(by=amir, pounds=200)
        routes = [str(route_of(small)), str(route_of(large))]
        words = {"route": routes, "confirm": "1", "reason": "in_policy", "note": ""}
        client.force_login(dana)
        make_stale(client)

        with nothing_moves():
            asked = client.post(reverse("refunds:bulk"), words)

        assert asked.status_code == 403
        assert asked.context["replayed"] == [("route", pk) for pk in routes] + [
            ("confirm", "1"),
            ("reason", "in_policy"),
            ("note", ""),
        ]
        client.force_login(dana)
        client.post(reverse("refunds:bulk"), words)
        assert {as_stored(each).state for each in (small, large)} == {State.APPROVED}

    def test_want_a_reason(self, world: World, amir: User, dana: User, client: Client) -> None:
        waiting = world.waiting(by=amir)
        client.force_login(dana)

        answer = client.post(reverse("refunds:bulk"), {"route": [str(route_of(waiting))], "confirm": "1"})

        assert answer.status_code == 422
        assert as_stored(waiting).state == State.AWAITING_APPROVAL

    def test_refuse_twenty_six(self, world: World, dana: User, client: Client) -> None:
        client.force_login(dana)

        answer = client.post(
            reverse("refunds:bulk"), {"route": [str(new_id()) for _ in range(26)], "confirm": "1", "reason": "returned"}
        )

        assert answer.status_code == 422
        assert "at most 25" in answer.content.decode()


class TestQueueBoxes:
    def test_say_why_a_row_cannot_be_ticked(self, world: World, amir: User, viktor: User, client: Client) -> None:
        routine, odd, held = (world.waiting(by=amir) for _ in range(3))
        ApprovalRoute.objects.filter(reference=odd.reference).update(is_routine=False)
        ApprovalStep.objects.filter(route__reference=held.reference).update(
            leased_by=settle("vera"), leased_until=NOON + timedelta(minutes=5)
        )

        rows = list(waiting_routes(viktor, QueueView(), at=NOON))
        answers = why_not_select(viktor, rows, {}, at=NOON)

        assert route_of(routine) not in answers
        assert "by itself" in answers[route_of(odd)]
        assert answers[route_of(held)] == "Vera is looking at it."
        client.force_login(viktor)
        assert 'form="bulk"' in client.get("/queue/").content.decode()
