"""Breaks: what a statement and our own record disagree on, until somebody says why, above a limit two people."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.money import Money
from config.kernel.people import Team
from config.kernel.subjects import Subject
from refunds.books.vocabulary import AccountRole
from refunds.breaks.vocabulary import BY_MACHINE, STANDING, BreakKind, BreakState, Resolution

from .operation import Operation
from .statement import StatementLine

BREAK = "break"

ABOVE_THE_LIMIT_TWO = """
    IF NEW.state = 'resolved' AND NEW.proposed_by_id IS NOT NULL AND NEW.confirmed_by_id IS NULL
        AND (TG_OP = 'INSERT' OR OLD.state IS DISTINCT FROM NEW.state)
        AND abs(NEW.amount_minor) > coalesce(
            (SELECT allowed.above_minor FROM refunds_breaklimit AS allowed WHERE allowed.currency = NEW.currency), 0
        )
    THEN
        RAISE EXCEPTION 'A break of this amount is resolved by two people.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'break_above_the_limit_has_two';
    END IF;
    RETURN NEW;
"""
"""The limit is asked of its own row; one that somebody wrote beside the break counts for nothing."""

RESOLVED_STAYS = pgtrigger.Condition(
    "OLD.state = 'resolved' AND NEW.state = 'resolved'"
    f" AND NEW.resolution NOT IN ({', '.join(repr(str(one)) for one in BY_MACHINE)})"
    " AND (OLD.kind, OLD.amount_minor, OLD.resolution, OLD.books_against, OLD.round, OLD.line_id, OLD.operation_id,"
    " OLD.proposed_by_id, OLD.confirmed_by_id, OLD.resolved_at, OLD.limit_minor)"
    " IS DISTINCT FROM (NEW.kind, NEW.amount_minor, NEW.resolution, NEW.books_against, NEW.round, NEW.line_id,"
    " NEW.operation_id, NEW.proposed_by_id, NEW.confirmed_by_id, NEW.resolved_at, NEW.limit_minor)"
)
"""What people resolved changes only by being opened again, or because the reason for it went away."""


class Break(models.Model):
    """One disagreement about a statement line, an operation of ours, or both.

    `amount_minor` is what nobody explained yet, with the sign of the processor's balance: below zero more left there
    than we know of, above zero less. `happened_at` is the line's own moment, or the operation's; `books_on` the day of
    the books its resolution is meant for, the first open one. `round` counts how often it was opened.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=24, choices=BreakKind)
    state = models.CharField(max_length=10, choices=BreakState, default=BreakState.OPEN)
    account = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reference = models.CharField(max_length=160)
    finding = models.CharField(max_length=200)
    happened_at = models.DateTimeField()
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, null=True, blank=True, related_name="breaks")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, blank=True, related_name="breaks")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolution = models.CharField(max_length=16, choices=Resolution, blank=True, default="")
    books_against = models.CharField(max_length=24, choices=AccountRole, blank=True, default="")
    books_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True, default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    limit_minor = models.BigIntegerField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["due_at", "pk"]
        permissions = [("resolve_break", "Can resolve breaks and confirm what others propose")]
        constraints = [
            models.CheckConstraint(name="break_kind_is_known", condition=Q(kind__in=BreakKind.values)),
            models.CheckConstraint(name="break_resolution_is_known", condition=Q(resolution__in=["", *Resolution])),
            models.CheckConstraint(
                name="break_is_about_something",
                condition=Q(line__isnull=False) | Q(operation__isnull=False) | Q(resolution=Resolution.IMPORT_UNDONE),
            ),
            models.CheckConstraint(
                name="break_says_what_its_state_says",
                condition=Q(
                    state=BreakState.OPEN,
                    resolution="",
                    books_against="",
                    proposed_by__isnull=True,
                    confirmed_by__isnull=True,
                    resolved_at__isnull=True,
                )
                | Q(
                    ~Q(resolution__in=["", *BY_MACHINE]) & ~Q(note=""),
                    state=BreakState.PROPOSED,
                    proposed_by__isnull=False,
                    proposed_at__isnull=False,
                    limit_minor__isnull=False,
                    confirmed_by__isnull=True,
                    resolved_at__isnull=True,
                )
                | Q(
                    ~Q(resolution__in=["", *BY_MACHINE]) & ~Q(note=""),
                    state=BreakState.RESOLVED,
                    proposed_by__isnull=False,
                    proposed_at__isnull=False,
                    limit_minor__isnull=False,
                    resolved_at__isnull=False,
                )
                | Q(
                    state=BreakState.RESOLVED,
                    resolution__in=BY_MACHINE,
                    books_against="",
                    proposed_by__isnull=True,
                    confirmed_by__isnull=True,
                    resolved_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="break_has_four_eyes", condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by"))
            ),
            models.CheckConstraint(
                name="break_above_its_limit_has_two",
                condition=~Q(state=BreakState.RESOLVED)
                | Q(resolution__in=BY_MACHINE)
                | Q(confirmed_by__isnull=False)
                | Q(amount_minor__lte=F("limit_minor"), amount_minor__gte=-F("limit_minor")),
            ),
            models.UniqueConstraint(
                name="one_standing_break_per_line", fields=["line"], condition=Q(state__in=STANDING)
            ),
            models.UniqueConstraint(
                name="one_standing_break_per_operation",
                fields=["operation"],
                condition=Q(state__in=STANDING, line__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="break_by_promise", fields=["due_at", "id"], condition=Q(state__in=STANDING)),
            models.Index(name="break_by_state", fields=["state", "due_at", "id"]),
            models.Index(name="break_newest", fields=["-opened_at", "-id"]),
            models.Index(name="break_of_account", fields=["account", "happened_at"]),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="above_the_limit_two",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=ABOVE_THE_LIMIT_TWO,
            ),
            pgtrigger.Protect(name="resolved_breaks_stay", operation=pgtrigger.Update, condition=RESOLVED_STAYS),
            pgtrigger.Protect(
                name="whose_break_it_is_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("account", "currency"),
            ),
            pgtrigger.Protect(name="breaks_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("refunds:break", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """The break as the ledger knows it."""
        return Subject(BREAK, self.pk)

    @property
    def amount(self) -> Money:
        """What nobody explained yet, with its sign."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_resolved(self) -> bool:
        """Whether there is nothing more to say."""
        return self.state == BreakState.RESOLVED

    @property
    def is_by_machine(self) -> bool:
        """Whether it ended without a person."""
        return self.resolution in BY_MACHINE


class BreakComment(models.Model):
    """What somebody said about a break; the thread beside it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    about = models.ForeignKey(Break, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    text = models.CharField(max_length=2000)

    class Meta:
        permissions = []
        ordering = ["written_at", "pk"]
        constraints = [models.CheckConstraint(name="break_comment_says_something", condition=~Q(text=""))]
        triggers = [
            pgtrigger.Protect(
                name="break_comments_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("about", "author", "written_at"),
            ),
            pgtrigger.Protect(name="break_comments_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.author}, {self.written_at:%Y-%m-%d}"


class BreakLimit(models.Model):
    """A break of more than `above_minor` of a currency needs two people; of a currency not named, every one."""

    currency = models.CharField(max_length=3, unique=True)
    above_minor = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="break_limit_is_not_negative", condition=Q(above_minor__gte=0))]

    def __str__(self) -> str:
        return f"above {Money(self.above_minor, self.currency)}"


class BreakPromise(models.Model):
    """Within how many days a break of a kind is resolved; a kind not named has its standard promise."""

    kind = models.CharField(max_length=24, choices=BreakKind, unique=True)
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="break_promise_kind_is_known", condition=Q(kind__in=BreakKind.values)),
            models.CheckConstraint(name="break_promise_is_kept_in_time", condition=Q(days__gte=1, days__lte=365)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.days} days"
