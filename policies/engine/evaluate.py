"""The engine's one question: what does this policy say about these facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.explain import why_not_automatic
from policies.engine.judgement import judge
from policies.engine.words import Outcome

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts
    from policies.engine.verdict import Verdict


def evaluate(document: PolicyDocument, facts: RefundFacts) -> Verdict:
    """Judge the facts by the document and explain what is not automatic; the same input gives the same verdict."""
    verdict = judge(document, facts)
    if verdict.outcome is Outcome.ALLOW:
        return verdict
    return verdict._replace(why_not_automatic=why_not_automatic(document, facts, verdict))
