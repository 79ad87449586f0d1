"""Send again by hand what was sent or has failed, under the id it had; and a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import OutOfDate
from config.kernel.wording import said
from refunds.models import WebhookDelivery
from refunds.permissions import webhook_deliveries_visible_to

from .announcing import announce
from .disabling import record
from .entitlement import check_may, locked_for
from .vocabulary import TEST, SendState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

RESEND = "refunds.resend_webhookdelivery"


@transaction.atomic
def send_again(*, delivery_id: UUID, actor: User, at: datetime) -> WebhookDelivery:
    """Send one message again, with all its tries before it; a receiver that had it knows it by its id.

    :raises NotPermitted: without the right
    :raises OutOfDate: while it waits, while its endpoint is disabled, or when there is no such delivery
    """
    check_may(actor, RESEND)
    found = webhook_deliveries_visible_to(actor).filter(pk=delivery_id).first()
    if found is None:
        raise OutOfDate("out_of_date", said("There is no such delivery."))
    endpoint = locked_for(found.endpoint_id, actor, RESEND)
    _check_enabled(is_active=endpoint.is_active)
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    if delivery.state == SendState.WAITING:
        raise OutOfDate("out_of_date", said("This delivery waits to be sent already."))
    delivery.state, delivery.round_count, delivery.next_try_at, delivery.lease_until = SendState.WAITING, 0, at, None
    delivery.save(update_fields=["state", "round_count", "next_try_at", "lease_until"])
    sentence = f"sent a webhook to {endpoint.host} again."
    record(endpoint, "resent", actor=actor, at=at, sentence=sentence, data={"delivery": str(delivery.pk)})
    return delivery


@transaction.atomic
def send_failed_again(*, endpoint_id: UUID, since: datetime, actor: User, at: datetime) -> int:
    """Send everything again that failed at an endpoint since a moment. Answers how many.

    :raises NotPermitted: without the right
    :raises OutOfDate: while the endpoint is disabled
    """
    endpoint = locked_for(endpoint_id, actor, RESEND)
    _check_enabled(is_active=endpoint.is_active)
    failed = webhook_deliveries_visible_to(actor).filter(
        endpoint=endpoint, state=SendState.FAILED, created_at__gte=since
    )
    count = WebhookDelivery.objects.filter(pk__in=failed.values("pk")).update(
        state=SendState.WAITING, round_count=0, next_try_at=at, lease_until=None
    )
    sentence = f"sent {count} failed webhooks to {endpoint.host} again."
    data = {"count": count, "since": since.isoformat()}
    record(endpoint, "resent", actor=actor, at=at, sentence=sentence, data=data)
    return count


@transaction.atomic
def send_test(*, endpoint_id: UUID, actor: User, at: datetime) -> None:
    """Tell one endpoint that this is a test.

    :raises NotPermitted: without the right
    :raises OutOfDate: while the endpoint is disabled
    """
    endpoint = locked_for(endpoint_id, actor, RESEND)
    _check_enabled(is_active=endpoint.is_active)
    team = None if endpoint.team is None else endpoint.team.slug
    announce(TEST, hearers=[endpoint], team_id=endpoint.team_id, team=team, data={"endpoint": str(endpoint.pk)}, at=at)
    record(endpoint, "tested", actor=actor, at=at, sentence=f"sent a test to {endpoint.host}.")


def _check_enabled(*, is_active: bool) -> None:
    if not is_active:
        raise OutOfDate("out_of_date", said("This endpoint is disabled; enable it first."))
