"""The compiled document and the engine say the same of every stored decision."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policies.engine.document import PolicyDocument, parse_document
from policies.engine.facts import RefundFacts
from policies.engine.judgement import judge, planned_steps
from policies.models import PolicyDecision
from policies.simulation.compiling import compile_ladder, compile_outcome
from policies.simulation.facts import decisions_for
from policies.simulation.sql import listed, sql
from policies.templates import typed_templates
from tests.harness.world import NOON
from tests.policies.strategies import documents, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policies.models import PolicyVersion
    from tests.harness.world import World

_SPACE = UUID("5b0e8f9e-3d0c-4d2a-9a55-3f6f8f8a6a10")
EXAMPLES, FACTS_OF_A_DOCUMENT = 60, 30

# A test database outlives an example; each of them rolls its rows back.
whatever_the_policy = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
batches = st.lists(facts(), min_size=1, max_size=FACTS_OF_A_DOCUMENT)


def said_by_engine(document: PolicyDocument, cases: Iterable[RefundFacts]) -> list[tuple[str, tuple[Any, ...]]]:
    """Ask the engine about each case: the outcome, and who signs when people do."""
    return [
        (
            str(judge(document, case).outcome),
            tuple((step.role, step.quorum, step.sla_hours) for step in planned_steps(document, case)),
        )
        for case in cases
    ]


def said_by_sql(
    document: PolicyDocument, version: PolicyVersion, stored: Sequence[dict[str, Any]]
) -> list[tuple[str, tuple[Any, ...]]]:
    """Store the cases as decisions, ask the database about all of them at once, and forget them."""
    outcome, ladder = compile_outcome(document), compile_ladder(document)
    asked = sql(
        "SELECT {}, {} FROM {} ORDER BY d.id",
        outcome,
        ladder.tier,
        decisions_for(listed([outcome, ladder.tier]), sql("d.version_id = {}", version.pk)),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        PolicyDecision.objects.bulk_create(decision_of(version, case, number) for number, case in enumerate(stored))
        cursor.execute(asked.text, asked.params)
        rows = cursor.fetchall()
        transaction.set_rollback(True)
    return [
        (said, tuple((step.role, step.quorum, step.sla_hours) for step in ladder.signatures[tier]))
        for said, tier in rows
    ]


def decision_of(version: PolicyVersion, stored: dict[str, Any], number: int) -> PolicyDecision:
    """Store facts as they would have been; what was said of them then does not matter here."""
    return PolicyDecision(
        id=UUID(int=number),
        version=version,
        subject_kind="refund_request",
        subject_id=uuid5(_SPACE, str(number)),
        category=stored["category"],
        mode="enforce",
        outcome="block",
        matched_rule="",
        amount_minor=stored["amount_minor"],
        allowed_minor=0,
        currency=stored["currency"],
        facts=stored,
        findings=[],
        decided_at=NOON,
    )


class TestTheCompiledDocument:
    @whatever_the_policy
    @given(documents(), batches)
    def test_agrees_with_the_engine_on_every_row(
        self, world: World, document: PolicyDocument, cases: list[RefundFacts]
    ) -> None:
        stored = [case.to_json() for case in cases]

        assert said_by_sql(document, world.policy(), stored) == said_by_engine(document, cases)
