"""Who may do what to an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.wording import said
from refunds.permissions import endpoints_visible_to

if TYPE_CHECKING:
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import WebhookEndpoint


def locked_for(endpoint_id: UUID, actor: User, permission: str) -> WebhookEndpoint:
    """Lock an endpoint for a person who may do this to it.

    :raises NotPermitted: without the right
    :raises OutOfDate: when it is not there, or a stranger asks
    """
    check_may(actor, permission)
    endpoint = endpoints_visible_to(actor).select_for_update(no_key=True, of=("self",)).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise OutOfDate("out_of_date", said("There is no such endpoint."))
    return endpoint


def check_may(actor: User, permission: str) -> None:
    """Ask for a right.

    :raises NotPermitted: naming it
    """
    if not actor.has_perm(permission):
        raise NotPermitted(
            "not_permitted",
            said("This needs the right “{right}”. An administrator grants it with a role.", right=permission),
        )
