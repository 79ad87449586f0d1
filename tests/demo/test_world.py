"""The world people look at first."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import quantiles
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from config.demo import world as demo_world
from config.demo.cases import Case, Fate, draw_cases
from config.demo.people import settle_people, settle_policies
from config.demo.shops import returned_after, returned_amount
from config.demo.world import make_world
from config.kernel.outbox import OutboxRow
from config.kernel.people import User
from evidence.models import Attachment, EvidenceRequirement, LedgerEntry
from evidence.vocabulary import Artifact
from policies.models import PolicyDecision
from policies.replay_runs import Wanted, replay_all
from refunds.models import Order, Payment, RefundRequest
from refunds.vocabulary import State
from tests.harness.world import NOON

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_django.fixtures import Settings

    from tests.refunds.gateways.stage import SandboxProcess

SEED = 7


def seeded(seed: int = SEED) -> Random:
    return Random(seed)  # noqa: S311 - the same dice for every run


def one_of_each_fate(rng: Random, *, now: datetime) -> list[Case]:
    """Draw the whole world and keep a few of each fate, so that a test does not take a minute."""
    kept, seen = [], Counter[Fate]()
    for case in reversed(draw_cases(rng, now=now)):
        seen[case.fate] += 1
        if seen[case.fate] <= (6 if case.fate is Fate.COURSE else 2):
            kept.append(case)
    return sorted(kept, key=lambda case: case.filed_at)


class TestDrawing:
    """Amounts and days as the real ones are spread."""

    def test_spreads_amounts_as_the_real_ones(self) -> None:
        rng = seeded()
        cuts = quantiles([returned_amount(rng) for _ in range(20_000)], n=100)
        assert 15_00 <= cuts[49] <= 18_00
        assert 140_00 <= cuts[89] <= 176_00
        assert 3_400_00 <= cuts[98] <= 5_200_00

    def test_keeps_an_amount_between_its_bounds(self) -> None:
        rng = seeded()
        assert all(49_00 <= returned_amount(rng, least=50_00, most=500_00) <= 501_00 for _ in range(2_000))

    def test_spreads_days_as_the_real_ones(self) -> None:
        rng = seeded()
        cuts = quantiles([returned_after(rng) for _ in range(20_000)], n=10)
        assert 7.5 <= cuts[4] <= 8.5
        assert 46 <= cuts[8] <= 56

    def test_draws_the_same_world_from_the_same_seed(self) -> None:
        first, second = (draw_cases(seeded(), now=NOON) for _ in range(2))
        assert [(case.fate, case.filed_at, case.amount_minor) for case in first] == [
            (case.fate, case.filed_at, case.amount_minor) for case in second
        ]
        assert first != draw_cases(seeded(SEED + 1), now=NOON)

    def test_draws_about_five_hundred_in_the_past_four_months(self) -> None:
        cases = draw_cases(seeded(), now=NOON)
        assert 450 <= len(cases) <= 550
        assert all(0 <= (NOON - case.filed_at).days <= 121 for case in cases if case.filed_at < NOON)
        assert not [case for case in cases if case.filed_at > NOON]


class TestMakeWorld:
    """Small, but through every verb and with a real sandbox."""

    @pytest.fixture
    def made(self, db: None, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
        monkeypatch.setattr(demo_world, "draw_cases", one_of_each_fate)
        monkeypatch.setattr(demo_world, "ORDER_COUNTS", {"uk-retail": 30, "us-dtc": 30, "eu-saas": 20})
        settle_people(at=NOON)
        settle_policies(at=NOON)
        make_world(seed=SEED, now=NOON, hands=1, heard=lambda *_: None)
        return sandbox

    def test_reaches_every_state_with_four_eyes_and_ties_with_the_sandbox(self, made: SandboxProcess) -> None:
        requests = list(RefundRequest.objects.all())
        assert {request.state for request in requests} >= {
            State.INTAKE,
            State.AWAITING_APPROVAL,
            State.NEEDS_INFO,
            State.ON_HOLD,
            State.WITHDRAWN,
            State.DECLINED,
            State.PROCESSING,
            State.RECONCILED,
            State.FAILED,
        }
        signed = [request for request in requests if request.approved_by_id is not None]
        assert signed
        assert all(
            request.approved_by_id not in {request.requested_by_id, request.reviewed_by_id} for request in signed
        )
        books = made.books()
        theirs = Counter[str]()
        for refund in books["refunds"]:
            if refund["status"] == "succeeded" and "refund_request" in refund["metadata"]:
                theirs[refund["metadata"]["refund_request"]] += refund["amount"]
        paid = [request for request in requests if request.state in {State.REFUNDED, State.RECONCILED}]
        assert dict(theirs) == {request.reference: request.amount_minor for request in paid}
        assert len(books["payments"]) == Payment.objects.count()
        assert not OutboxRow.objects.exists()
        assert LedgerEntry.objects.filter(kind="refund_request.reconciled").exists()
        assert Attachment.objects.filter(kind="photo").exists()
        demanded = EvidenceRequirement.objects.filter(is_active=True).values_list("artifact", flat=True)
        assert set(demanded) == {Artifact.CARRIER_PROOF, Artifact.BANK_PROOF}
        replayed = replay_all(Wanted())
        assert (replayed.checked, replayed.different) == (PolicyDecision.objects.count(), 0)


class TestLoadDemo:
    """The command."""

    def test_makes_people_only_when_told_so_or_no_sandbox_answers(
        self, db: None, settings: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"  # nobody listens there
        call_command("load_demo", "--empty")
        call_command("load_demo")
        assert "No sandbox answers" in capsys.readouterr().err
        assert User.objects.count() == 14
        assert not Order.objects.exists()
