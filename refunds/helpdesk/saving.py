"""Set a helpdesk up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.kernel.refusals import NotPermitted, Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from refunds.models import Helpdesk
from refunds.models.helpdesk import PLACE

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User

ADDS, CHANGES = "refunds.add_helpdesk", "refunds.change_helpdesk"


def faults_of(helpdesk: Helpdesk) -> list[Reason]:
    """Find what no helpdesk can be."""
    faults = []
    if helpdesk.address:
        try:
            parts = urlsplit(helpdesk.address.replace(PLACE, "1"))
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "https" or not parts.hostname or helpdesk.address.count(PLACE) != 1:
            sentence = said("Write an https address with {place} where the ticket's id stands, once.", place=PLACE)
            faults.append(Reason("invalid", sentence, "address"))
    before = Helpdesk.objects.filter(pk=helpdesk.pk).first()
    if before is not None and before.slug != helpdesk.slug:
        faults.append(Reason("invalid", said("Tickets are known by this name; it stays."), "slug"))
    return faults


def save_helpdesk(*, helpdesk: Helpdesk, actor: User, at: datetime) -> Helpdesk:
    """Save a helpdesk, a new one or one that is known.

    :raises NotPermitted: without the right
    :raises Refused: with every fault
    """
    is_new = not Helpdesk.objects.filter(pk=helpdesk.pk).exists()
    needed = ADDS if is_new else CHANGES
    if not actor.has_perm(needed):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=needed))
    if faults := faults_of(helpdesk):
        raise Refused.of(faults)
    if is_new:
        helpdesk.created_at = at
    helpdesk.save()
    ledger.record(
        subject=helpdesk.subject,
        kind="helpdesk.set",
        actor=actor,
        at=at,
        sentence=f"{'set up' if is_new else 'changed'} the helpdesk {helpdesk}.",
        data={
            "slug": helpdesk.slug,
            "address": helpdesk.address,
            "team": helpdesk.team.slug if helpdesk.team is not None else None,
            "is_active": helpdesk.is_active,
        },
    )
    return helpdesk
