"""What a shop's message must prove before it is stored, and what of it is kept."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from refunds.connectors import magento, shopify
from refunds.connectors.keeping import secrets_in_force
from refunds.gateways.base import BadDelivery, Envelope
from refunds.outgoing.signing import UnreadableSecret

from .receiving import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refunds.connectors.base import Hint
    from refunds.models import ShopConnection

    from .receiving import Verify

LONGEST_NAME = 64


def proof_of(connection: ShopConnection) -> Verify:
    """Answer what checks the messages of this shop."""
    return partial(_of_shopify if connection.kind == "shopify" else _of_magento, connection)


def _of_shopify(connection: ShopConnection, headers: Mapping[str, str], raw: bytes) -> Message:
    """Check a message of Shopify's. Its signature covers the body alone; shop and order bind it to this connection."""
    at = timezone.now()
    try:
        secrets = secrets_in_force(connection, at=at)
    except UnreadableSecret as error:
        raise BadDelivery(str(error)) from error
    if not shopify.is_signed(raw, _one(headers, "Hmac-Sha256"), secrets):
        raise BadDelivery("No secret in force made this signature.")
    if _one(headers, "Shop-Domain").lower() != connection.domain:
        raise BadDelivery("The message names another shop.")
    hint = shopify.hint_of(_json(raw))
    # One event tells several topics, each about something else; and a second subscription tells it all again.
    named = _one(headers, "Event-Id") or _one(headers, "Webhook-Id")
    return _message(connection, hint, raw, named)


def _of_magento(connection: ShopConnection, headers: Mapping[str, str], raw: bytes) -> Message:
    """Check a message of Magento's: signed where the shop has a key; elsewhere its address alone speaks for it."""
    given = headers.get("x-adobe-commerce-webhook-signature", "")
    if connection.public_key and not magento.is_signed(raw, given, connection.public_key):
        raise BadDelivery("The shop's key did not make this signature.")
    return _message(connection, magento.hint_of(_json(raw)), raw, "")


def _message(connection: ShopConnection, hint: Hint, raw: bytes, named: str) -> Message:
    about = "refund" if hint.refund else "order" if hint.order else "other"
    digest = sha256(raw).hexdigest()
    return Message(
        envelope=Envelope(
            event_id=f"{connection.pk.hex}:{about}:{named or digest[:LONGEST_NAME]}",
            event_type=f"{connection.kind}.{about}",
            object_id=hint.refund or hint.order,
            created_at=timezone.now(),
            livemode=True,
            payload={},
        ),
        kept=kept_of(hint),
        connection_id=connection.pk,
        body_sha256=digest,
    )


def kept_of(hint: Hint) -> bytes:
    """Keep the ids of a message and nothing that names anybody."""
    return json.dumps(asdict(hint)).encode()


def _one(headers: Mapping[str, str], name: str) -> str:
    """Read a header under its old name or its new one; two that disagree are a lie."""
    found = {value for prefix in ("X-Shopify-", "Shopify-") if (value := headers.get(f"{prefix}{name}", ""))}
    if len(found) > 1:
        raise BadDelivery(f"The message has two headers {name}.")
    value = next(iter(found), "")
    if not value.isascii() or (value and not value.isprintable()) or len(value) > LONGEST_NAME:
        raise BadDelivery(f"The header {name} is no name.")
    return value


def _json(raw: bytes) -> Any:
    """Read a body; a stranger chooses these bytes, so whatever they raise is a bad delivery."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as odd:
        raise BadDelivery(str(odd)[:200]) from odd
