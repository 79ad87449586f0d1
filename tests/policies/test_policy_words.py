"""Rules are called by names that people read."""

from __future__ import annotations

import pytest

from policies.engine.words import Rule
from policies.templatetags.policy_words import NAMES, rule_name


class TestEveryRule:
    @pytest.mark.parametrize("rule", Rule)
    def test_has_a_name_that_can_be_translated(self, rule: Rule) -> None:
        assert rule in NAMES
        assert rule_name(f"{rule}.refund.GBP") == rule_name(rule) != rule
