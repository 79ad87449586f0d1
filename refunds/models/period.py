"""Months of an account that two people sign and the database then locks."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from refunds.books.vocabulary import PeriodState
from refunds.vocabulary import account_label

PERIOD = "period"

LEAVES_BY_TWO = pgtrigger.Condition(
    "OLD.state = 'locked' AND NEW.state <> 'locked' AND (OLD.reopen_asked_by_id IS NULL"
    " OR OLD.reopened_by_id IS NOT NULL OR NEW.reopened_by_id IS NULL"
    " OR NEW.reopen_asked_by_id IS DISTINCT FROM OLD.reopen_asked_by_id)"
)
"""A lock ends only where somebody asked for it before and somebody else agrees now."""

SIGNED_STAYS = pgtrigger.Condition(
    "OLD.state = 'locked' AND NEW.state = 'locked' AND (OLD.first_by_id, OLD.first_at, OLD.second_by_id, OLD.second_at,"
    " OLD.report_sha256, OLD.report) IS DISTINCT FROM (NEW.first_by_id, NEW.first_at, NEW.second_by_id, NEW.second_at,"
    " NEW.report_sha256, NEW.report)"
)
"""What was signed is not changed under the signatures."""


class Period(models.Model):
    """A calendar month of one account, in the organisation's time zone; its first and last day are in it.

    `report` is what the second person signed, as it was then; `acknowledged` names what was open and why it may be.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.CharField(max_length=40)
    first_on = models.DateField()
    last_on = models.DateField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=PeriodState, default=PeriodState.OPEN)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    first_note = models.CharField(max_length=1000, blank=True, default="")
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_note = models.CharField(max_length=1000, blank=True, default="")
    report = models.JSONField(default=dict)
    report_sha256 = models.CharField(max_length=64, blank=True, default="")
    reopen_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reopen_asked_at = models.DateTimeField(null=True)
    reopen_why = models.CharField(max_length=1000, blank=True, default="")
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-first_on", "account"]
        permissions = [
            ("sign_period", "Can sign that a month is closed"),
            ("reopen_period", "Can ask for or agree to the reopening of a closed month"),
        ]
        constraints = [
            models.UniqueConstraint(name="one_period_per_month", fields=["account", "first_on"]),
            models.CheckConstraint(
                name="period_is_a_month",
                condition=Q(first_on__day=1, last_on__gt=F("first_on"), until_at__gt=F("from_at")),
            ),
            models.CheckConstraint(
                name="period_has_the_signatures_of_its_state",
                condition=Q(state=PeriodState.OPEN, first_by__isnull=True, second_by__isnull=True)
                | Q(state=PeriodState.SIGNED, first_by__isnull=False, first_at__isnull=False, second_by__isnull=True)
                | Q(
                    state=PeriodState.LOCKED,
                    first_by__isnull=False,
                    first_at__isnull=False,
                    second_by__isnull=False,
                    second_at__isnull=False,
                )
                & ~Q(report_sha256=""),
            ),
            models.CheckConstraint(
                name="period_is_signed_by_two", condition=Q(second_by__isnull=True) | ~Q(second_by=F("first_by"))
            ),
            models.CheckConstraint(
                name="period_is_reopened_by_two",
                condition=Q(reopened_by__isnull=True)
                | (Q(reopen_asked_by__isnull=False) & ~Q(reopened_by=F("reopen_asked_by"))),
            ),
            models.CheckConstraint(
                name="reopening_has_a_reason", condition=Q(reopen_asked_by__isnull=True) | ~Q(reopen_why="")
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="locks_end_by_two", operation=pgtrigger.Update, condition=LEAVES_BY_TWO),
            pgtrigger.Protect(name="signed_periods_stay", operation=pgtrigger.Update, condition=SIGNED_STAYS),
            pgtrigger.Protect(
                name="what_a_period_covers_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("account", "first_on", "last_on", "from_at", "until_at"),
            ),
            pgtrigger.Protect(name="periods_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.account_label}, {self.first_on:%B %Y}"

    def get_absolute_url(self) -> str:
        """Its checklist."""
        return reverse("refunds:period", args=[self.pk])

    @property
    def account_label(self) -> str:
        """Its account as people choose it."""
        return account_label(self.account)

    @property
    def subject(self) -> Subject:
        """The period as the ledger knows it."""
        return Subject(PERIOD, self.pk)

    @property
    def is_locked(self) -> bool:
        """Whether nothing is booked in it any more."""
        return self.state == PeriodState.LOCKED

    @property
    def waits_for_reopening(self) -> bool:
        """Whether somebody asked to reopen it and nobody agreed yet."""
        return self.is_locked and self.reopen_asked_by_id is not None and self.reopened_by_id is None
