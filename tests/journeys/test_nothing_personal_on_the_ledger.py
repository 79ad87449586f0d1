"""A whole life with words one would recognise: none of them is on the ledger, so all of them can be erased."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRoute
from approvals.services.desk import ask_colleague
from approvals.services.escalating import escalate_step
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.services.reviews import sign_review, signed_reviews
from approvals.vocabulary import FreezeScope, RouteState, Verdict
from evidence.models import CustomerMessage, LedgerEntry
from evidence.verification import verify
from refunds import recalling, workflow
from refunds.gateways.base import Accepted, ProviderRefund, RefundStatus, Rejected
from refunds.gateways.registry import standing_in
from refunds.gateways.stripe import StripeGateway
from refunds.models import Customer, Operation, RefundRequest
from refunds.processing.performing import perform_operation
from refunds.processing.recording import record_provider_state
from refunds.reconciliation.importing import upload_statement
from tests.evidence.builders import attach_one, drawing
from tests.harness.known import payment_behind
from tests.harness.world import NOON, World
from tests.refunds.books import csv_file
from tests.refunds.reconciliation.reports import COLUMNS, report, row

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.gateways.base import RefundInstruction

pytestmark = pytest.mark.django_db

NAME, EMAIL, SECRET = "Persephone Zykwort", "p.zykwort@mail.example", "her divorce from Bartholomew"
TEXT = f"{NAME} ({EMAIL}) wrote about {SECRET}."


def route_of(request: RefundRequest) -> ApprovalRoute:
    return ApprovalRoute.objects.get(subject_id=request.pk, state=RouteState.OPEN)


def zykwort_asks(world: World, agent: User, *, unit_minor: int, days_ago: int = 8) -> RefundRequest:
    """File for a customer whose every word is known, with her photo, whose name tells on her."""
    customer = Customer.objects.create(channel="shop-uk", external_id=f"C{unit_minor}", name=NAME, email=EMAIL)
    order = world.order(customer=customer, unit_minor=unit_minor, days_ago=days_ago)
    made = workflow.file_request(draft=replace(world.draft_of(order), note=TEXT), actor=agent, at=NOON)
    attach_one(made.subject, made.team, agent, drawing("PNG"), name=f"{NAME}.png")
    return made


class SayingNo(StripeGateway):
    """A processor that refuses and talks too much."""

    def refund(self, _instruction: RefundInstruction) -> Rejected:
        return Rejected("invalid_request", TEXT)


class SayingYes(StripeGateway):
    """A processor that pays."""

    def refund(self, instruction: RefundInstruction) -> Accepted:
        return Accepted(f"re_{instruction.operation_id[-12:]}", RefundStatus.SUCCEEDED)


def failed(operation: Operation, reason: str) -> ProviderRefund:
    """A refund that came back, as the processor's books show it."""
    return ProviderRefund(
        external_id=str(operation.external_id),
        status=RefundStatus.FAILED,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        payment_external_id=payment_behind(operation).external_id,
        failure_reason=reason,
        metadata={},
        created_at=NOON,
    )


def as_stored(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def told_kinds() -> set[str]:
    return set(LedgerEntry.objects.values_list("kind", flat=True))


class TestTheLedger:
    def test_holds_no_word_of_a_customer_after_a_whole_life(
        self, world: World, amir: User, mei: User, dana: User, viktor: User, lena: User, settings: Settings
    ) -> None:
        settings.RECALL_SECONDS = 300
        refund = zykwort_asks(world, amir, unit_minor=400_00)
        reference = refund.reference
        ask_colleague(route=route_of(refund), colleague=viktor, note=TEXT, actor=dana, at=NOON)
        workflow.ask(reference=reference, question=TEXT, actor=dana, at=NOON)
        workflow.submit(reference=reference, actor=amir, at=NOON, answer=TEXT)
        workflow.hold(reference=reference, note=TEXT, actor=lena, at=NOON)
        workflow.release(reference=reference, actor=lena, at=NOON)
        escalate_step(route=route_of(refund), note=TEXT, actor=dana, at=NOON)
        freeze = set_freeze(target=Target(scope=FreezeScope.TEAM, team=refund.team), why=TEXT, actor=lena, at=NOON)
        lift_freeze(switch_id=freeze.pk, why=TEXT, actor=lena, at=NOON)
        said = {"reference": reference, "rationale": TEXT, "actor": viktor, "at": NOON}
        workflow.decide(verdict=Verdict.APPROVE, **said)  # type: ignore[arg-type]  # shorthand
        recalling.recall(reference=reference, note=TEXT, actor=viktor, at=NOON + timedelta(seconds=1))
        workflow.withdraw(reference=reference, note=TEXT, actor=amir, at=NOON)

        late = zykwort_asks(world, amir, unit_minor=90_00, days_ago=60)
        workflow.grant_exception(reference=late.reference, code="WINDOW_EXPIRED", rationale=TEXT, actor=mei, at=NOON)
        workflow.decide(reference=late.reference, verdict=Verdict.DECLINE, rationale=TEXT, actor=dana, at=NOON)

        self._holds_nothing()
        assert told_kinds() >= {"refund_request.submitted", "refund_request.asked", "approval.asked"}
        assert told_kinds() >= {"approval.escalated", "evidence.attached", "customer_message.written"}
        assert CustomerMessage.objects.filter(customer=NAME, to=EMAIL).exists()
        assert verify().is_sound

    def test_holds_no_word_that_a_processor_says_of_a_failure(self, world: World, amir: User, dana: User) -> None:
        refused = world.approved(by=amir, approver=dana).operations.get()
        with standing_in("stripe", SayingNo("sk_test_none", [])):
            perform_operation(operation_id=refused.pk, at=NOON)
        assert as_stored(refused).failure_reason == f"invalid_request: {TEXT}"
        for reason in (TEXT, "lost_or_stolen_card"):
            paid = world.approved(by=amir, approver=dana).operations.get()
            with standing_in("stripe", SayingYes("sk_test_none", [])):
                perform_operation(operation_id=paid.pk, at=NOON)
            record_provider_state(operation_id=paid.pk, refund=failed(as_stored(paid), reason), at=NOON)

        self._holds_nothing()
        told = LedgerEntry.objects.filter(kind="refund_request.failed").order_by("pk")
        assert [json.loads(entry.payload)["data"]["failure"] for entry in told] == [
            "other",
            "other",
            "lost_or_stolen_card",
        ]

    def test_holds_no_word_of_a_statement(self, world: World, lena: User) -> None:
        line = row("txn_1", "-5.00") | {NAME: f"=cmd {TEXT}"}
        content = report([line], columns=(*COLUMNS, NAME))
        upload_statement(account="stripe", file=csv_file(content, f"{NAME}.csv"), actor=lena, at=NOON, payout_total="")

        self._holds_nothing()
        assert json.loads(LedgerEntry.objects.get(kind="statement.uploaded").payload)["data"]["warnings"] == 1

    def test_holds_no_word_of_an_access_review(self, world: World, ada: User) -> None:
        sign_review(moment=NOON, note=TEXT, actor=ada, at=NOON)

        self._holds_nothing()
        assert signed_reviews().get().note == TEXT

    def _holds_nothing(self) -> None:
        entries = list(LedgerEntry.objects.values_list("kind", "payload", "sentence"))
        words = ["persephone", "zykwort", "mail.example", "divorce", "bartholomew"]
        found = [
            (kind, word)
            for kind, payload, sentence in entries
            for word in words
            if word in payload.lower() or word in sentence.lower()
        ]
        assert found == []
