"""Who approves much shows once more who she is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.money import Money
from config.kernel.refusals import NotPermitted
from config.kernel.sign_in import is_fresh
from config.kernel.wording import said

from .models import StepUpLimit

if TYPE_CHECKING:
    from datetime import datetime

STEP_UP_REQUIRED = "step_up_required"


def check_stepped_up(amount: Money, *, signed_in_at: datetime | None, at: datetime) -> bool:
    """Want a fresh sign-in for an approval above the limit of its currency; answer whether one was asked for.

    :raises NotPermitted: `step_up_required`
    """
    above_minor = (
        StepUpLimit.objects.filter(currency=amount.currency, above_minor__lt=amount.minor)
        .values_list("above_minor", flat=True)
        .first()
    )
    if above_minor is None:
        return False
    if not is_fresh(signed_in_at, at=at):
        above = Money(above_minor, amount.currency)
        raise NotPermitted(
            STEP_UP_REQUIRED, said("Approving above {above} asks you to confirm who you are.", above=above)
        )
    return True
