"""Finance's record of what the processor did, and where it agrees with ours."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.kernel.ids import new_id
from config.kernel.money import Money
from refunds.vocabulary import LineResult

from .period_lock import LINES_ARE_LOCKED

_BREAKS = UUID("0f3d6f0e-52f2-5e6c-9b5a-6a1f0f6f6c11")
"""The namespace of break ids."""


class Statement(models.Model):
    """One file, uploaded by a person or fetched by a machine: its hash, what it covers, what it adds up to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.CharField(max_length=40)
    format = models.CharField(max_length=40)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    currency = models.CharField(max_length=3, blank=True, default="")
    line_count = models.PositiveIntegerField(default=0)
    net_minor = models.BigIntegerField(default=0)
    from_at = models.DateTimeField(null=True, blank=True)
    to_at = models.DateTimeField(null=True, blank=True)
    is_imported = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_why = models.CharField(max_length=400, blank=True, default="", db_default="")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fetched_by = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="The machine that fetched it; else a person did.",
    )
    uploaded_at = models.DateTimeField()

    class Meta:
        permissions = [("undo_statement", "Can undo the import of a statement")]
        constraints = [
            models.UniqueConstraint(
                name="one_standing_statement_per_file",
                fields=["account", "sha256"],
                condition=Q(undone_at__isnull=True),
            ),
            models.CheckConstraint(
                name="undoing_says_who_and_why",
                condition=Q(undone_at__isnull=True) | (Q(undone_by__isnull=False) & ~Q(undone_why="")),
            ),
            models.CheckConstraint(
                name="statement_has_a_bringer",
                condition=Q(uploaded_by__isnull=False, fetched_by="")
                | (Q(uploaded_by__isnull=True) & ~Q(fetched_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.filename}"

    @property
    def brought_by(self) -> str:
        """Who uploaded it, or which machine fetched it."""
        return str(self.uploaded_by) if self.uploaded_by is not None else self.fetched_by.capitalize()


class StatementBalance(models.Model):
    """What a file says was on one account of ours, in one currency, before and after its lines."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="balances")
    own_account = models.CharField(max_length=40, blank=True, default="")
    currency = models.CharField(max_length=3)
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()

    class Meta:
        permissions = []
        constraints = [
            models.UniqueConstraint(
                name="one_balance_per_account_and_currency", fields=["statement", "own_account", "currency"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.own_account} {self.opening_minor} to {self.closing_minor} {self.currency}"

    @property
    def opening(self) -> Money:
        """The balance before the first line."""
        return Money(self.opening_minor, self.currency)

    @property
    def closing(self) -> Money:
        """The balance after the last line."""
        return Money(self.closing_minor, self.currency)


class StatementLine(models.Model):
    """One line as the processor wrote it, in minor units; the same line in two files is one line.

    `category` is Stripe's word for what it is, `told_category` the file's own. `payout_ref` names the payout that a
    processor's line belongs to, or that a bank's line pays. Where the customer paid in another currency,
    `customer_minor` and `exchange_rate`, as the file printed it, say how gross came about.
    """

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines", db_index=False)
    account = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    category = models.CharField(max_length=40)
    source_id = models.CharField(max_length=120, blank=True, default="")
    operation_ref = models.CharField(max_length=80, blank=True, default="")
    payment_ref = models.CharField(max_length=120, blank=True, default="")
    payout_ref = models.CharField(max_length=120, blank=True, default="", db_default="")
    merchant_ref = models.CharField(max_length=120, blank=True, default="", db_default="")
    own_account = models.CharField(max_length=40, blank=True, default="", db_default="")
    told_category = models.CharField(max_length=80, blank=True, default="", db_default="")
    text = models.CharField(max_length=400, blank=True, default="", db_default="")
    booked_at = models.DateTimeField()
    value_on = models.DateField(null=True, blank=True)
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    customer_minor = models.BigIntegerField(null=True, blank=True)
    customer_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    exchange_rate = models.CharField(max_length=40, blank=True, default="", db_default="")
    result = models.CharField(max_length=10, choices=LineResult, default=LineResult.UNMATCHED)
    result_note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="one_line_per_account_id", fields=["account", "external_id"]),
            models.CheckConstraint(
                name="gross_less_fee_is_net", condition=Q(net_minor=models.F("gross_minor") - models.F("fee_minor"))
            ),
            models.CheckConstraint(
                name="customer_amount_has_currency",
                condition=Q(customer_minor__isnull=True, customer_currency="")
                | (Q(customer_minor__isnull=False) & ~Q(customer_currency="")),
            ),
        ]
        triggers = LINES_ARE_LOCKED
        indexes = [
            models.Index(name="line_of_statement", fields=["statement", "number", "id"]),
            models.Index(name="line_operation_ref", fields=["operation_ref"], condition=~Q(operation_ref="")),
            models.Index(name="line_source", fields=["account", "source_id"], condition=~Q(source_id="")),
            models.Index(name="line_open", fields=["account", "id"], condition=Q(result="unmatched")),
            models.Index(name="line_payout_ref", fields=["account", "payout_ref"], condition=~Q(payout_ref="")),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.net_minor} {self.currency}"

    @property
    def break_id(self) -> UUID:
        """The id of its disagreement with us, however often it is asked for."""
        return uuid5(_BREAKS, f"{self.account}:{self.external_id}")

    @property
    def gross(self) -> Money:
        """The amount before fees."""
        return Money(self.gross_minor, self.currency)
