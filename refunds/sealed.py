"""Which columns of refunds are sealed, for sealing them anew."""

from __future__ import annotations

from typing import Final

from config.kernel.resealing import SealedColumn

from .outgoing import signing
from .payouts import accounts

COLUMNS: Final = (
    *(
        SealedColumn(f"refunds.{model}", column, "WEBHOOK_KEYS", signing.SEAL_PURPOSE)
        for model, column in (
            ("WebhookSecret", "sealed"),
            ("WebhookEndpoint", "sealed_url"),
            ("ShopConnection", "secret_sealed"),
            ("ShopConnection", "old_secret_sealed"),
            ("ShopConnection", "access_sealed"),
        )
    ),
    SealedColumn("refunds.AlternatePayout", "iban_sealed", "PAYEE_KEYS", accounts.SEAL_PURPOSE),
    SealedColumn("refunds.PaymentFile", "sealed", "PAYEE_KEYS", accounts.SEAL_PURPOSE),
)
