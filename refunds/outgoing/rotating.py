"""Change the secret of an endpoint without a message that its receiver could not verify."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import OutOfDate, Refused
from config.kernel.wording import said
from refunds.models import WebhookSecret

from .disabling import record
from .entitlement import locked_for
from .signing import new_secret, sealed

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from refunds.models import WebhookEndpoint

LONGEST_OVERLAP_HOURS = 7 * 24


@transaction.atomic
def rotate_secret(*, endpoint_id: UUID, overlap_hours: int, actor: User, at: datetime) -> str:
    """Make a new secret and let the old one sign beside it for some hours; answers the new one, shown once.

    :raises Refused: while two are in force already, for an overlap that is too long, or where nothing is signed
    """
    endpoint = locked_for(endpoint_id, actor, "refunds.change_webhookendpoint")
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        raise Refused(
            "refused",
            said("An overlap is 0 to {most} hours.", most=LONGEST_OVERLAP_HOURS),
            "overlap_hours",
        )
    if endpoint.is_for_people:
        raise Refused("refused", said("What people read is not signed; change the address instead."))
    in_force = endpoint.secrets.filter(WebhookSecret.active(at))
    if in_force.count() > 1:
        raise Refused("refused", said("Two secrets are in force already; end the old one first."))
    in_force.update(ends_at=at + timedelta(hours=overlap_hours))
    secret = keep_new_secret(endpoint, at=at)
    sentence = f"changed the secret of the webhook endpoint at {endpoint.host}."
    record(endpoint, "secret_rotated", actor=actor, at=at, sentence=sentence, data={"overlap_hours": overlap_hours})
    return secret


@transaction.atomic
def end_old_secret(*, endpoint_id: UUID, actor: User, at: datetime) -> None:
    """Let only the newest secret sign from now on.

    :raises OutOfDate: when it is the only one already
    """
    endpoint = locked_for(endpoint_id, actor, "refunds.change_webhookendpoint")
    if not endpoint.secrets.filter(ends_at__gt=at).update(ends_at=at):
        raise OutOfDate("out_of_date", said("Only one secret is in force."))
    sentence = f"ended the old secret of the webhook endpoint at {endpoint.host}."
    record(endpoint, "secret_ended", actor=actor, at=at, sentence=sentence)


def keep_new_secret(endpoint: WebhookEndpoint, *, at: datetime) -> str:
    """Make a secret and keep it sealed; the answer is the only time it is seen."""
    secret = new_secret()
    WebhookSecret.objects.create(endpoint=endpoint, sealed=sealed(secret), created_at=at)
    return secret
