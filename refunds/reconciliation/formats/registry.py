"""Every format that is read, and which of them a file looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.models import ColumnMapping

from .adyen import SettlementDetail
from .bai2 import CashManagement
from .base import HEAD_BYTES, SURE, Confidence
from .camt import BankToCustomerStatement
from .mapped import MappedCsv
from .mt940 import CustomerStatement
from .ofx import OpenFinancialExchange
from .paypal import Activity
from .stripe_api import PayoutByApi
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
    OpenFinancialExchange(),
    PayoutByApi(),
)


def formats() -> tuple[Format, ...]:
    """Name every format, those of saved mappings last."""
    return (*BUILT_IN, *_mapped())


def format_named(name: str) -> Format | None:
    """Find a format by its name."""
    known = next((one for one in BUILT_IN if one.name == name), None)
    return known or next((one for one in _mapped() if one.name == name), None)


def recognised(content: bytes) -> list[tuple[Confidence, Format]]:
    """Ask every format whether a file is its own, the surest first; of two as sure, the one listed first.

    Mappings are asked where no format of ours is sure: ours know more of their files.
    """
    head = content[:HEAD_BYTES]
    found = [(one.detect(head), one) for one in BUILT_IN]
    if max(confidence.score for confidence, _ in found) < SURE:
        found += [(one.detect(head), one) for one in _mapped()]
    return sorted(found, key=lambda pair: -pair[0].score)


def _mapped() -> list[Format]:
    return [MappedCsv(mapping) for mapping in ColumnMapping.objects.order_by("title", "pk")]
