"""Builders of payout reports as Stripe prints them."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "recon_samples"

COLUMNS = (
    "automatic_payout_id",
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "payment_intent_id",
    "refund_metadata[operation_id]",
)


def sample(name: str) -> bytes:
    """Read one of the sample files, or skip the test that needs it."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path.parent.name}/{name} is not on this machine")
    return path.read_bytes()


def row(external_id: str, gross: str, *, fee: str = "0.00", currency: str = "gbp", **cells: str) -> dict[str, str]:
    """Build one line; net follows from gross and fee unless it is given."""
    return {
        "automatic_payout_id": "po_1",
        "balance_transaction_id": external_id,
        "created_utc": "2026-11-12 10:01:00",
        "currency": currency,
        "gross": gross,
        "fee": fee,
        "net": cells.pop("net", "") or f"{Decimal(gross) - Decimal(fee):f}",
        "reporting_category": cells.pop("category", "refund"),
        "source_id": f"re_{external_id}",
        "description": cells.pop("description", ""),
        "payment_intent_id": f"pi_{external_id}",
        "refund_metadata[operation_id]": cells.pop("operation", ""),
        **cells,
    }


def report(rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> bytes:
    """Print rows as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
