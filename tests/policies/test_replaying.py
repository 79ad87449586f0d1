"""Every stored decision says for ever what it said; one that does not is named."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policies import replay_runs
from policies.models import PolicyDecision
from policies.replay_runs import Wanted, replay_all
from policies.replaying import replay
from policies.vocabulary import VersionState
from tests.harness.world import NOON
from tests.policies.decisions import beside, edition, facts_of, in_shadow, kept
from tests.policies.engine.builders import raw_document

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

AS_FACTS_WERE_FIRST_WRITTEN: dict[str, Any] = {
    "category": "refund",
    "amount_minor": 6_000,
    "currency": "GBP",
    "reason": "changed_mind",
    "method": "original",
    "lines": [
        {
            "line": "1",
            "product_category": "home",
            "condition": "unopened",
            "final_sale": False,
            "quantity": 1,
            "amount_minor": 6_000,
        }
    ],
    "shipping_minor": 0,
    "days_since_delivery": 31,
    "is_delivered": True,
    "counted_from_on": "2026-10-20",
    "evidence_kinds": [],
    "payment_is_found": True,
    "refundable_minor": 6_000,
    "exception_code": "",
    "dispute_is_open": False,
}
"""Before sums, windows of days, legal bases and the team's clock."""

AS_THE_FIRST_ENGINE_ASKED = (
    "payment_found",
    "refundable_balance",
    "open_dispute",
    "reasons_blocked",
    "thresholds.refund.GBP",
    "reasons_always_escalated",
    "return_window",
    "final_sale",
    "excluded_product",
    "condition",
)
"""The findings of the engine before schema 2, written down by it."""


@pytest.mark.django_db
class TestReplay:
    @pytest.mark.parametrize("amount_minor", [10_00, 50_00, 50_01, 5_000_01])
    def test_says_what_was_said(self, world: World, amount_minor: int) -> None:
        again = replay(kept(world.policy(), facts_of(amount_minor)))

        assert again.differences == ()
        assert again.verdict is not None

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"outcome": "block"}, "outcome was block, is now allow"),
            ({"matched_rule": "restocking"}, "rule that decided was restocking, is now thresholds.refund.GBP"),
            ({"allowed_minor": 999}, "allowed amount in minor units was 999, is now 1000"),
            ({"findings": []}, "finding return_window was not asked, is now passed"),
            ({"findings": [{"rule": "return_window", "passed": False}]}, "finding return_window was failed"),
            ({"findings": [{"rule": "gone", "passed": False}]}, "finding gone was failed, is now not asked"),
        ],
    )
    def test_names_what_differs(self, world: World, wrong: dict[str, Any], told: str) -> None:
        again = replay(kept(world.policy(), facts_of(10_00), **wrong))

        assert any(told in str(difference) for difference in again.differences)

    def test_reads_a_first_document_and_first_facts(self, world: World) -> None:
        first = edition(world, raw_document(), VersionState.RETIRED)
        assert first.document["schema_version"] == 1

        again = replay(
            kept(
                world.policy(),
                facts_of(6_000),
                version=first,
                facts=AS_FACTS_WERE_FIRST_WRITTEN,
                outcome="exception",
                matched_rule="return_window",
                allowed_minor=0,
                findings=[
                    {"rule": rule, "passed": rule not in {"thresholds.refund.GBP", "return_window"}}
                    for rule in AS_THE_FIRST_ENGINE_ASKED
                ],
            )
        )

        assert [str(difference) for difference in again.differences] == []

    @pytest.mark.parametrize("facts", [{}, {"category": "refund"}, {**AS_FACTS_WERE_FIRST_WRITTEN, "colour": "red"}])
    def test_calls_facts_nobody_understands_a_difference(self, world: World, facts: dict[str, Any]) -> None:
        again = replay(kept(world.policy(), facts_of(10_00), facts=facts))

        assert again.verdict is None
        assert "verdict was allow, is now none" in str(again.differences[0])

    def test_calls_a_document_that_is_no_policy_a_difference(self, world: World) -> None:
        broken = edition(world, {"schema_version": 1, "thresholds": {}}, VersionState.RETIRED)

        again = replay(kept(world.policy(), facts_of(10_00), version=broken))

        assert again.verdict is None
        assert "the document is malformed" in str(again.differences[0])


@pytest.mark.django_db
class TestReplayAll:
    def test_counts_what_is_equal_and_names_what_differs(self, world: World) -> None:
        for amount_minor in (10_00, 60_00, 70_00):
            kept(world.policy(), facts_of(amount_minor))
        wrong = kept(world.policy(), facts_of(10_00), outcome="block", reference="RR-WRONG")

        report = replay_all(Wanted())

        assert (report.checked, report.equal, report.different) == (4, 3, 1)
        assert [(differing.reference, differing.id) for differing in report.named] == [("RR-WRONG", wrong.pk)]

    def test_finds_everything_that_was_filed_equal(self, world: World, amir: User) -> None:
        for team, pounds, days in (("uk-retail", 10, 3), ("uk-retail", 100, 40), ("eu-saas", 10, 3), ("us-dtc", 9, 90)):
            world.filed(world.order(team=team, unit_minor=pounds * 100, days_ago=days), by=amir)

        report = replay_all(Wanted())

        assert (report.checked, report.different) == (4, 0)

    def test_narrows_to_a_policy_a_time_and_a_number(self, world: World) -> None:
        for days in range(4):
            kept(world.policy(), facts_of(10_00), at=NOON - timedelta(days=days))
        kept(world.policy("us-dtc"), facts_of(10_00, currency="USD"))

        assert replay_all(Wanted(policy=world.policy().policy.slug)).checked == 4
        assert replay_all(Wanted(since=NOON - timedelta(days=1))).checked == 3
        assert replay_all(Wanted(), limit=2).checked == 2
        assert replay_all(Wanted(policy="no-such-policy")).checked == 0

    def test_takes_every_decision_once_whatever_the_size_of_a_batch(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = {kept(world.policy(), facts_of(10_00), outcome="block").pk for _ in range(7)}
        for size in (1, 2, 3, 7, 8):
            monkeypatch.setattr(replay_runs, "BATCH_DECISIONS", size)
            heard: list[int] = []

            report = replay_all(Wanted(), progress=heard.append)

            assert {differing.id for differing in report.named} == ids
            assert sum(heard) == 7

    def test_names_no_more_than_twenty(self, world: World) -> None:
        for _ in range(23):
            kept(world.policy(), facts_of(10_00), outcome="block")

        report = replay_all(Wanted())

        assert (report.different, len(report.named)) == (23, 20)

    def test_reads_each_document_once_a_batch(self, world: World) -> None:
        for _ in range(30):
            kept(world.policy(), facts_of(10_00))

        with CaptureQueriesContext(connection) as asked:
            replay_all(Wanted())

        assert len([query for query in asked if '"document"' in query["sql"]]) == 1

    def test_leaves_out_what_a_rewritten_draft_said_in_shadow(self, world: World) -> None:
        shadow = in_shadow(world)
        in_force = kept(world.policy(), facts_of(10_00), at=NOON + timedelta(hours=1))
        beside(in_force, shadow)
        earlier = kept(world.policy(), facts_of(10_00), at=NOON - timedelta(hours=1))
        beside(earlier, shadow, outcome="block")

        report = replay_all(Wanted())

        assert (report.equal, report.different, report.rewritten) == (3, 0, 1)


@pytest.mark.django_db
class TestTheCommand:
    def test_ends_well_when_all_are_equal(self, world: World) -> None:
        kept(world.policy(), facts_of(10_00))
        told = StringIO()

        call_command("replay_decisions", jobs=1, stdout=told)

        assert told.getvalue() == ("Checked: 1, equal: 1, different: 0. Every decision says what it said.\n")

    def test_fails_and_names_a_tampered_decision(self, world: World) -> None:
        wrong = kept(world.policy(), facts_of(10_00), outcome="block", reference="RR-WRONG")
        named = StringIO()

        with pytest.raises(CommandError, match="different: 1"):
            call_command("replay_decisions", jobs=1, stderr=named)

        assert f"RR-WRONG ({wrong.pk}): outcome was block, is now allow." in named.getvalue()

    def test_fails_for_a_policy_nobody_knows(self, world: World) -> None:
        with pytest.raises(CommandError, match="no policy “nothing”"):
            call_command("replay_decisions", policy="nothing")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestSeveralProcesses:
    def test_find_the_same_as_one(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        for place in range(11):
            kept(world.policy(), facts_of(10_00 + place), outcome="block" if place % 4 == 0 else "allow")
        monkeypatch.setattr(replay_runs, "BATCH_DECISIONS", 2)

        alone, together = replay_all(Wanted()), replay_all(Wanted(), jobs=3)

        assert alone == together
        assert (together.equal, together.different) == (8, 3)
        assert PolicyDecision.objects.count() == 11
