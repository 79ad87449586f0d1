"""Naming a gap of the policy from the form of a decision: its rationale says what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from refunds.policy_gaps import name_policy_gap

if TYPE_CHECKING:
    from config.kernel.web import PersonRequest
    from refunds.models import RefundRequest


def name_gap(request: PersonRequest, found: RefundRequest) -> RefundRequest:
    """Read the form and name the gap."""
    return name_policy_gap(
        reference=found.reference,
        text=request.POST.get("rationale", ""),
        actor=request.user,
        at=timezone.now(),
    )
