"""Gaps of the policy that reviewers named: each opens an item for its reason, or joins the one that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from analytics.machines import CLOCK
from analytics.models import RemediationItem
from policies.models import ReasonCode
from policies.vocabulary import CodeKind
from refunds.models import PolicyGap
from refunds.permissions import visible_to

from .measuring import Use, looked_back
from .opening import open_for
from .rules import rule_of
from .vocabulary import STANDING

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User

MOST_SHOWN = 20


@transaction.atomic
def hear_gap(*, gap_id: UUID | str) -> RemediationItem:
    """Open an item for the reason of a named gap unless one stands; heard again, nothing more happens.

    The words stay with the request: the item is every team's, and its page shows them to whoever may see the request.
    """
    gap = PolicyGap.objects.select_related("refund_request").get(pk=gap_id)
    code = ReasonCode.objects.select_for_update().get(pk=gap.refund_request.reason_id)
    answered = Q(state__in=STANDING) | Q(opened_at__gte=gap.named_at)
    item = RemediationItem.objects.filter(answered, code_kind=CodeKind.REASON, code=code.pk).first()
    if item is not None:
        return item
    rule = rule_of(CodeKind.REASON)
    return open_for(
        code,
        rule,
        looked_back(rule, at=gap.named_at).get(code.pk, Use()),
        finding=f"A policy reviewer found a gap in the policy with {gap.refund_request.reference}.",
        actor=CLOCK,
        by=None,
        at=gap.named_at,
    )


def gaps_of(viewer: User, item: RemediationItem) -> list[PolicyGap]:
    """List what reviewers named while the item stood, as far as the viewer may see the requests, the newest first."""
    if item.code_kind != CodeKind.REASON:
        return []
    named = PolicyGap.objects.filter(
        refund_request__in=visible_to(viewer).filter(reason=item.code), named_at__gte=item.opened_at
    )
    if item.closed_at is not None:
        named = named.filter(named_at__lte=item.closed_at)
    return list(named.select_related("refund_request", "named_by").order_by("-named_at", "-pk")[:MOST_SHOWN])
