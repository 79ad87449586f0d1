"""Changes of policy in the demo: one in force, one in shadow, one that waits to be read, one switch to answer."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from approvals.vocabulary import Category
from policies.models import Policy
from policies.publishing import draft_version, publish_version, send_to_review, start_shadow
from policies.switching import propose_mode
from policies.vocabulary import Mode, VersionState

from .people import person

if TYPE_CHECKING:
    from datetime import datetime

    from policies.models import PolicyVersion

AUTHOR, READER = "milo", "mei"


def propose_in_shadow(*, at: datetime) -> None:
    """Let a looser version of the American policy watch every case of the world; call it before there are any."""
    policy = Policy.objects.get(team__slug="us-dtc")
    if policy.versions.exclude(state=VersionState.PUBLISHED).exists():
        return
    document = _document_in_force(policy)
    document["thresholds"]["default"]["USD"]["auto_up_to_minor"] = 300_00
    version = _drafted(
        policy,
        document,
        at,
        what="Refunds up to 300.00 are automatic instead of 200.00.",
        why="Approvers hardly ever change anything on requests between 200.00 and 300.00.",
        impact="Customers of the American shop wait less; approvers see fewer small requests.",
        risk_rationale="Splitting does not help against the sum, so the larger limit opens one step of 100.00 a week.",
    )
    start_shadow(version_id=version.pk, actor=person(READER), at=at)


def publish_two_signatures(*, at: datetime) -> None:
    """Let two people sign in the British shop from 500.00 on: two of three, and above 1,000.00 a manager among them."""
    policy = Policy.objects.get(team__slug="uk-retail")
    document = _document_in_force(policy)
    one_of_us, _ = document["approval"]["tiers"]["GBP"]
    signature = {"role": "approver", "quorum": 1, "out_of": None, "sla_hours": 8, "escalates_to": "director"}
    manager = signature | {"role": "manager", "is_parallel": False}
    document["approval"]["tiers"]["GBP"] = [
        one_of_us,
        {
            "up_to_minor": 1_000_00,
            # Nobody is above three people who vote: the one who does not answer is the third.
            "steps": [signature | {"quorum": 2, "out_of": 3, "escalates_to": None, "is_parallel": False}],
        },
        # The manager first: whoever holds both roles then signs as one, and leaves the other step to a colleague.
        # Only the manager's goes up: two signatures that both went to a director would want two directors.
        {"up_to_minor": 5_000_00, "steps": [manager, signature | {"escalates_to": None, "is_parallel": True}]},
    ]
    version = _drafted(
        policy,
        document,
        at - timedelta(days=2),
        what="From 500.00 on two people sign: two of three approvers, above 1,000.00 a manager beside an approver.",
        why="Of the refunds above 500.00 that quality read again, one in nine should have been smaller.",
        impact="About one in fifteen requests of the British shop waits for a second signature.",
        risk_rationale="A second signature takes time; the promise of eight hours stays, and both sign side by side.",
    )
    publish_version(version_id=version.pk, actor=person(READER), at=at)


def propose_for_review(*, at: datetime) -> None:
    """Ask for a reader of a stricter British version, and for a second person who lets the European policy gate."""
    policy = Policy.objects.get(team__slug="uk-retail")
    document = _document_in_force(policy)
    document["velocity"] = [
        {"per": "customer", "window_days": 30, "most_count": 4},
        {"per": "customer", "window_days": 90, "most_share_basis_points": 5_000},
    ]
    _drafted(
        policy,
        document,
        at,
        what="A fifth request within 30 days, or half of what was bought within 90, goes to a person.",
        why="A few customers send back most of what they order, each time below every limit.",
        impact="About one in forty requests of the British shop waits for an approver.",
        risk_rationale="Trade customers return in bulk after a fair; the approver sees that beside the request.",
    )
    propose_mode(
        policy_id=Policy.objects.get(team__slug="eu-saas").pk,
        category=Category.REFUND.value,
        mode=Mode.ENFORCE.value,
        why="Four months in shadow; the shadow report shows how often people decided as it would have.",
        actor=person(AUTHOR),
        at=at,
    )


def _document_in_force(policy: Policy) -> dict[str, Any]:
    document: dict[str, Any] = deepcopy(policy.versions.get(state=VersionState.PUBLISHED).document)
    return document


def _drafted(policy: Policy, document: dict[str, Any], at: datetime, **texts: str) -> PolicyVersion:
    version = draft_version(policy=policy, document=document, actor=person(AUTHOR), at=at, **texts)
    return send_to_review(version_id=version.pk, actor=person(AUTHOR), at=at)
