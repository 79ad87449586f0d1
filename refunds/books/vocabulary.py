"""The closed lists of the books."""

from django.db import models

from config.kernel.wording import said


class AccountRole(models.TextChoices):
    """What an account of the general ledger is for."""

    REFUND_EXPENSE = "refund_expense", said("Refunds")
    GOODWILL_EXPENSE = "goodwill_expense", said("Goodwill")
    PROCESSOR_CLEARING = "processor_clearing", said("Refunds in clearing")
    PROCESSOR_BALANCE = "processor_balance", said("Balance at the processor")
    BANK = "bank", said("Bank")
    FEES = "fees", said("Processor fees")
    FX_DIFFERENCE = "fx_difference", said("FX clearing")
    STORE_CREDIT_LIABILITY = "store_credit_liability", said("Store credit owed")
    DISPUTE_LOSS = "dispute_loss", said("Losses from disputes")
    CONNECT_SHARE = "connect_share", said("Shares of connected accounts")
    SUSPENSE = "suspense", said("Suspense")
    PROCESSOR_RECEIVABLE = "processor_receivable", said("Owed by processors")
    WRITE_OFF = "write_off", said("Breaks written off")
    OWN_ERRORS = "own_errors", said("Losses by our own errors")


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

    REFUND = "refund", said("Refund")
    SETTLEMENT = "settlement", said("Refund on a statement")
    RETURNED = "returned", said("Refund that came back on a statement")
    STATEMENT = "statement", said("Line of a statement")
    GOODWILL = "goodwill", said("Goodwill credit")
    BREAK = "break", said("Resolved break")
    REVERSAL = "reversal", said("Reversal")


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

    NETSUITE = "netsuite", said("NetSuite journal entries")
    XERO = "xero", said("Xero manual journals")
    QUICKBOOKS = "quickbooks", said("QuickBooks journal entries")
    CSV = "csv", said("CSV with every column")


class PeriodState(models.TextChoices):
    """How far the closing of a month got."""

    OPEN = "open", said("Open")
    SIGNED = "signed", said("Signed by one")
    LOCKED = "locked", said("Locked")
