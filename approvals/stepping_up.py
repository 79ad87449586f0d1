"""Who approves much shows once more who she is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from config.kernel.asking_again import STEP_UP_REQUIRED
from config.kernel.money import Money
from config.kernel.refusals import NotPermitted
from config.kernel.sign_in import is_fresh
from config.kernel.wording import said

from .models import StepUpLimit

if TYPE_CHECKING:
    from datetime import datetime


def check_stepped_up(amount: Money, *, signed_in_at: datetime | None, at: datetime) -> bool:
    """Want a fresh sign-in for an approval above the limit of its currency; answer whether one was asked for.

    Where nobody set a limit every approval asks for one, in production: silence is no consent.

    :raises NotPermitted: `step_up_required`
    """
    limits = StepUpLimit.objects.filter(currency=amount.currency)
    above_minor = limits.values_list("above_minor", flat=True).first()
    if above_minor is None:
        is_asked = bool(settings.STEP_UP_WITHOUT_LIMIT)
        sentence = said("Approving in {currency} asks you to confirm who you are.", currency=amount.currency)
    else:
        is_asked = amount.minor > above_minor
        above = Money(above_minor, amount.currency)
        sentence = said("Approving above {above} asks you to confirm who you are.", above=above)
    if is_asked and not is_fresh(signed_in_at, at=at):
        raise NotPermitted(STEP_UP_REQUIRED, sentence)
    return is_asked
