"""A version in shadow is asked about every case, and nothing comes of it but a record."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from evidence.ledger import timeline_of
from policies import judging
from policies.editions import KIND
from policies.engine.evaluate import evaluate
from policies.models import PolicyDecision
from policies.vocabulary import Mode, Outcome, VersionState
from refunds import workflow
from refunds.vocabulary import State
from tests.harness.world import NOON, as_stored
from tests.policies.decisions import edition, facts_of, in_shadow

if TYPE_CHECKING:
    from config.kernel.people import User
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts
    from policies.engine.verdict import Verdict
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def queries_of_a_decision(world: World) -> list[str]:
    """Decide on one case by the version in force and answer what that asked the database."""
    version, facts = judging.version_in_force(world.team().pk), facts_of(10_00)
    verdict = judging.judge(version, facts)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        judging.decide(
            version=version,
            facts=facts,
            verdict=verdict,
            subject=Subject("refund_request", new_id()),
            reference="RR-1",
            page="/",
            at=NOON,
        )
    return [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]


class TestAVersionInShadow:
    def test_says_what_it_would_have_said_of_the_same_case(self, world: World, amir: User) -> None:
        shadow = in_shadow(world, auto_up_to_minor=200_00)

        filed = world.filed(world.order(unit_minor=100_00), by=amir)

        said, trial = PolicyDecision.objects.filter(subject_id=filed.pk).order_by("is_trial")
        assert (said.outcome, said.is_trial, said.version_id) == (Outcome.REQUIRE_APPROVAL, False, world.policy().pk)
        assert (trial.outcome, trial.is_trial, trial.version_id) == (Outcome.ALLOW, True, shadow.pk)
        assert trial.mode == Mode.SHADOW
        for name in ("subject_kind", "reference", "page", "facts", "category", "amount_minor", "decided_at"):
            assert getattr(trial, name) == getattr(said, name)

    @pytest.mark.parametrize("auto_up_to_minor", [1, 4_000_00])
    def test_changes_nothing_that_happens(self, world: World, amir: User, auto_up_to_minor: int) -> None:
        in_shadow(world, auto_up_to_minor=auto_up_to_minor)

        small = world.filed(world.order(unit_minor=50_00), by=amir)
        large = world.filed(world.order(unit_minor=100_00), by=amir)

        assert (small.state, large.state) == (State.APPROVED, State.AWAITING_APPROVAL)
        for filed in (small, large):
            assert as_stored(filed).decision.version_id == world.policy().pk  # type: ignore[union-attr]
            assert not as_stored(filed).decision.is_trial  # type: ignore[union-attr]

    def test_is_asked_again_when_a_request_is_submitted_again(
        self, world: World, amir: User, dana: User, mei: User
    ) -> None:
        waiting = world.waiting(by=amir)
        shadow = in_shadow(world)
        workflow.ask(reference=waiting.reference, question="Which lamp was it?", actor=dana, at=NOON)

        workflow.submit(reference=waiting.reference, actor=amir, at=NOON, answer="The blue one.")

        assert PolicyDecision.objects.get(is_trial=True).version_id == shadow.pk
        assert as_stored(waiting).decision.version_id == world.policy().pk  # type: ignore[union-attr]

    def test_is_not_asked_about_a_case_older_than_itself(self, world: World, amir: User) -> None:
        in_shadow(world, since=NOON + timedelta(seconds=1))

        world.waiting(by=amir)

        assert not PolicyDecision.objects.filter(is_trial=True).exists()

    def test_of_another_team_is_not_asked(self, world: World, amir: User) -> None:
        in_shadow(world, team="us-dtc")

        world.waiting(by=amir)

        assert not PolicyDecision.objects.filter(is_trial=True).exists()

    def test_costs_no_query_while_there_is_none(self, world: World) -> None:
        insert, who_listens = queries_of_a_decision(world)
        assert insert.startswith("INSERT INTO")
        assert "refunds_webhookendpoint" in who_listens

        in_shadow(world)

        assert len(queries_of_a_decision(world)) == 4


class TestAFailure:
    def test_to_read_its_document_keeps_nothing_back_and_is_recorded(self, world: World, amir: User) -> None:
        broken = edition(world, {"thresholds": {}}, VersionState.SHADOW, shadow_since=NOON)

        filed = world.filed(world.order(unit_minor=50_00), by=amir)

        assert filed.state == State.APPROVED
        assert not PolicyDecision.objects.filter(is_trial=True).exists()
        (entry,) = timeline_of(Subject(KIND, broken.pk))
        assert (entry.kind, entry.sentence) == (
            "policy.shadow_failed",
            f"could not judge {filed.reference}: MalformedDocument.",
        )
        assert str(filed.decision_id) in entry.payload

    def test_to_keep_what_it_said_keeps_nothing_back(
        self, world: World, amir: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shadow = in_shadow(world, auto_up_to_minor=49_00)

        def wordy(document: PolicyDocument, facts: RefundFacts) -> Verdict:
            verdict = evaluate(document, facts)
            return verdict._replace(matched_rule="x" * 81) if verdict.failed else verdict

        monkeypatch.setattr(judging, "evaluate", wordy)

        filed = world.filed(world.order(unit_minor=50_00), by=amir)

        assert filed.state == State.APPROVED
        assert timeline_of(Subject(KIND, shadow.pk)).get().sentence == f"could not judge {filed.reference}: DataError."
