"""What each event says outside: ids, states and amounts; whoever wants more asks the API.

Witnesses of the news, see `config/subscriptions.py`: where nobody listens each costs one query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Min

from approvals.models import ApprovalRoute
from approvals.vocabulary import Verdict
from policies.models import PolicyDecision, PolicyVersion
from refunds.models import GatewayLine, RefundRequest

from .announcing import announce, hearers_of
from .vocabulary import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from refunds.models import Break


def tell_request(*, news: str, at: datetime, subject_id: str, **_later: str) -> None:
    """Tell what became of a request."""
    hearers = hearers_of(news)
    if not hearers:
        return
    told = RefundRequest.objects.select_related("team", "order").get(pk=subject_id)
    data = {
        "id": str(told.pk),
        "reference": told.reference,
        "state": str(told.state),
        "category": told.category,
        "amount_minor": told.amount_minor,
        "requested_minor": told.requested_minor,
        "approved_minor": told.approved_minor,
        "currency": told.currency,
        "order": told.order and {"channel": told.order.channel, "external_id": told.order.external_id},
    }
    announce(news, hearers=hearers, team_id=told.team_id, team=told.team.slug, data=data, at=at)


def tell_approval(*, news: str, at: datetime, route_id: str, **_later: str) -> None:
    """Tell that signatures are waited for, that a promise ends, or what people said: granted is the least of it."""
    hearers = hearers_of(news)
    if not hearers:
        return
    route = ApprovalRoute.objects.select_related("team").get(pk=route_id)
    agreed = route.decisions.filter(verdict=Verdict.APPROVE).aggregate(least=Min("amount_minor"))["least"]
    data = {
        "id": str(route.pk),
        "state": str(route.state),
        "subject": {"kind": route.subject_kind, "id": str(route.subject_id), "reference": route.reference},
        "category": route.category,
        "amount_minor": route.amount_minor,
        "granted_minor": agreed if news == Event.GRANTED else None,
        "currency": route.currency,
        "level": route.current_level,
        "role": route.current_role,
        "due_at": route.due_at.isoformat(),
    }
    announce(news, hearers=hearers, team_id=route.team_id, team=route.team.slug, data=data, at=at)


def tell_decision(*, news: str, at: datetime, decision_id: str, **_later: str) -> None:
    """Tell what a policy said of a case."""
    hearers = hearers_of(news)
    if not hearers:
        return
    decision = PolicyDecision.objects.select_related("version__policy__team").get(pk=decision_id)
    policy = decision.version.policy
    data = {
        "id": str(decision.pk),
        "subject": {
            "kind": decision.subject_kind,
            "id": str(decision.subject_id),
            "reference": decision.reference,
        },
        "outcome": str(decision.outcome),
        "mode": str(decision.mode),
        "enforced": decision.is_enforced,
        "matched_rule": decision.matched_rule,
        "policy": {"slug": policy.slug, "version": decision.version.number},
        "category": decision.category,
        "amount_minor": decision.amount_minor,
        "allowed_minor": decision.allowed_minor,
        "currency": decision.currency,
    }
    announce(news, hearers=hearers, team_id=policy.team_id, team=policy.team.slug, data=data, at=at)


def tell_policy(*, news: str, at: datetime, subject_id: str, **_later: str) -> None:
    """Tell that a version is in force, or waits for a second reader."""
    hearers = hearers_of(news)
    if not hearers:
        return
    version = PolicyVersion.objects.select_related("policy__team").get(pk=subject_id)
    policy = version.policy
    data = {"id": str(version.pk), "policy": {"slug": policy.slug, "version": version.number}}
    announce(news, hearers=hearers, team_id=policy.team_id, team=policy.team.slug, data=data, at=at)


def tell_line(*, news: str, at: datetime, subject_id: str, **_later: str) -> None:
    """Tell that nothing is sent to a processor; it serves every team, so no team's endpoint hears."""
    hearers = hearers_of(news)
    if not hearers:
        return
    line = GatewayLine.objects.get(pk=subject_id)
    data = {"id": str(line.pk), "gateway": line.gateway, "stop": line.stop, "because": line.get_stop_display().lower()}
    announce(news, hearers=hearers, team_id=None, team=None, data=data, at=at)


def tell_breaks(opened: Sequence[Break], *, at: datetime) -> None:
    """Tell which breaks were opened; an account serves every team, so no team's endpoint hears."""
    hearers = hearers_of(Event.BREAK) if opened else []
    for one in opened if hearers else []:
        data = {
            "id": str(one.pk),
            "kind": str(one.kind),
            "state": str(one.state),
            "account": one.account,
            "statement": str(one.line.statement_id) if one.line is not None else None,
            "reference": one.reference,
            "amount_minor": one.amount_minor,
            "currency": one.currency,
        }
        announce(Event.BREAK, hearers=hearers, team_id=None, team=None, data=data, at=at)
