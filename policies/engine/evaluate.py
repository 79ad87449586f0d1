"""The judgement: every rule is asked, the worst answer wins."""

from __future__ import annotations

from policies.engine.document import PolicyDocument
from policies.engine.facts import RefundFacts
from policies.engine.verdict import Verdict


def evaluate(document: PolicyDocument, facts: RefundFacts) -> Verdict:
    """Judge the facts by the document."""
    raise NotImplementedError
