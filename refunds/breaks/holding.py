"""What every word about a break begins with: may this person say it, is it still true, and the row under its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.wording import inside, said
from evidence.text import refuse_card_number
from refunds.entitlement import has_signed
from refunds.models import Break

from .permissions import RESOLVES, breaks_visible_to

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User

LONGEST_NOTE: Final = 1000


def hold(break_id: UUID, *, actor: User) -> Break:
    """Lock a break for a person who may say something about it.

    :raises NotPermitted: without the right, or to a service account
    :raises Refused: `unknown_break` where there is none, or it is another team's
    """
    check_right(actor, RESOLVES)
    if actor.is_service_account:
        raise NotPermitted("not_permitted", said("A break is resolved by people."))
    if not breaks_visible_to(actor).filter(pk=break_id).exists():
        raise Refused("unknown_break", said("There is no such break."))
    return Break.objects.select_for_update(of=("self",)).select_related("owner", "proposed_by").get(pk=break_id)


def check_state(found: Break, *states: str) -> None:
    """Refuse what comes too late.

    :raises OutOfDate: `already_resolved`, or `out_of_date` with the state it is in
    """
    if found.state in states:
        return
    if found.is_resolved:
        raise OutOfDate(
            "already_resolved",
            said(
                "This break was resolved already: {resolution}.",
                resolution=found.get_resolution_display(),
            ),
        )
    raise OutOfDate(
        "out_of_date", said("This break is in another state by now: {state}.", state=inside(found.get_state_display()))
    )


def check_is_stranger(actor: User, found: Break) -> None:
    """Keep whoever asked for a refund, or decided on it, from explaining it away.

    :raises NotPermitted: `self_approval`
    """
    if found.operation is None:
        return
    if has_signed(actor, found.operation.refund_request):
        raise NotPermitted(
            "self_approval", said("Whoever asked for a refund or decided on it does not resolve its break.")
        )


def words_in(text: str, *, field: str, missing: str, most: int = LONGEST_NOTE) -> str:
    """Read what somebody typed.

    :raises Refused: `note_missing` with the sentence, `invalid` for too much, or `card_number_in_text`
    """
    words = text.strip()
    if not words:
        raise Refused("note_missing", missing, field)
    if len(words) > most:
        raise Refused("invalid", said("Say it in at most {most} characters.", most=most), field)
    refuse_card_number(words, field=field)
    return words
