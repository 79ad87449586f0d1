"""The journal: double entries that are written once and only ever reversed, and the accounts they name."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.subjects import Subject
from refunds.books.vocabulary import AccountRole, EntryKind

from .period_lock import ENTRIES_ARE_LOCKED

GL_ACCOUNT = "gl_account"

IS_ZERO = """
    IF EXISTS (
        SELECT FROM refunds_journalline AS line WHERE line.entry_id = NEW.entry_id
            GROUP BY line.currency HAVING sum(line.amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'Entry % is not zero in every currency.', NEW.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_zero';
    END IF;
    IF (SELECT count(*) FROM refunds_journalline AS line WHERE line.entry_id = NEW.entry_id) IS DISTINCT FROM
        (SELECT entry.line_count::bigint FROM refunds_journalentry AS entry WHERE entry.id = NEW.entry_id)
    THEN
        RAISE EXCEPTION 'Entry % has other lines than it was made with.', NEW.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_zero';
    END IF;
    RETURN NULL;
"""
"""Asked when the transaction ends, of whatever wrote the lines; an entry gets no further lines later either."""


class GLAccount(models.Model):
    """The general ledger's account for a role; the narrower it is told (team, gateway, currency), the sooner it counts.

    A role without a row has its standard code. What was booked keeps the code it was booked with.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.CharField(max_length=24, choices=AccountRole)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    gateway = models.CharField(max_length=40, blank=True, default="", help_text="Such as stripe; empty for every one.")
    currency = models.CharField(max_length=3, blank=True, default="", help_text="Such as EUR; empty for every one.")
    code = models.CharField(max_length=40, help_text="As the general ledger knows it: 4100.")
    name = models.CharField(max_length=80, help_text="As the general ledger knows it: Refunds.")

    class Meta:
        verbose_name = "general ledger account"
        ordering = ["role", "gateway", "currency", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_account_per_place", fields=["role", "team", "gateway", "currency"], nulls_distinct=False
            ),
            models.CheckConstraint(name="account_role_is_known", condition=Q(role__in=AccountRole.values)),
            models.CheckConstraint(name="account_has_a_code", condition=~Q(code="") & ~Q(name="")),
        ]
        triggers = [pgtrigger.Protect(name="gl_accounts_stay", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def subject(self) -> Subject:
        """The account as the ledger knows it."""
        return Subject(GL_ACCOUNT, self.pk)


class JournalEntry(models.Model):
    """One fact as it was booked. `occurred_on` is the fact's own day, `booked_on` the day of the books it is in.

    Days are those of the organisation's time zone. `account` is whose statements show the fact, as in
    `Statement.account`. Facts are named, not pointed at: a statement may be taken back, its entries are reversed.
    """

    event_key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=EntryKind)
    account = models.CharField(max_length=40)
    gateway = models.CharField(max_length=40)
    occurred_on = models.DateField()
    booked_on = models.DateField()
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=40)
    reference = models.CharField(max_length=160)
    line_count = models.PositiveSmallIntegerField()
    reversal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="entry_kind_is_known", condition=Q(kind__in=EntryKind.values)),
            models.CheckConstraint(name="entry_has_two_sides", condition=Q(line_count__gte=2)),
            models.CheckConstraint(
                name="reversal_says_of_what",
                condition=Q(kind=EntryKind.REVERSAL, reversal_of__isnull=False)
                | (~Q(kind=EntryKind.REVERSAL) & Q(reversal_of__isnull=True)),
            ),
            models.CheckConstraint(
                name="nothing_is_booked_before_its_day", condition=Q(booked_on__gte=F("occurred_on"))
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="journal_entries_stay", operation=pgtrigger.Update | pgtrigger.Delete),
            *ENTRIES_ARE_LOCKED,
        ]
        indexes = [models.Index(name="entry_by_day", fields=["booked_on", "id"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    @property
    def is_late(self) -> bool:
        """Whether its own month was closed when it was booked."""
        return self.booked_on != self.occurred_on


class JournalLine(models.Model):
    """One side of an entry in one account: debits are positive, credits negative."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    role = models.CharField(max_length=24, choices=AccountRole)
    code = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="journal_role_is_known", condition=Q(role__in=AccountRole.values)),
            models.CheckConstraint(name="journal_line_moves_something", condition=~Q(amount_minor=0)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="entry_is_zero",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=IS_ZERO,
            ),
            pgtrigger.Protect(name="journal_lines_stay", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.amount}"

    @property
    def amount(self) -> Money:
        """What it moves, with its sign."""
        return Money(self.amount_minor, self.currency)

    @property
    def debit(self) -> Money | None:
        """The amount, where it is a debit."""
        return self.amount if self.amount_minor > 0 else None

    @property
    def credit(self) -> Money | None:
        """The amount without its sign, where it is a credit."""
        return -self.amount if self.amount_minor < 0 else None
