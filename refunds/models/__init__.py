"""One file a noun."""

from .delivery import Delivery
from .erasure import Erasure, ErasureCustomer, ErasureNight, LegalHold, Tombstone
from .operation import Attempt, Operation
from .order import Customer, Order, OrderLine
from .payment import Payment
from .refund_line import RefundLine
from .refund_request import RefundRequest
from .statement import Match, Statement, StatementLine

__all__ = [
    "Attempt",
    "Customer",
    "Delivery",
    "Erasure",
    "ErasureCustomer",
    "ErasureNight",
    "LegalHold",
    "Match",
    "Operation",
    "Order",
    "OrderLine",
    "Payment",
    "RefundLine",
    "RefundRequest",
    "Statement",
    "StatementLine",
    "Tombstone",
]
