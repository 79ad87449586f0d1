"""A demand of the catalogue keeps its decision point shut, at every door, until what it names is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import ApprovalRoute
from approvals.vocabulary import Verdict
from config.kernel.refusals import Refused
from evidence.ledger import timeline_of
from evidence.models import EvidenceRequirement
from refunds import bulk, workflow
from refunds.models import Operation, RefundRequest
from refunds.processing.performing import due_operations, perform_operation
from refunds.vocabulary import BulkReason, Method, State
from tests.admin.desk import desk_of
from tests.api.conftest import Caller
from tests.harness.known import order_of
from tests.harness.stillness import nothing_moves
from tests.harness.world import NOON, as_stored

from .demands import WHY, demanded, proved

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db
RATIONALE = "The parcel came back complete."


def approve(reference: str, actor: User, rationale: str = "", **more: Any) -> RefundRequest:
    return workflow.decide(
        reference=reference, verdict=Verdict.APPROVE, rationale=rationale, actor=actor, at=NOON, **more
    )


def submit(found: RefundRequest, actor: User) -> RefundRequest:
    return workflow.submit(reference=found.reference, actor=actor, at=NOON)


def refused(command: Callable[[], object]) -> Refused:
    """Expect the refusal of a gate, and that nothing moved."""
    with nothing_moves(), pytest.raises(Refused) as no:
        command()
    assert no.value.code == "evidence_missing"
    return no.value


class TestSubmitting:
    def test_is_refused_until_each_artifact_is_there(self, world: World, amir: User) -> None:
        draft = _draft(world, amir)
        for artifact in ("receipt", "customer_statement"):
            demanded("request", artifact)

        no = refused(lambda: submit(draft, amir))

        assert [reason.field for reason in no.reasons] == ["customer_statement", "receipt"]
        assert no.reasons[1].detail == (
            "Receipt is missing. Attach it to the request, under Evidence. Control asks for it: " + WHY
        )
        proved(draft, amir)
        answered = workflow.submit(reference=draft.reference, actor=amir, at=NOON, answer="It never rang.")
        assert answered.state != State.INTAKE

    def test_by_a_machine_keeps_a_draft_that_names_all_that_is_missing(self, world: World, amir: User) -> None:
        demanded("request", "receipt", reason="damaged")

        filed = world.filed(world.order(unit_minor=150_00), by=amir, reason="damaged")

        assert (filed.state, filed.evidence_missing) == (State.INTAKE, ["photo", "receipt"])

    def test_is_refused_on_the_page_with_the_draft_kept(self, world: World, amir: User) -> None:
        demanded("request", "receipt")
        order = world.order()
        line = order.lines.get()
        form = {f"quantity_{line.pk}": "1", f"condition_{line.pk}": "unopened", "reason": "changed_mind"}
        address = reverse("refunds:intake_order", args=[order.channel, order.external_id])

        shown = desk_of(amir).post(address, {**form, "do": "submit"})

        assert shown.status_code == 422
        assert shown.text.count("Receipt is missing.") == 2  # refused above, and in the verdict
        assert RefundRequest.objects.get(order=order).state == State.INTAKE

    def test_is_refused_by_the_api_with_each_artifact_named(self, world: World, amir: User) -> None:
        demanded("request", "receipt")
        draft = _draft(world, amir)

        answer = Caller(amir).post(f"refund-requests/{draft.reference}/submit")

        assert (answer.status_code, answer.json()["code"]) == (422, "evidence_missing")
        assert [error["field"] for error in answer.json()["errors"]] == ["receipt"]

    def test_shows_what_is_missing_before_the_click(self, world: World, amir: User) -> None:
        demanded("request", "receipt")
        draft = _draft(world, amir)
        desk = desk_of(amir)

        page = desk.get(draft.get_absolute_url()).text
        card = desk.get(
            reverse("refunds:intake_order", args=[order_of(draft).channel, order_of(draft).external_id])
        ).text

        for text in (page, card):
            assert "Receipt is missing." in text
            assert "Attach it to the request, under Evidence." in text


class TestAnException:
    def test_is_granted_only_with_what_its_code_demands(self, world: World, amir: User, mei: User) -> None:
        waiting = world.filed(world.order(unit_minor=10_00, days_ago=60), by=amir)
        demanded("exception", "receipt", exception_code="WINDOW_EXPIRED")

        def grant(code: str) -> RefundRequest:
            return workflow.grant_exception(
                reference=waiting.reference, code=code, rationale=RATIONALE, actor=mei, at=NOON
            )

        refused(lambda: grant("WINDOW_EXPIRED"))
        panel = desk_of(mei).get(reverse("refunds:panel", args=[waiting.reference])).text
        assert "Under WINDOW_EXPIRED this is missing: Receipt." in panel
        assert grant("LATE_DELIVERY").state == State.AWAITING_APPROVAL


class TestApproving:
    def test_is_refused_on_page_and_api_until_the_file_is_there(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        demanded("approval", "receipt", team_id=waiting.team_id, reason="changed_mind")

        refused(lambda: approve(waiting.reference, dana))
        posted = desk_of(dana).post(reverse("refunds:approve", args=[waiting.reference]), {"amount": "100.00"})
        called = Caller(dana).post(f"refund-requests/{waiting.reference}/approve", {"rationale": RATIONALE})

        assert (posted.status_code, called.status_code) == (422, 422)
        assert "Receipt is missing." in posted.text
        assert called.json()["code"] == "evidence_missing"
        proved(waiting, amir)
        assert approve(waiting.reference, dana).state == State.APPROVED

    def test_wants_a_rationale_beside_its_field_where_one_is_demanded(
        self, world: World, amir: User, dana: User
    ) -> None:
        waiting = world.waiting(by=amir)
        demanded("approval", "rationale", above_minor=50_00, currency="GBP")

        posted = desk_of(dana).post(reverse("refunds:approve", args=[waiting.reference]), {"amount": "100.00"})

        assert (posted.status_code, list(posted.context["form"].errors)) == (422, ["rationale"])
        assert approve(waiting.reference, dana, RATIONALE).state == State.APPROVED

    @pytest.mark.parametrize("pounds", [40, 50])
    def test_looks_at_the_amount_that_is_signed(self, world: World, amir: User, dana: User, pounds: int) -> None:
        waiting = world.waiting(by=amir)
        demanded("approval", "receipt", above_minor=50_00, currency="GBP")

        refused(lambda: approve(waiting.reference, dana, RATIONALE, amount_minor=50_01))

        signed = approve(waiting.reference, dana, RATIONALE, amount_minor=pounds * 100)
        assert signed.approved_minor == pounds * 100

    def test_many_at_once_says_beside_each_what_is_missing(self, world: World, amir: User, dana: User) -> None:
        proven, bare = world.waiting(by=amir), world.waiting(by=amir)
        proved(proven, amir)
        demanded("approval", "receipt")
        routes = list(ApprovalRoute.objects.filter(state="open").order_by("pk").values_list("pk", flat=True))

        seen = {one.route.reference: one.why_not for one in bulk.select(dana, routes, at=NOON).candidates}
        done = bulk.approve_all(route_ids=routes, reason=BulkReason.IN_POLICY, note="", actor=dana, at=NOON)

        assert seen[proven.reference] == ""
        assert "receipt is missing" in seen[bare.reference]
        assert {one.route.reference: one.is_done for one in done} == {proven.reference: True, bare.reference: False}
        assert as_stored(bare).state == State.AWAITING_APPROVAL

    def test_is_not_kept_by_what_is_demanded_elsewhere_or_no_more(self, world: World, amir: User, dana: User) -> None:
        waiting = world.waiting(by=amir)
        demanded("approval", "receipt", team_id=world.team("us-dtc").pk)
        demanded("approval", "receipt", reason="damaged")
        demanded("approval", "receipt", exception_code="WINDOW_EXPIRED")
        demanded("approval", "receipt", category="payout")
        demanded("approval", "receipt", method="bank_transfer")
        demanded("approval", "receipt", above_minor=1, currency="USD")
        demanded("exception", "receipt")
        demanded("approval", "photo", is_active=False)

        assert approve(waiting.reference, dana).state == State.APPROVED

    def test_does_not_take_the_file_of_another_request_for_this_one(self, world: World, amir: User, dana: User) -> None:
        waiting, other = world.waiting(by=amir), world.waiting(by=amir)
        proved(other, amir)
        demanded("approval", "receipt")

        refused(lambda: approve(waiting.reference, dana))


class TestAPayout:
    @pytest.fixture
    def queued(self, world: World, amir: User, dana: User) -> Operation:
        approved = world.approved(by=amir, approver=dana)
        RefundRequest.objects.filter(pk=approved.pk).update(method=Method.BANK_TRANSFER)
        demanded("payout", "bank_proof", method="bank_transfer")
        return Operation.objects.get(refund_request=approved)

    def test_waits_here_and_says_so_once(self, queued: Operation, amir: User) -> None:
        later = NOON + timedelta(hours=1)
        assert not perform_operation(operation_id=queued.pk, at=later)
        assert not perform_operation(operation_id=queued.pk, at=later + timedelta(hours=1))

        request = as_stored(queued.refund_request)
        queued.refresh_from_db()
        assert (request.state, request.evidence_missing) == (State.APPROVED, ["bank_proof"])
        assert (queued.state, queued.attempt_count) == ("ready", 0)
        wanted = timeline_of(request.subject).filter(kind="refund_request.evidence_wanted")
        assert [entry.sentence for entry in wanted] == ["kept the money here; still missing: bank_proof."]
        assert "Proof from the bank is missing." in desk_of(amir).get(request.get_absolute_url()).text

    def test_is_out_of_the_way_of_others_meanwhile(self, queued: Operation) -> None:
        later = NOON + timedelta(hours=1)
        perform_operation(operation_id=queued.pk, at=later)

        assert due_operations(later) == []
        assert due_operations(later + timedelta(minutes=5)) == [queued.pk]

    def test_leaves_once_the_proof_is_there(self, queued: Operation, amir: User) -> None:
        later = NOON + timedelta(hours=1)
        perform_operation(operation_id=queued.pk, at=later)
        proved(queued.refund_request, amir, "bank_proof")

        assert perform_operation(operation_id=queued.pk, at=later + timedelta(minutes=5))

        request = as_stored(queued.refund_request)
        assert (request.state != State.APPROVED, request.evidence_missing) == (True, [])

    def test_is_not_tried_again_by_finance_without_it(self, queued: Operation, lena: User) -> None:
        RefundRequest.objects.filter(pk=queued.refund_request_id).update(state=State.FAILED)
        queued.state = "failed"
        queued.save(update_fields=["state"])

        refused(lambda: workflow.retry(reference=queued.refund_request.reference, actor=lena, at=NOON))


class TestAnEmptyCatalogue:
    def test_costs_one_query_a_command_and_demands_cost_no_more(self, world: World, amir: User, dana: User) -> None:
        first, second = world.waiting(by=amir), world.waiting(by=amir)
        proved(second, amir)
        assert not EvidenceRequirement.objects.exists()

        with CaptureQueriesContext(connection) as without:
            approve(first.reference, dana)
        for artifact in ("receipt", "rationale", "customer_statement"):
            demanded("approval", artifact, reason="changed_mind" if artifact == "receipt" else "damaged")
        with CaptureQueriesContext(connection) as with_demands:
            approve(second.reference, dana)

        asked = [query["sql"] for query in without if "evidence_evidencerequirement" in query["sql"]]
        assert len(asked) == 1
        assert len(with_demands) <= len(without)


def _draft(world: World, by: User) -> RefundRequest:
    kept = Caller(by).post("refund-requests", _body(world))
    assert kept.status_code == 201, kept.json()
    return RefundRequest.objects.get(reference=kept.json()["reference"])


def _body(world: World) -> dict[str, Any]:
    order = world.order()
    return {
        "channel": order.channel,
        "order": order.external_id,
        "reason": "changed_mind",
        "lines": [{"line": "1", "quantity": 1, "condition": "unopened"}],
        "submit": False,
    }
