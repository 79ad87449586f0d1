"""The compiled document and the engine say the same of every stored decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.engine.facts import RefundFacts
from policies.engine.judgement import judge, planned_steps
from policies.engine.words import Category
from policies.models import PolicyDecision
from policies.simulation.compiling import compile_ladder, compile_outcome
from policies.simulation.facts import decisions_for
from policies.simulation.sql import listed, sql
from policies.templates import typed_template, typed_templates
from tests.harness.world import NOON
from tests.policies.simulation.stored import facts_of
from tests.policies.strategies import documents, facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policies.engine.document import PolicyDocument
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
YOUNGER = (
    "method",
    "shipping_minor",
    "evidence_kinds",
    "exception_code",
    "dispute_is_open",
    "dispute_due_in_hours",
    "legal_basis",
    "charge_minor",
    "recent",
    "asked_weekday",
    "asked_minute",
    "asked_on",
    "photo_reuse",
    "lines",
)
"""Fields that a stored record may lack."""

batches = st.lists(facts(), min_size=1, max_size=FACTS_OF_A_DOCUMENT)


def said_by_engine(document: PolicyDocument, cases: Iterable[RefundFacts]) -> list[tuple[str, tuple[Any, ...]]]:
    """Ask the engine about each case: the outcome, and who signs when people do."""
    return [
        (
            str(judge(document, case).outcome),
            tuple((step.role, step.quorum, step.sla_hours, step.out_of) for step in planned_steps(document, case)),
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
        (said, tuple((step.role, step.quorum, step.sla_hours, step.out_of) for step in ladder.steps(tier)))
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

    @pytest.mark.parametrize("slug", [template.slug for template in typed_templates()])
    def test_agrees_at_and_around_every_limit_of_a_template(self, world: World, slug: str) -> None:
        template = typed_template(slug)
        assert template is not None
        cases = list(around_every_limit(template.parsed))

        said = said_by_sql(template.parsed, world.policy(), [case.to_json() for case in cases])

        assert said == said_by_engine(template.parsed, cases)
        assert len({outcome for outcome, _ in said}) > 1

    @whatever_the_policy
    @given(documents(), facts(), st.sets(st.sampled_from(YOUNGER)))
    def test_gives_a_field_the_record_is_too_old_for_its_default(
        self, world: World, document: PolicyDocument, case: RefundFacts, missing: set[str]
    ) -> None:
        stored = {name: value for name, value in case.to_json().items() if name not in missing}

        assert said_by_sql(document, world.policy(), [stored]) == said_by_engine(
            document, [RefundFacts.from_json(stored)]
        )

    def test_holds_no_value_in_its_text(self) -> None:
        for template in typed_templates():
            text = compile_outcome(template.parsed).text
            for word in ("changed_mind", "gift_card", "GBP", "photo", "5000"):
                assert word not in text


def around_every_limit(document: PolicyDocument) -> Iterator[RefundFacts]:
    """Describe an outflow at, one minor unit below and one above each amount the document names, in its currencies."""
    bands = [(currency, band) for of in document.thresholds.values() for currency, band in of.items()]
    limits = {(currency, band.auto_up_to_minor) for currency, band in bands}
    limits |= {(currency, band.approve_up_to_minor) for currency, band in bands}
    limits |= {(currency, tier.up_to_minor) for currency, ladder in document.approval.tiers.items() for tier in ladder}
    for currency, limit in sorted(limits):
        for minor in (max(limit - 1, 0), limit, limit + 1):
            for category in Category:
                usual = {"category": str(category), "currency": currency, "refundable_minor": 10**12}
                yield facts_of(minor, **usual, customer_tenure_days=1)
                yield facts_of(minor, **usual, charge_minor=1, reason="billing_error")
