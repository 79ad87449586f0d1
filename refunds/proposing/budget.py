"""How much may be asked in a day: one row for all processes, and each call takes its share before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F

from refunds.models import ProposalDay

if TYPE_CHECKING:
    from datetime import date


def take_share(day: date, *, tokens: int) -> bool:
    """Take one call and so many tokens out of what is left of a day; answers whether there was enough."""
    ProposalDay.objects.get_or_create(day=day)
    left = ProposalDay.objects.filter(
        day=day,
        call_count__lt=settings.MODEL_DAY_CALLS,
        token_count__lte=settings.MODEL_DAY_TOKENS - tokens,
    )
    return bool(left.update(call_count=F("call_count") + 1, token_count=F("token_count") + tokens))


def settle_share(day: date, *, taken: int, used: int) -> None:
    """Count what a call really took instead of what was taken for it."""
    ProposalDay.objects.filter(day=day).update(token_count=F("token_count") - taken + used)
