"""Matrix, description, templates and catalogue agree with the documents they are drawn from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import approvals.vocabulary
from policies import vocabulary
from policies.catalogue import EXCEPTIONS, REASONS
from policies.engine import words
from policies.engine.amounts import amount_words, share_words
from policies.engine.document import PolicyDocument, document_json, parse_document
from policies.engine.evaluate import evaluate
from policies.engine.matrix import common_amounts_minor, matrix
from policies.engine.words import Category, Outcome
from policies.templates import TypedTemplate, typed_template, typed_templates
from tests.policies.engine.builders import amounts_minor, document, documents, refund

A, R, B = Outcome.ALLOW, Outcome.REQUIRE_APPROVAL, Outcome.BLOCK
TEMPLATES = pytest.mark.parametrize("template", typed_templates(), ids=lambda template: template.slug)


class TestMatrix:
    """The matrix of bands."""

    def test_has_a_row_for_each_category(self) -> None:
        rows = matrix(document(), "GBP", [1_000, 1_001, 2_001, 500_001])
        assert [row.category for row in rows] == list(Category)
        assert [(row.outcomes, row.falls_back) for row in rows[:2]] == [((A, A, A, B), True), ((A, R, B, B), False)]

    def test_leaves_a_currency_without_bands_to_people(self) -> None:
        assert {row.outcomes for row in matrix(document(), "CHF", [1, 10**9])} == {(R, R)}

    def test_shows_both_sides_of_each_limit(self) -> None:
        assert common_amounts_minor(document(), "JPY") == (5_000, 5_001, 500_000, 500_001)

    @given(documents, amounts_minor, st.sampled_from(["GBP", "USD", "EUR", "JPY"]))
    def test_agrees_with_the_live_decision_on_a_plain_refund(
        self, policy: PolicyDocument, amount_minor: int, currency: str
    ) -> None:
        [row] = [row for row in matrix(policy, currency, [amount_minor]) if row.category is Category.REFUND]
        facts = refund(amount_minor=amount_minor, currency=currency, lines=(), reason="cancelled_subscription")
        assert row.outcomes == (evaluate(policy, facts).outcome,)


class TestTemplates:
    """The templates a team starts from."""

    @pytest.mark.parametrize(
        ("slug", "category", "currency", "auto_minor", "most_minor"),
        [
            ("retail-goods", "refund", "GBP", 5_000, 500_000),
            ("ecommerce-dtc", "refund", "USD", 20_000, 250_000),
            ("ecommerce-dtc", "goodwill_credit", "USD", 5_000, 75_000),
            ("ecommerce-dtc", "payout", "USD", 200_000, 5_000_000),
            ("ecommerce-dtc", "transfer", "USD", 100_000, 2_000_000),
            ("saas-subscription", "refund", "EUR", 50_000, 2_500_000),
            ("saas-subscription", "refund", "USD", 50_000, 2_500_000),
            ("saas-subscription", "goodwill_credit", "USD", 25_000, 500_000),
            ("saas-subscription", "payout", "USD", 50_000, 1_000_000),
            ("saas-subscription", "transfer", "USD", 25_000, 500_000),
        ],
    )
    def test_hold_their_published_numbers(
        self, slug: str, category: str, currency: str, auto_minor: int, most_minor: int
    ) -> None:
        template = typed_template(slug)
        assert template is not None
        amounts = [auto_minor - 1, auto_minor, auto_minor + 1, most_minor - 1, most_minor, most_minor + 1]
        [row] = [row for row in matrix(template.parsed, currency, amounts) if row.category == category]
        assert row.outcomes == (A, A, R, R, R, B)

    @TEMPLATES
    def test_are_stored_as_they_would_be_written(self, template: TypedTemplate) -> None:
        assert document_json(template.parsed) == template.document
        assert parse_document(json.loads(json.dumps(template.document))) == template.parsed

    @TEMPLATES
    def test_offer_only_codes_of_the_catalogue(self, template: TypedTemplate) -> None:
        offered = frozenset[str]().union(*template.parsed.exception_codes.values())
        assert offered <= {entry.code for entry in EXCEPTIONS}

    @TEMPLATES
    def test_leave_no_exception_without_a_code(self, template: TypedTemplate) -> None:
        assert all("OTHER" in codes for codes in template.parsed.exception_codes.values())

    def test_know_no_other_slug(self) -> None:
        assert typed_template("free-money") is None


class TestCatalogue:
    """The standard codes."""

    def test_lists_every_reason_once(self) -> None:
        assert [entry.code for entry in REASONS] == list(words.Reason)

    def test_has_eighteen_codes_with_owner_and_playbook(self) -> None:
        assert len({entry.code for entry in EXCEPTIONS}) == len(EXCEPTIONS) == 18
        assert all(entry.owner and entry.playbook and entry.sla_hours for entry in EXCEPTIONS)
        assert all(entry.when_to_use and entry.when_not_to_use for entry in EXCEPTIONS)


class TestVocabulary:
    """Labels for people."""

    @pytest.mark.parametrize(
        ("labelled", "name"),
        [
            (approvals.vocabulary.Category, "Category"),
            (vocabulary.Outcome, "Outcome"),
            (vocabulary.Reason, "Reason"),
            (vocabulary.Condition, "Condition"),
        ],
    )
    def test_has_the_words_of_the_engine(self, labelled: Any, name: str) -> None:
        assert labelled.values == [str(word) for word in getattr(words, name)]


class TestAmountWords:
    """Amounts and shares as printed."""

    @pytest.mark.parametrize(
        ("minor", "currency", "text"),
        [
            (5, "GBP", "GBP 0.05"),
            (123_456_789, "GBP", "GBP 1,234,567.89"),
            (1_234, "JPY", "JPY 1,234"),
            (1_250, "KWD", "KWD 1.250"),
            (-150, "USD", "USD -1.50"),
            (100, "ZZZ", "ZZZ 100 minor units"),
        ],
    )
    def test_print_code_and_exact_decimals(self, minor: int, currency: str, text: str) -> None:
        assert amount_words(minor, currency) == text

    @pytest.mark.parametrize(("points", "text"), [(1_500, "15 %"), (1_250, "12.5 %"), (5, "0.05 %"), (0, "0 %")])
    def test_print_a_share(self, points: int, text: str) -> None:
        assert share_words(points) == text
