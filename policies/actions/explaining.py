"""Finance says why money left without a decision; it stays ungoverned in every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number
from policies.vocabulary import Explanation

from . import lifecycle
from .deciding import locked_for

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from policies.models import GovernedAction

SHORTEST_NOTE = 10
LONGEST_NOTE = 2000


@transaction.atomic(durable=True)
def explain(*, reference: str, code: str, note: str, actor: User, at: datetime) -> GovernedAction:
    """Settle an ungoverned action with a code and a note.

    :raises GovernedAction.DoesNotExist: to a stranger
    :raises NotPermitted: without the right to explain
    :raises OutOfDate: when it is explained already, or was asked about
    :raises Refused: for an unknown code, or a note too short, too long or with a card number
    """
    action = locked_for(reference, actor)
    lifecycle.check_may_speak(actor, "explain")
    lifecycle.check_knows(action, "explain")
    if code not in Explanation.values:
        raise Refused("invalid", said("Choose why it left without a decision."), "code")
    words = note.strip()
    refuse_card_number(words, field="note")
    if not SHORTEST_NOTE <= len(words) <= LONGEST_NOTE:
        raise Refused(
            "note_needed",
            said("Say what you found in {least} to {most} characters.", least=SHORTEST_NOTE, most=LONGEST_NOTE),
            "note",
        )
    lifecycle.advance(
        action,
        "explain",
        actor=actor,
        at=at,
        sentence=f"explained it: {Explanation(code).label.lower()}.",
        data={"code": code, "note_sha256": ledger.salted_digest(action.subject, words)},
        columns={"explanation": code, "note": words},
    )
    return action
