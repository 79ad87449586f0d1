"""What an erasure waits for: a request that is not over, a law, a hold; and what goes meanwhile."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from approvals.models import ApprovalDecision
from approvals.vocabulary import Verdict
from config.environment import Environment
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import CustomerMessage, LedgerEntry
from refunds import workflow
from refunds.erasures import retention
from refunds.erasures.account import account_of
from refunds.erasures.holding import Held, lift_legal_hold, set_legal_hold
from refunds.erasures.night import run_night
from refunds.models import (
    Customer,
    Erasure,
    LegalHold,
    Operation,
    Proposal,
    ProposalCall,
    RefundRequest,
    Tombstone,
)
from refunds.vocabulary import ErasureState
from tests.harness.people import settle
from tests.harness.world import NOON, World
from tests.refunds.books import paid

from .people import NAME, TEXT, confirmed, customer_called, declined_of, rita_of, waiting_of, years

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.erasures.waiting import Wait

pytestmark = pytest.mark.django_db

GERMAN = {"voucher_years": 8, "letter_years": 6, "claim_years": 3, "reason": "§ 147(3) AO"}


@pytest.fixture(autouse=True)
def german_law(settings: Settings) -> None:
    """Let every team live by the German periods."""
    settings.RETENTION = {"*": GERMAN}


def waits_of(erasure: Erasure) -> dict[str, Wait]:
    found = Erasure.objects.get(pk=erasure.pk)
    return {wait.what: wait for wait in account_of(found, on=NOON.date()).waits}


class TestRetention:
    def test_counts_from_the_end_of_the_year(self) -> None:
        assert retention.after_years(NOON, 3) == date(2030, 1, 1)

    def test_is_the_rule_of_the_team_or_of_everybody_else(self, settings: Settings) -> None:
        settings.RETENTION = {"*": GERMAN, "uk-retail": GERMAN | {"voucher_years": 6}}
        assert retention.rule_for("uk-retail").voucher_years == 6
        assert retention.rule_for("elsewhere").voucher_years == 8
        assert retention.longest_voucher_years() == 8

    def test_is_told_from_outside_with_its_reason(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(
            "RETENTION",
            '{"shop-at": {"voucher_years": 7, "letter_years": 7, "claim_years": 3, "reason": "§ 132 BAO, § 212 UGB"}}',
        )
        assert Environment().retention_rules["shop-at"].voucher_years == 7
        monkeypatch.setenv("RETENTION", '{"shop-at": {"voucher_years": 7, "letter_years": 7, "claim_years": 3}}')
        with pytest.raises(ValueError, match="reason"):
            Environment()

    def test_lets_the_name_go_at_once_and_the_texts_when_no_claim_is_left(self, world: World) -> None:
        request = declined_of(world, customer_called("1"))
        call = ProposalCall.objects.create(refund_request=request, inputs_sha256="0" * 64, asked_at=NOON)
        Proposal.objects.create(call=call, kind="summary", text=TEXT, confidence=50)
        erasure = confirmed(world, customer_called("1"), at=NOON + timedelta(days=1))

        assert Customer.objects.get().name == ""
        assert RefundRequest.objects.get(pk=request.pk).note == TEXT
        assert (erasure.state, erasure.due_on) == (ErasureState.BLOCKED, date(2033, 1, 1))
        waits = waits_of(erasure)
        assert waits[f"{request.reference}: texts and files"].until == date(2030, 1, 1)
        assert waits[f"{request.reference}: letters"].until == date(2033, 1, 1)
        assert "§ 147(3) AO" in waits[f"{request.reference}: letters"].why

        run_night(at=NOON.replace(year=2029, month=12, day=31))
        assert not Tombstone.objects.exists()
        run_night(at=NOON.replace(year=2030, month=1, day=1))
        assert Tombstone.objects.get().refund_request == request
        assert RefundRequest.objects.get(pk=request.pk).note == ""
        assert ApprovalDecision.objects.get().rationale == ""
        assert Proposal.objects.get().text == ""
        assert CustomerMessage.objects.filter(erased_at=None).exists()
        run_night(at=NOON.replace(year=2033, month=1, day=1))
        assert not CustomerMessage.objects.filter(erased_at=None).exists()
        assert Erasure.objects.get().state == ErasureState.DONE

    def test_keeps_what_substantiates_a_voucher_longer(self, world: World) -> None:
        operation = paid(team=world.team(), at=NOON)
        Operation.objects.filter(pk=operation.pk).update(succeeded_at=NOON)
        request = operation.refund_request
        ended = retention.ended_at(request)
        assert retention.texts_until(request) == retention.after_years(ended, 8)
        assert retention.texts_until(declined_of(world, customer_called("1"))) == date(2030, 1, 1)


class TestAnOpenRequest:
    def test_is_waited_for(self, world: World) -> None:
        customer = customer_called("1")
        request = waiting_of(world, customer)
        erasure = confirmed(world, customer, at=NOON + years(9))

        assert (erasure.state, erasure.due_on) == (ErasureState.BLOCKED, None)
        assert "not over" in waits_of(erasure)[request.reference].why
        assert Customer.objects.get().name == NAME
        workflow.decide(
            reference=request.reference, verdict=Verdict.DECLINE, rationale=TEXT, actor=settle("dana"), at=NOON
        )
        night = run_night(at=NOON + years(9))
        assert (night.total_count, night.seen_count, night.done_count) == (1, 1, 1)
        assert Customer.objects.get().name == ""

    def test_with_money_on_its_way_is_waited_for(self, world: World) -> None:
        customer = customer_called("1")
        request = waiting_of(world, customer)
        workflow.decide(
            reference=request.reference, verdict=Verdict.APPROVE, rationale=TEXT, actor=settle("dana"), at=NOON
        )
        assert confirmed(world, customer, at=NOON + years(19)).state == ErasureState.BLOCKED
        assert Customer.objects.get().name == NAME


class TestALegalHold:
    @pytest.mark.parametrize("over", ["customer", "request", "team"])
    def test_stops_an_erasure_and_the_night(self, world: World, root: User, over: str) -> None:
        customer = customer_called("1")
        request = declined_of(world, customer)
        held = {
            "customer": Held(customer_id=customer.pk),
            "request": Held(request_id=request.pk),
            "team": Held(team_id=request.team_id),
        }[over]
        hold = set_legal_hold(over=held, matter="HC-2026-14", actor=root, at=NOON)

        erasure = confirmed(world, customer, at=NOON + years(9))
        run_night(at=NOON + years(9))
        assert Erasure.objects.get().state == ErasureState.BLOCKED
        assert (Customer.objects.get().name, Tombstone.objects.count()) == (NAME, 0)
        assert "Legal hold HC-2026-14" in waits_of(erasure)

        lift_legal_hold(hold_id=hold.pk, why="Settled out of court.", actor=rita_of(world), at=NOON + years(9))
        run_night(at=NOON + years(9))
        assert Erasure.objects.get().state == ErasureState.DONE
        kinds = LedgerEntry.objects.filter(subject_id=hold.pk).values_list("kind", flat=True)
        assert list(kinds.order_by("seq")) == ["erasure.hold_set", "erasure.hold_lifted"]

    def test_is_lifted_once_and_with_a_reason(self, world: World, root: User) -> None:
        customer = customer_called("1")
        declined_of(world, customer)
        hold = set_legal_hold(over=Held(customer_id=customer.pk), matter="HC-1", actor=root, at=NOON)
        with pytest.raises(Refused, match="why"):
            lift_legal_hold(hold_id=hold.pk, why=" ", actor=root, at=NOON)
        with pytest.raises(IntegrityError, match="hold_is_lifted_by_somebody"), transaction.atomic():
            LegalHold.objects.update(lifted_at=NOON, lifted_by=root)
        lift_legal_hold(hold_id=hold.pk, why="Over.", actor=root, at=NOON)
        with pytest.raises(OutOfDate):
            lift_legal_hold(hold_id=hold.pk, why="Over.", actor=root, at=NOON)

    def test_is_set_by_whoever_may_over_what_she_knows(self, world: World, root: User, lena: User) -> None:
        customer = customer_called("1")
        with pytest.raises(NotPermitted):
            set_legal_hold(over=Held(customer_id=customer.pk), matter="HC-1", actor=lena, at=NOON)
        with pytest.raises(Refused, match="no such"):
            set_legal_hold(over=Held(customer_id=customer.pk), matter="HC-1", actor=root, at=NOON)
        assert not LegalHold.objects.exists()
