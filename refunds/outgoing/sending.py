"""Claim a delivery, call outside any transaction, record what came of it.

At least once: a worker that dies in the middle leaves a lease that runs out, and the same message goes again under the
same id. One message at a time to each endpoint; in which order, nobody promises.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from refunds.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from refunds.models.webhook_delivery import LONGEST_EXCERPT

from .addresses import ForbiddenAddress
from .calling import Answer, call
from .destinations import address_of, check_destination, mailbox_of
from .disabling import disable_locked
from .mailing import mail
from .retrying import pause_after
from .signing import UnreadableSecret, headers_of
from .vocabulary import CallOutcome, SendState, Shape
from .wording import body_of, notice_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from refunds.models import Announcement

LEASE = timedelta(seconds=60)
"""Longer than any call, with the look-up of the name before it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One try that is ours to make."""

    delivery: WebhookDelivery
    number: int
    secrets: tuple[WebhookSecret, ...]


def endpoints_to_serve(at: datetime) -> QuerySet[WebhookEndpoint]:
    """Select the endpoints for which something is due and nothing is on its way."""
    of_it = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=SendState.WAITING)
    return WebhookEndpoint.objects.filter(
        Exists(of_it.filter(_due(at))), ~Exists(of_it.filter(lease_until__gt=at)), disabled_at__isnull=True
    ).order_by("pk")


def send_next(*, endpoint_id: UUID, at: datetime) -> bool:
    """Send what has been due longest at one endpoint. Answers whether there was anything, and it was ours.

    1. Claim it: the lease and the try are committed before the call.
    2. Call, with every secret in force signing.
    3. Record what came of it.
    """
    claimed = _claim(endpoint_id=endpoint_id, at=at)
    if claimed is None:
        return False
    begun = time.monotonic()
    answer = _call(claimed, at)
    _record(claimed, answer, at + timedelta(seconds=time.monotonic() - begun))
    return True


@transaction.atomic(durable=True)
def _claim(*, endpoint_id: UUID, at: datetime) -> Claimed | None:
    # Not the key: whoever writes a delivery down points at the endpoint, and must not wait for us.
    endpoint = (
        WebhookEndpoint.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(pk=endpoint_id, disabled_at__isnull=True)
        .first()
    )
    if endpoint is None:
        return None
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=SendState.WAITING)
    if waiting.filter(lease_until__gt=at).exists():
        return None
    delivery = (
        waiting.filter(_due(at))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("announcement")
        .order_by("next_try_at", "pk")
        .first()
    )
    if delivery is None:
        return None
    delivery.attempts.filter(ended_at__isnull=True).update(outcome=CallOutcome.INTERRUPTED, ended_at=at)
    delivery.endpoint = endpoint
    delivery.attempt_count += 1
    delivery.round_count += 1
    delivery.lease_until = at + LEASE
    delivery.save(update_fields=["attempt_count", "round_count", "lease_until"])
    WebhookAttempt.objects.create(delivery=delivery, number=delivery.attempt_count, started_at=at)
    in_force = tuple(endpoint.secrets.filter(WebhookSecret.active(at)))
    return Claimed(delivery, delivery.attempt_count, in_force)


def _call(claimed: Claimed, at: datetime) -> Answer:
    announcement, endpoint = claimed.delivery.announcement, claimed.delivery.endpoint
    if endpoint.is_for_people:
        return _tell_people(endpoint, announcement, at)
    try:
        headers = headers_of(message_id=announcement.message_id, body=announcement.body, kept=claimed.secrets, at=at)
    except UnreadableSecret as no:
        return Answer(CallOutcome.UNSIGNED, excerpt=str(no))
    return call(url=endpoint.url, body=announcement.body.encode(), headers=headers, at=at)


def _tell_people(endpoint: WebhookEndpoint, announcement: Announcement, at: datetime) -> Answer:
    """Tell a chat or a mailbox; its address is checked again, because what is allowed may have changed."""
    notice = notice_of(announcement)
    try:
        address = address_of(endpoint)
        check_destination(endpoint.shape, address)
    except UnreadableSecret as no:
        return Answer(CallOutcome.UNSIGNED, excerpt=str(no))
    except ForbiddenAddress as no:
        return Answer(CallOutcome.FORBIDDEN, excerpt=str(no)[:LONGEST_EXCERPT])
    if endpoint.shape == Shape.MAIL:
        return mail(to=mailbox_of(endpoint), notice=notice)
    headers = {"Content-Type": "application/json", "User-Agent": "Redress-Notices/1"}
    answer = call(url=address, body=body_of(endpoint.shape, notice).encode(), headers=headers, at=at)
    # What a stranger's server says could repeat the address, which is a key.
    return replace(answer, excerpt="")


@transaction.atomic(durable=True)
def _record(claimed: Claimed, answer: Answer, at: datetime) -> None:
    """Write down what came of a try; that something arrived is true whoever holds the claim by now."""
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=claimed.delivery.endpoint_id)
    delivery = WebhookDelivery.objects.select_for_update().get(pk=claimed.delivery.pk)
    WebhookAttempt.objects.filter(delivery=delivery, number=claimed.number).update(
        outcome=answer.outcome, status=answer.status, excerpt=answer.excerpt, ended_at=at
    )
    is_ours = delivery.attempt_count == claimed.number
    if answer.outcome is CallOutcome.DELIVERED:
        delivery.state, delivery.delivered_at, delivery.lease_until = SendState.DELIVERED, at, None
        endpoint.last_success_at, endpoint.failing_since, endpoint.failures_in_a_row = at, None, 0
    elif is_ours and delivery.state == SendState.WAITING:
        _put_off(delivery, answer, at)
        endpoint.failing_since = endpoint.failing_since or at
        endpoint.failures_in_a_row += 1
    if is_ours or delivery.state == SendState.DELIVERED:
        delivery.last_outcome, delivery.last_status = answer.outcome, answer.status
    delivery.save(update_fields=["state", "delivered_at", "lease_until", "next_try_at", "last_outcome", "last_status"])
    endpoint.save(update_fields=["last_success_at", "failing_since", "failures_in_a_row"])
    _disable_where_hopeless(endpoint, answer, at)


def _put_off(delivery: WebhookDelivery, answer: Answer, at: datetime) -> None:
    pause = None
    if answer.outcome is not CallOutcome.GONE:
        pause = pause_after(delivery.round_count, wished_seconds=answer.retry_after_seconds)
    delivery.lease_until = None
    if pause is None:
        delivery.state = SendState.FAILED
    else:
        delivery.next_try_at = at + pause


def _disable_where_hopeless(endpoint: WebhookEndpoint, answer: Answer, at: datetime) -> None:
    days = settings.WEBHOOK_DISABLE_AFTER_DAYS
    if not endpoint.is_active:
        return
    if answer.outcome is CallOutcome.GONE:
        disable_locked(endpoint, because="It answered 410 Gone.", at=at)
    elif endpoint.failing_since is not None and at - endpoint.failing_since >= timedelta(days=days):
        disable_locked(endpoint, because=f"Nothing arrived for {days} days.", at=at)


def _due(at: datetime) -> Q:
    return Q(next_try_at__lte=at) & (Q(lease_until__isnull=True) | Q(lease_until__lte=at))
