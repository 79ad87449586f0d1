"""Every format that is read, and which of them a file looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .adyen import SettlementDetail
from .bai2 import CashManagement
from .base import HEAD_BYTES, Confidence
from .camt import BankToCustomerStatement
from .mt940 import CustomerStatement
from .paypal import Activity
from .stripe_csv import BalanceChange, PayoutReconciliation

if TYPE_CHECKING:
    from .base import Format

BUILT_IN: tuple[Format, ...] = (
    PayoutReconciliation(),
    BalanceChange(),
    SettlementDetail(),
    Activity(),
    BankToCustomerStatement(),
    CustomerStatement(),
    CashManagement(),
)


def formats() -> tuple[Format, ...]:
    """Name every format."""
    return BUILT_IN


def format_named(name: str) -> Format | None:
    """Find a format by its name."""
    return next((one for one in formats() if one.name == name), None)


def recognised(content: bytes) -> list[tuple[Confidence, Format]]:
    """Ask every format whether a file is its own, the surest first; of two as sure, the one listed first."""
    head = content[:HEAD_BYTES]
    found = [(one.detect(head), one) for one in formats()]
    return sorted(found, key=lambda pair: -pair[0].score)
