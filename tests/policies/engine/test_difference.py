"""A rule that changes stands beside itself, in every chapter."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.engine.describe import describe
from policies.engine.difference import difference
from policies.engine.document import PolicyDocument, parse_document
from policies.templates import typed_templates
from tests.admin.full_document import FULL_DOCUMENT

FULL = parse_document(FULL_DOCUMENT)


def changed(path: str, value: Any) -> PolicyDocument:
    """Write another value at a path of the full document."""
    raw = copy.deepcopy(FULL_DOCUMENT)
    *way, last = path.split(".")
    place: Any = raw
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    return parse_document(raw)


class TestADifference:
    @pytest.mark.parametrize(
        ("path", "value", "before", "after"),
        [
            ("sums.customer_days", 7, "by the same customer within 30 days", "by the same customer within 7 days"),
            ("velocity.0.most_count", 9, "5 outflows", "9 outflows"),
            ("velocity.2.window_days", 7, "Per agent within 1 day", "Per agent within 7 days"),
            ("tenure.minimum_days", 60, "less than 30 days", "less than 60 days"),
            ("tenure.auto_up_to_minor", {}, "up to GBP 20.00 automatic", "nothing automatic"),
            ("business_hours.closed_on", ["2026-12-26"], "Closed on 25 December 2026", "Closed on 26 December 2026"),
            ("business_hours.auto_up_to_minor", {}, "Outside business hours: up to", "Outside business hours: nothing"),
            ("dispute_deadline_hours", 24, "within 48 hours", "within 24 hours"),
            ("open_dispute", "block", "sends a refund or a credit", "blocks a refund or a credit"),
            (
                "return_windows.legal_basis_by_reason",
                {"changed_mind": "withdrawal"},
                "By warranty, the ground of “damaged”",
                "",
            ),
            (
                "return_windows.days_by_legal_basis.withdrawal.days_by_product_category",
                {"food": 2, "software": None},
                "By withdrawal, goods of the kind “food”: within 1 day",
                "By withdrawal, goods of the kind “food”: within 2 days",
            ),
            (
                "approval.otherwise",
                [{"role": "approver", "sla_hours": 1}],
                "Approval above",
                "one approver within 1 hour",
            ),
            (
                "conditions.accepted",
                ["unopened"],
                "Goods are accepted unopened or opened",
                "Goods are accepted unopened",
            ),
            ("reasons_blocked", ["other"], "Never paid: “price promise”", "Never paid: “other”"),
            (
                "exception_codes.payment_found",
                ["OTHER"],
                "“payment found”: NO_RECEIPT or OTHER",
                "“payment found”: OTHER",
            ),
        ],
    )
    def test_puts_the_new_rule_beside_the_old(self, path: str, value: Any, before: str, after: str) -> None:
        (change,) = difference(FULL, changed(path, value))

        assert before in change.before
        assert after in change.after

    def test_keeps_the_bands_of_two_currencies_apart(self) -> None:
        new = changed("thresholds.default", {"USD": {"auto_up_to_minor": 1, "approve_up_to_minor": 2}})

        assert all(not change.before or not change.after for change in difference(FULL, new))

    @settings(max_examples=60, deadline=None)
    @given(
        old=st.sampled_from([FULL, *[template.parsed for template in typed_templates()]]),
        new=st.sampled_from([FULL, *[template.parsed for template in typed_templates()]]),
    )
    def test_tells_every_sentence_that_differs_once_and_no_other(
        self, old: PolicyDocument, new: PolicyDocument
    ) -> None:
        changes = difference(old, new)

        gone, come = Counter(describe(old)), Counter(describe(new))
        assert Counter(change.before for change in changes if change.before) >= gone - come
        rebuilt = gone - Counter(change.before for change in changes if change.before)
        rebuilt += Counter(change.after for change in changes if change.after)
        assert rebuilt == come
