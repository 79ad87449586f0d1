"""The secrets of a connection: who may be believed, and with what we ask."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from refunds.models import ShopConnection
from refunds.outgoing.signing import opened
from refunds.vocabulary import ShopKind

from .magento import Magento
from .shopify import Shopify

if TYPE_CHECKING:
    from datetime import datetime

    from .base import Shop

SHOPS: dict[str, type[Shopify | Magento]] = {ShopKind.SHOPIFY: Shopify, ShopKind.MAGENTO: Magento}


def token_hash(token: str) -> str:
    """Hash the token of an address; 256 random bits need no salt, and an index that is searched gives nothing away."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def connection_behind(kind: str, token: str) -> ShopConnection | None:
    """Find the connection in use whose address this is."""
    return ShopConnection.objects.filter(kind=kind, token_sha256=token_hash(token), is_active=True).first()


def secrets_in_force(connection: ShopConnection, *, at: datetime) -> list[str]:
    """Open the secrets that may sign a message now, newest first.

    :raises UnreadableSecret: when no key opens them
    """
    is_overlap = connection.old_secret_ends_at is not None and connection.old_secret_ends_at > at
    kept = [connection.secret_sealed, connection.old_secret_sealed if is_overlap else ""]
    return [opened(one) for one in kept if one]


def shop_behind(connection: ShopConnection) -> Shop:
    """Make ready to ask a shop.

    :raises UnreadableSecret: when no key opens our access token
    """
    access = opened(connection.access_sealed) if connection.access_sealed else ""
    return SHOPS[connection.kind](connection.api_base, access)
