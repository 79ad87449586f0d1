"""Where people hear of something: a channel of Slack or Teams by its secret address, or one mailbox.

Of a chat only the vendor's own hosts are called, or hosts of our own that `WEBHOOK_ALLOWED` names. Its address is the
key to it, so it is kept sealed; what is shown is its host with a few letters to tell two of them apart.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from config.kernel.wording import said

from .addresses import ForbiddenAddress, is_ours, target_of
from .signing import opened, sealed
from .vocabulary import Shape

if TYPE_CHECKING:
    from refunds.models import WebhookEndpoint

MAILTO = "mailto:"
LONGEST_MAIL = 320

HOSTS = {
    Shape.SLACK: ("hooks.slack.com", "hooks.slack-gov.com"),
    Shape.TEAMS: (".logic.azure.com", ".api.powerplatform.com", ".webhook.office.com"),
}
"""The vendors' own; one that begins with a dot stands for every host below it."""


def check_destination(shape: str, url: str) -> None:
    """Check that an address is one for this shape, without asking anybody.

    :raises ForbiddenAddress: naming the fault
    """
    if shape == Shape.MAIL:
        _check_mailbox(url)
        return
    target = target_of(url)
    hosts = HOSTS.get(Shape(shape), ())
    if not hosts or is_ours(target.host):
        return
    if not any(target.host == host or (host[0] == "." and target.host.endswith(host)) for host in hosts):
        named = ", ".join(host if host[0] != "." else f"*{host}" for host in hosts)
        raise ForbiddenAddress(
            said("This is no address of {vendor}; those are at {hosts}.", vendor=Shape(shape).vendor, hosts=named)
        )


def keep_destination(endpoint: WebhookEndpoint, url: str) -> None:
    """Put a checked address on an endpoint: sealed where it is a key, with what is shown of it instead."""
    if endpoint.is_chat:
        target = target_of(url)
        endpoint.sealed_url = sealed(url)
        endpoint.url = f"{target.scheme}://{target.authority}/sealed/{hashlib.sha256(url.encode()).hexdigest()[:12]}"
    else:
        endpoint.url = url.lower() if endpoint.shape == Shape.MAIL else url


def address_of(endpoint: WebhookEndpoint) -> str:
    """Answer where an endpoint is really called.

    :raises UnreadableSecret: when no key opens it
    """
    return opened(endpoint.sealed_url) if endpoint.is_chat else endpoint.url


def mailbox_of(endpoint: WebhookEndpoint) -> str:
    """Answer the one address that mail goes to."""
    return endpoint.url.removeprefix(MAILTO)


def _check_mailbox(url: str) -> None:
    if not url.startswith(MAILTO) or len(url) > LONGEST_MAIL:
        raise ForbiddenAddress(said("Write one address after mailto:, such as mailto:refunds-desk@example.com."))
    try:
        validate_email(url.removeprefix(MAILTO))
    except ValidationError:
        raise ForbiddenAddress(
            said("Write one address after mailto:, such as mailto:refunds-desk@example.com.")
        ) from None
