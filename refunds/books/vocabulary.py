"""The closed lists of the books."""

from django.db import models


class AccountRole(models.TextChoices):
    """What an account of the general ledger is for."""

    REFUND_EXPENSE = "refund_expense", "Refunds"
    GOODWILL_EXPENSE = "goodwill_expense", "Goodwill"
    PROCESSOR_CLEARING = "processor_clearing", "Refunds in clearing"
    PROCESSOR_BALANCE = "processor_balance", "Balance at the processor"
    BANK = "bank", "Bank"
    FEES = "fees", "Processor fees"
    FX_DIFFERENCE = "fx_difference", "FX clearing"
    STORE_CREDIT_LIABILITY = "store_credit_liability", "Store credit owed"
    DISPUTE_LOSS = "dispute_loss", "Losses from disputes"
    CONNECT_SHARE = "connect_share", "Shares of connected accounts"
    SUSPENSE = "suspense", "Suspense"
    PROCESSOR_RECEIVABLE = "processor_receivable", "Owed by processors"
    WRITE_OFF = "write_off", "Breaks written off"
    OWN_ERRORS = "own_errors", "Losses by our own errors"


STANDARD_CODES: dict[str, str] = {
    AccountRole.BANK: "1000",
    AccountRole.PROCESSOR_BALANCE: "1140",
    AccountRole.PROCESSOR_CLEARING: "1150",
    AccountRole.PROCESSOR_RECEIVABLE: "1160",
    AccountRole.SUSPENSE: "1900",
    AccountRole.STORE_CREDIT_LIABILITY: "2300",
    AccountRole.REFUND_EXPENSE: "4100",
    AccountRole.GOODWILL_EXPENSE: "4150",
    AccountRole.CONNECT_SHARE: "4160",
    AccountRole.FEES: "6100",
    AccountRole.DISPUTE_LOSS: "6200",
    AccountRole.WRITE_OFF: "6300",
    AccountRole.OWN_ERRORS: "6310",
    AccountRole.FX_DIFFERENCE: "7900",
}
"""The account of each role where the chart says nothing else."""


class EntryKind(models.TextChoices):
    """Which fact an entry books."""

    REFUND = "refund", "Refund"
    SETTLEMENT = "settlement", "Refund on a statement"
    RETURNED = "returned", "Refund that came back on a statement"
    STATEMENT = "statement", "Line of a statement"
    GOODWILL = "goodwill", "Goodwill credit"
    BREAK = "break", "Resolved break"
    REVERSAL = "reversal", "Reversal"


LINE_ROLES: dict[str, str] = {
    "fee": AccountRole.FEES,
    "network_cost": AccountRole.FEES,
    "tax": AccountRole.FEES,
    "payout": AccountRole.BANK,
    "payout_reversal": AccountRole.BANK,
    "dispute": AccountRole.DISPUTE_LOSS,
    "dispute_reversal": AccountRole.DISPUTE_LOSS,
    "transfer": AccountRole.CONNECT_SHARE,
    "transfer_reversal": AccountRole.CONNECT_SHARE,
    "platform_earning": AccountRole.CONNECT_SHARE,
    "platform_earning_refund": AccountRole.CONNECT_SHARE,
    "other_adjustment": AccountRole.SUSPENSE,
}
"""Against which account a processor's line is booked, by its category. Sales are booked where they are made."""


class ExportFormat(models.TextChoices):
    """Which general ledger takes the file over."""

    NETSUITE = "netsuite", "NetSuite journal entries"
    XERO = "xero", "Xero manual journals"
    QUICKBOOKS = "quickbooks", "QuickBooks journal entries"
    CSV = "csv", "CSV with every column"


class PeriodState(models.TextChoices):
    """How far the closing of a month got."""

    OPEN = "open", "Open"
    SIGNED = "signed", "Signed by one"
    LOCKED = "locked", "Locked"
