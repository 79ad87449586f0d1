"""Make, change, disable and enable endpoints; nothing of it without a ledger entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from config.kernel.people import team_ids_of
from config.kernel.refusals import OutOfDate, Reason, Refused
from config.kernel.wording import said
from refunds.models import WebhookEndpoint

from .addresses import ForbiddenAddress
from .destinations import check_destination, keep_destination
from .disabling import disable_locked, record
from .entitlement import check_may, locked_for
from .rotating import keep_new_secret
from .vocabulary import FOR_PEOPLE, Event, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

LONGEST_DESCRIPTION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an endpoint shall be: without events it hears all of them, without a team all teams."""

    url: str
    shape: str = Shape.JSON.value
    description: str = ""
    events: Sequence[str] = ()
    team_id: int | None = None


def faults_of(wish: Wish, *, actor: User, shown: str = "") -> Iterator[Reason]:
    """Find what can never be an endpoint of this person's; `shown` is what stands there of an address that is kept."""
    if wish.shape not in Shape.values:
        yield Reason("refused", said("There is no way “{shape}” to tell it.", shape=wish.shape), "shape")
        return
    try:
        if wish.url != shown:
            check_destination(wish.shape, wish.url)
    except ForbiddenAddress as no:
        yield Reason("forbidden_address", no.args[0], "url")
    known = Event.values if wish.shape == Shape.JSON else FOR_PEOPLE
    unknown = sorted(set(wish.events) - set(known))
    if unknown:
        sentence = (
            said("There is no event “{event}”.", event=unknown[0])
            if unknown[0] not in Event.values
            else said("There is no sentence for people about “{event}”.", event=unknown[0])
        )
        yield Reason("refused", sentence, "events")
    if len(wish.description) > LONGEST_DESCRIPTION:
        yield Reason(
            "refused",
            said("Describe it in at most {most} characters.", most=LONGEST_DESCRIPTION),
            "description",
        )
    if wish.team_id is not None and wish.team_id not in team_ids_of(actor):
        yield Reason("refused", said("You do not work for this team."), "team")


@transaction.atomic
def add_endpoint(*, wish: Wish, actor: User, at: datetime) -> tuple[WebhookEndpoint, str]:
    """Let an address outside hear what happens. Answers it and its secret, which nobody sees again; people need none.

    :raises NotPermitted: without the right
    :raises Refused: naming every faulty field
    """
    check_may(actor, "refunds.add_webhookendpoint")
    _check(wish, actor)
    endpoint = WebhookEndpoint(created_by=actor, created_at=at, shape=wish.shape)
    _write(endpoint, wish)
    secret = "" if endpoint.is_for_people else keep_new_secret(endpoint, at=at)
    record(
        endpoint,
        "added",
        actor=actor,
        at=at,
        sentence=f"added the webhook endpoint at {endpoint.host}.",
        data={"shape": str(endpoint.shape), "events": sorted(endpoint.events), "team_id": endpoint.team_id},
    )
    return endpoint, secret


@transaction.atomic
def change_endpoint(*, endpoint_id: UUID, wish: Wish, actor: User, at: datetime) -> WebhookEndpoint:
    """Change where an endpoint is and what it hears from now on; what is written down already goes to the new address.

    :raises NotPermitted: without the right
    :raises Refused: naming every faulty field
    """
    endpoint = locked_for(endpoint_id, actor, "refunds.change_webhookendpoint")
    if wish.shape != endpoint.shape:
        raise Refused("refused", said("An endpoint keeps its shape; add another one."), "shape")
    _check(wish, actor, shown=endpoint.url)
    before = (endpoint.url, endpoint.description, sorted(endpoint.events), endpoint.team_id)
    after = (wish.url, wish.description, sorted(set(wish.events)), wish.team_id)
    changed = [
        name
        for name, was, is_ in zip(("url", "description", "events", "team"), before, after, strict=True)
        if was != is_
    ]
    if changed:
        _write(endpoint, wish)
        sentence = f"changed the webhook endpoint at {endpoint.host}: {', '.join(changed)}."
        data = {"changed": changed, "events": sorted(endpoint.events), "team_id": endpoint.team_id}
        record(endpoint, "changed", actor=actor, at=at, sentence=sentence, data=data)
    return endpoint


@transaction.atomic
def disable_endpoint(*, endpoint_id: UUID, because: str, actor: User, at: datetime) -> WebhookEndpoint:
    """Send nothing there any more, until somebody enables it.

    :raises Refused: without a reason
    :raises OutOfDate: when it is disabled already
    """
    endpoint = locked_for(endpoint_id, actor, "refunds.change_webhookendpoint")
    if not endpoint.is_active:
        raise OutOfDate("out_of_date", said("This endpoint is disabled already."))
    because = because.strip()
    if not because or len(because) > LONGEST_DESCRIPTION:
        raise Refused(
            "refused",
            said("Say in at most {most} characters why.", most=LONGEST_DESCRIPTION),
            "because",
        )
    disable_locked(endpoint, because=because, at=at, actor=actor, is_personal=True)
    return endpoint


@transaction.atomic
def enable_endpoint(*, endpoint_id: UUID, actor: User, at: datetime) -> WebhookEndpoint:
    """Let an endpoint hear again what happens from now on; what failed is sent again by hand.

    :raises OutOfDate: when it is enabled already
    """
    endpoint = locked_for(endpoint_id, actor, "refunds.change_webhookendpoint")
    if endpoint.is_active:
        raise OutOfDate("out_of_date", said("This endpoint is enabled already."))
    endpoint.disabled_at, endpoint.disabled_because = None, ""
    endpoint.failing_since, endpoint.failures_in_a_row = None, 0
    endpoint.save(update_fields=["disabled_at", "disabled_because", "failing_since", "failures_in_a_row"])
    record(endpoint, "enabled", actor=actor, at=at, sentence=f"enabled the webhook endpoint at {endpoint.host}.")
    return endpoint


def _check(wish: Wish, actor: User, *, shown: str = "") -> None:
    faults = list(faults_of(wish, actor=actor, shown=shown))
    if faults:
        raise Refused.of(faults)


def _write(endpoint: WebhookEndpoint, wish: Wish) -> None:
    if wish.url != endpoint.url:
        keep_destination(endpoint, wish.url)
    endpoint.description = wish.description
    endpoint.events, endpoint.team_id = sorted(set(wish.events)), wish.team_id
    try:
        with transaction.atomic():
            endpoint.save()
    except IntegrityError:
        raise Refused("refused", said("There is an endpoint for this address and team already."), "url") from None
