"""How the CSV file of a bank or a processor we have no reader for is to be read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from refunds.vocabulary import ACCOUNTS

COLUMN_MAPPING = "column_mapping"
"""What the ledger calls it."""

MONEY_COLUMNS = ("amount_column", "debit_column", "credit_column", "fee_column", "balance_column")
COLUMNS = (
    *("booked_column", *MONEY_COLUMNS, "currency_column", "id_column", "category_column", "operation_column"),
    *("payment_column", "payout_column", "order_column", "value_column", "text_column"),
)
WRITTEN = ("delimiter", "encoding", "decimal_mark", "in_smallest_unit", "date_pattern", "time_zone")
READ_BY = ("slug", "account", "own_account", "currency", "categories", *WRITTEN, *COLUMNS)
"""All that a file is read by; only the title is for people."""


def _column(hint: str = "") -> models.CharField[str, str]:
    return models.CharField(max_length=80, blank=True, default="", help_text=hint)


class ColumnMapping(models.Model):
    """Which column says what, and how amounts and days are written; a file with these columns is recognised by it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=30, unique=True, help_text="Its name for good: imports are read again by it.")
    title = models.CharField(max_length=80, help_text="As people choose it when they upload a file.")
    account = models.CharField(
        max_length=40,
        choices=ACCOUNTS,
        help_text="Whose lines these are.",
    )
    own_account = models.CharField(
        max_length=40, blank=True, default="", help_text="The IBAN or number of our account, where there are several."
    )
    delimiter = models.CharField(
        max_length=1, choices=[(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar")], default=","
    )
    encoding = models.CharField(
        max_length=12, choices=[("utf-8", "UTF-8"), ("cp1252", "Windows-1252")], default="utf-8"
    )
    decimal_mark = models.CharField(max_length=1, choices=[(".", "1,240.50"), (",", "1.240,50")], default=".")
    in_smallest_unit = models.BooleanField(default=False, help_text="Amounts are whole pence or cents.")
    date_pattern = models.CharField(
        max_length=20,
        choices=[
            ("iso", "2026-11-25, 2026-11-25T10:01:00Z"),
            ("%d.%m.%Y", "25.11.2026"),
            ("%d/%m/%Y", "25/11/2026"),
            ("%m/%d/%Y", "11/25/2026"),
            ("%Y%m%d", "20261125"),
        ],
        default="iso",
    )
    time_zone = models.CharField(max_length=40, default="UTC", help_text="Such as UTC or Europe/Berlin.")
    currency = models.CharField(max_length=3, blank=True, default="", help_text="Where no column names it.")
    booked_column = models.CharField(max_length=80, help_text="The day it was booked.")
    amount_column = _column("Signed: what leaves us is negative. Leave empty where debit and credit are two columns.")
    debit_column = _column()
    credit_column = _column()
    fee_column = _column("What was kept of the amount, as a positive figure.")
    balance_column = _column("The balance after the line; given, it must follow from line to line.")
    currency_column = _column()
    id_column = _column("What names a line for good; without it a line is named by all it says.")
    category_column = _column()
    categories = models.TextField(
        blank=True, default="", help_text="One a line, their word and ours: Gutschrift = credit"
    )
    operation_column = _column("Where our operation id is, such as the end-to-end reference.")
    payment_column = _column()
    payout_column = _column()
    order_column = _column()
    value_column = _column("The day it counts from.")
    text_column = _column()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                name="mapping_has_an_amount",
                condition=Q(~Q(amount_column=""), debit_column="", credit_column="")
                | Q(~Q(debit_column=""), ~Q(credit_column=""), amount_column=""),
            ),
            models.CheckConstraint(name="mapping_has_a_currency", condition=~Q(currency="", currency_column="")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def format_name(self) -> str:
        """What the format is called that it makes."""
        return f"csv.{self.slug}"

    @property
    def subject(self) -> Subject:
        """The mapping as the ledger knows it."""
        return Subject(COLUMN_MAPPING, self.pk)
