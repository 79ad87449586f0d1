"""Secrets of endpoints, and signatures as Standard Webhooks 1.0.0 wants them."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.conf import settings
from standardwebhooks import Webhook

from config.kernel.sealing import box

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cryptography.fernet import MultiFernet

    from refunds.models import WebhookSecret

SEAL_PURPOSE = "redress webhook secrets"
PREFIX = "whsec_"
SECRET_BYTES = 32


class UnreadableSecret(Exception):
    """No key in force opens what is kept."""


def new_secret() -> str:
    """Make a secret of 256 bits in the form receivers' libraries read."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(secret: str) -> str:
    """Encrypt a secret under the first key."""
    return _box().encrypt(secret.encode()).decode()


def opened(kept: str) -> str:
    """Decrypt a secret with whichever key fits.

    :raises UnreadableSecret: when none does
    """
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret("No key opens this secret; make a new one.") from None


def headers_of(*, message_id: str, body: str, kept: Iterable[WebhookSecret], at: datetime) -> dict[str, str]:
    """Sign a body with every secret in force, so that a receiver may change from one to the other at leisure.

    :raises UnreadableSecret: when there is none that can be read
    """
    # The library takes the digits of the clock for UTC, whatever the zone.
    moment = at.astimezone(UTC)
    signatures = [
        Webhook(opened(secret.sealed)).sign(msg_id=message_id, timestamp=moment, data=body) for secret in kept
    ]
    if not signatures:
        raise UnreadableSecret("This endpoint has no secret in force.")
    return {
        "Content-Type": "application/json",
        "User-Agent": "Redress-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _box() -> MultiFernet:
    return box(settings.WEBHOOK_KEYS, purpose=SEAL_PURPOSE)
