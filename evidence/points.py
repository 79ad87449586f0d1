"""The decision points: what each leaves behind, and what may be demanded before it.

Only what somebody can still bring before the decision may be demanded for it: how many sign is a matter of the policy,
and after the last signature nobody could add one. A point without such a list has a gate that is
always the same, or none yet.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from config.kernel.wording import said

from .vocabulary import Artifact, DecisionPoint, EvidenceKind

FILES: Final = tuple(Artifact(kind) for kind in EvidenceKind.values)
"""The artifacts that somebody attaches; all others we write ourselves."""


class Point(NamedTuple):
    """What one decision point creates, what may be demanded before it, and which commands ask."""

    creates: tuple[Artifact, ...]
    may_need: tuple[Artifact, ...] = ()
    asked_by: str = ""


POINTS: Final[dict[DecisionPoint, Point]] = {
    DecisionPoint.REQUEST: Point(
        creates=(Artifact.POLICY_CHECK,),
        may_need=(*FILES, Artifact.CUSTOMER_STATEMENT),
        asked_by=said("Submitting a request, and answering a question"),
    ),
    DecisionPoint.EXCEPTION: Point(
        creates=(Artifact.EXCEPTION_RECORD,),
        may_need=(*FILES, Artifact.CUSTOMER_STATEMENT),
        asked_by=said("Granting an exception"),
    ),
    DecisionPoint.APPROVAL: Point(
        creates=(Artifact.APPROVAL_RECORD,),
        may_need=(*FILES, Artifact.CUSTOMER_STATEMENT, Artifact.EXCEPTION_RECORD, Artifact.RATIONALE),
        asked_by=said("Every approving signature, one by one or many at once"),
    ),
    DecisionPoint.POLICY_CHANGE: Point(
        creates=(Artifact.VERSION_LOG, Artifact.SECOND_SIGNATURE),
        may_need=(Artifact.BACKTEST, Artifact.SHADOW_RUN),
        asked_by=said("Publishing or scheduling a version that was read"),
    ),
    DecisionPoint.EMERGENCY_CHANGE: Point(
        creates=(Artifact.VERSION_LOG, Artifact.SECOND_SIGNATURE, Artifact.READER_AFTER),
        may_need=(Artifact.BACKTEST,),
        asked_by=said("Putting an emergency change in force"),
    ),
    DecisionPoint.PAYOUT: Point(
        creates=(Artifact.EXECUTION_RECORD, Artifact.MESSAGE_COPY),
        may_need=(*FILES, Artifact.CUSTOMER_STATEMENT),
        asked_by=said("Taking money to the gateway, and trying again"),
    ),
    DecisionPoint.MESSAGE: Point(
        creates=(Artifact.MESSAGE_COPY, Artifact.MESSAGE_REVIEW, Artifact.MESSAGE_TEXT),
        asked_by=said("Sending a message about a decline or an exception: it leaves once somebody else has read it"),
    ),
    DecisionPoint.REMEDIATION_CLOSURE: Point(creates=(Artifact.CLOSURE_EVIDENCE, Artifact.EFFECT_CHECK)),
}

ABOUT_POLICIES: Final = frozenset({DecisionPoint.POLICY_CHANGE, DecisionPoint.EMERGENCY_CHANGE})
"""Points of which only the team is known: no reason, code, category, method or amount."""

HOW_TO: Final[dict[Artifact, str]] = {
    **dict.fromkeys(FILES, said("Attach it to the request, under Evidence.")),
    Artifact.CUSTOMER_STATEMENT: said("Write down what the customer says."),
    Artifact.EXCEPTION_RECORD: said("A policy reviewer grants the exception first."),
    Artifact.RATIONALE: said("Say why, beside the decision."),
    Artifact.BACKTEST: said("Run a backtest of exactly this document, and wait for it to end."),
    Artifact.SHADOW_RUN: said("Let it run in shadow first."),
}
"""What to do about each artifact that may be demanded."""
