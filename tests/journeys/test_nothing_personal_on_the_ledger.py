"""A whole life with words one would recognise: none of them is on the ledger, so all of them can be erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRoute
from approvals.services.desk import ask_colleague
from approvals.services.escalating import escalate_step
from approvals.services.freezes import Target, lift_freeze, set_freeze
from approvals.vocabulary import FreezeScope, RouteState, Verdict
from evidence.models import CustomerMessage, LedgerEntry
from evidence.verification import verify
from refunds import recalling, workflow
from refunds.models import Customer, RefundRequest
from tests.evidence.builders import attach_one, drawing
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User

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
        assert CustomerMessage.objects.filter(customer=NAME, to=EMAIL).exists()
        assert verify().is_sound

    def _holds_nothing(self) -> None:
        entries = list(LedgerEntry.objects.values_list("kind", "payload", "sentence"))
        kinds = {kind for kind, _, _ in entries}
        assert {"refund_request.submitted", "refund_request.asked", "approval.asked", "approval.escalated"} <= kinds
        assert {"evidence.attached", "customer_message.written", "refund_request.declined"} <= kinds
        words = ["persephone", "zykwort", "mail.example", "divorce", "bartholomew"]
        found = [
            (kind, word)
            for kind, payload, sentence in entries
            for word in words
            if word in payload.lower() or word in sentence.lower()
        ]
        assert found == []
