"""Ask about a money action before it is done: gather its facts, judge it, and ask people where they must decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from approvals.freezing import notes_what_is_frozen
from approvals.vocabulary import Category
from config.kernel.refusals import NotPermitted, Reason, Refused
from evidence.text import refuse_card_number
from policies.actions import asking
from refunds.asking_limits import check_may_ask

from .facts import gather_for

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from policies.actions.asking import Wish
    from policies.models import GovernedAction

CARRIED_OUT_BY = "stripe"
NEEDS = {
    Category.PAYOUT: (),
    Category.TRANSFER: ("destination",),
    Category.TRANSFER_REVERSAL: ("about",),
    Category.DISPUTE: ("about",),
    Category.APPLICATION_FEE_REFUND: ("about",),
    Category.GOODWILL_CREDIT: ("about",),
}
"""What we can carry out, and which words of the wish it takes."""

FIELDS = {"about": "subject.external_id", "destination": "context.destination"}


@notes_what_is_frozen
@transaction.atomic(durable=True)
def ask(*, wish: Wish, actor: User, at: datetime) -> GovernedAction:
    """Answer whether an action may be done, and open the route where people decide.

    :raises NotPermitted: `not_permitted`, `frozen`, or `over_authority` beyond the limits of a service account
    :raises Refused: `not_executable` for what cannot be carried out here, `card_number_in_text`
    """
    if not actor.has_perm(asking.ASKS):
        raise NotPermitted("not_permitted", f"Asking needs the right “{asking.ASKS}”.")
    for field, words in (("reason", wish.reason), ("context.customer", wish.customer)):
        refuse_card_number(words, field=field)
    if wish.is_to_be_executed:
        _check_executable(wish)
    check_may_ask(actor=actor, amount=wish.amount, at=at)
    return asking.ask(wish=wish, facts=gather_for(wish, at=at), actor=actor, at=at)


def _check_executable(wish: Wish) -> None:
    """Want everything that carrying it out takes, before anybody signs for it."""
    if wish.category not in NEEDS:
        sentence = "A refund is carried out as a refund request; ask for it there."
        raise Refused("not_executable", sentence, "execute")
    reasons = []
    if wish.gateway != CARRIED_OUT_BY:
        reasons.append(Reason("not_executable", f"Nothing is carried out at “{wish.gateway}”.", "subject.gateway"))
    missing = [FIELDS[name] for name in NEEDS[wish.category] if not getattr(wish, name)]
    reasons += [Reason("not_executable", "Carrying it out needs this.", field) for field in missing]
    if reasons:
        raise Refused.of(reasons)
