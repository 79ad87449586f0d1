"""Whether connected shops can be believed and asked at all: said on their page, and by `check --database default`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError
from django.utils import timezone

from config.kernel.wording import said
from refunds.models import ShopConnection
from refunds.outgoing.addresses import ForbiddenAddress, target_of
from refunds.outgoing.signing import UnreadableSecret

from .keeping import secrets_in_force, shop_behind

if TYPE_CHECKING:
    from collections.abc import Sequence


def why_unusable(connection: ShopConnection) -> str:
    """Say why a shop could not be believed or asked; empty when it could, as far as we know without asking it."""
    try:
        secrets_in_force(connection, at=timezone.now())
        shop_behind(connection)
        target_of(connection.api_base)
    except UnreadableSecret:
        return said("No key in WEBHOOK_KEYS opens its secrets. Type them anew, or give the key back.")
    except ForbiddenAddress as no:
        return said("It may not be asked: {reason}", reason=no.args[0])
    return ""


@register(Tags.database)
def check_shops(*, databases: Sequence[str] | None = None, **_more: Any) -> list[CheckMessage]:
    """Name every shop in use that cannot be believed or asked."""
    if not databases:
        return []
    try:
        connections = list(ShopConnection.objects.filter(is_active=True))
    except DatabaseError:
        # Before the first migration there is no table to look into.
        return []
    return [
        Error(f"{connection}: {why}", obj=connection, id="refunds.E001")
        for connection in connections
        if (why := why_unusable(connection))
    ]
