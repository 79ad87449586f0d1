"""One file a noun."""

from .action_execution import ActionExecution
from .alternate_payout import AlternatePayout
from .batch import Batch, FilingKey
from .column_mapping import ColumnMapping
from .delivery import Delivery
from .delivery_proof import DeliveryProof
from .dispute import Dispute
from .erasure import Erasure, ErasureCustomer, ErasureNight, LegalHold, Tombstone
from .gateway_line import GatewayLine
from .gl_export import GLExport, GLExportEntry
from .helpdesk import Helpdesk, TicketLink
from .journal import GLAccount, JournalEntry, JournalLine
from .match import Match, SeveredMatch
from .operation import Attempt, Operation
from .order import Customer, Order, OrderLine
from .payment import Payment
from .payment_file import PaymentFile, Transfer
from .period import Period
from .policy_gap import PolicyGap
from .processor_payout import ProcessorPayout
from .proposal import Proposal, ProposalCall, ProposalDay
from .reconciliation_break import Break, BreakComment, BreakLimit, BreakPromise
from .refund_line import RefundLine, lines_of
from .refund_request import RefundRequest
from .release import Release
from .restore import LostRefund, Restore
from .shop_connection import ShopConnection
from .shop_note import ShopNote
from .shop_refund import ShopRefund
from .statement import Statement, StatementBalance, StatementLine
from .store_credit import StoreCredit
from .sweep_mark import SweepMark
from .webhook_delivery import Announcement, WebhookAttempt, WebhookDelivery
from .webhook_endpoint import WebhookEndpoint, WebhookSecret

__all__ = [
    "ActionExecution",
    "AlternatePayout",
    "Announcement",
    "Attempt",
    "Batch",
    "Break",
    "BreakComment",
    "BreakLimit",
    "BreakPromise",
    "ColumnMapping",
    "Customer",
    "Delivery",
    "DeliveryProof",
    "Dispute",
    "Erasure",
    "ErasureCustomer",
    "ErasureNight",
    "FilingKey",
    "GLAccount",
    "GLExport",
    "GLExportEntry",
    "GatewayLine",
    "Helpdesk",
    "JournalEntry",
    "JournalLine",
    "LegalHold",
    "LostRefund",
    "Match",
    "Operation",
    "Order",
    "OrderLine",
    "Payment",
    "PaymentFile",
    "Period",
    "PolicyGap",
    "ProcessorPayout",
    "Proposal",
    "ProposalCall",
    "ProposalDay",
    "RefundLine",
    "RefundRequest",
    "Release",
    "Restore",
    "SeveredMatch",
    "ShopConnection",
    "ShopNote",
    "ShopRefund",
    "Statement",
    "StatementBalance",
    "StatementLine",
    "StoreCredit",
    "SweepMark",
    "TicketLink",
    "Tombstone",
    "Transfer",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
    "lines_of",
]
