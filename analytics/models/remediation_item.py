"""Remediation items: one code that costs too much, who fixes it, and how far that got."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from analytics.remediation.vocabulary import STANDING, TONES, UNFINISHED, Colour, ItemState
from config.kernel.ids import new_id
from config.kernel.subjects import Subject
from policies.vocabulary import CodeKind

from .remediation_life import RemediationLife

ITEM = "remediation_item"


class RemediationItem(RemediationLife):
    """A fix that somebody owns. `owner_team`, `playbook` and the promise are the code's, as of opening.

    `colour`, `use_count` of `request_count` and `cost` (minor units by currency) are what the clock counted last, over
    every team, in the days of the rule.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code_kind = models.CharField(max_length=16, choices=CodeKind)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    owner_team = models.CharField(max_length=80)
    playbook = models.TextField()
    finding = models.CharField(max_length=2000)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Empty when the rule opened it."""
    promise_hours = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    colour = models.CharField(max_length=5, choices=Colour, default=Colour.GREEN)
    use_count = models.PositiveIntegerField(default=0)
    request_count = models.PositiveIntegerField(default=0)
    cost = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True, blank=True)

    is_locked = False
    """Whether this instance was read under its row lock in the running transaction."""

    class Meta:
        ordering = ["due_at", "pk"]
        permissions = [
            ("confirm_remediationitem", "Can agree to close a remediation item"),
            ("settle_remediationitem", "Can end a remediation item after its effect test"),
            ("reopen_remediationitem", "Can open a remediation item again"),
            ("oversee_remediationitem", "Hears of remediation items that stay overdue"),
        ]
        constraints = [
            models.CheckConstraint(name="item_state_is_known", condition=Q(state__in=ItemState.values)),
            models.CheckConstraint(name="item_colour_is_known", condition=Q(colour__in=Colour.values)),
            models.CheckConstraint(
                name="item_closing_has_four_eyes",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="item_is_not_closed_by_its_owner",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("owner")),
            ),
            models.CheckConstraint(
                name="item_says_what_its_state_says",
                condition=Q(state__in=[ItemState.OPEN, ItemState.CAUSE_FOUND], proposed_by__isnull=True)
                | Q(state=ItemState.CHANGE_MADE, changed_at__isnull=False, confirmed_by__isnull=True)
                | Q(
                    state=ItemState.VERIFYING,
                    proposed_by__isnull=False,
                    confirmed_by__isnull=False,
                    test_due_at__isnull=False,
                )
                | Q(state=ItemState.CLOSED, confirmed_by__isnull=False, closed_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_open_item_per_code", fields=["code_kind", "code"], condition=Q(state__in=STANDING)
            ),
        ]
        indexes = [
            models.Index(name="item_by_promise", fields=["due_at", "id"], condition=Q(state__in=STANDING)),
            models.Index(name="item_newest", fields=["-opened_at", "-id"]),
            models.Index(name="item_to_test", fields=["test_due_at"], condition=Q(state=ItemState.VERIFYING)),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_an_item_is_about_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("code_kind", "code", "opened_at", "opened_by"),
            ),
            pgtrigger.Protect(
                name="closed_items_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = 'closed' AND NEW.state <> 'closed'"),
            ),
            pgtrigger.Protect(name="items_stay", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("analytics:remediation_item", args=[self.pk])

    @property
    def subject(self) -> Subject:
        """The item as the ledger knows it."""
        return Subject(ITEM, self.pk)

    @property
    def tone(self) -> str:
        """The badge of its colour: red is a square, amber a diamond, green a dot."""
        return TONES[self.colour]

    @property
    def is_closed(self) -> bool:
        """Whether the effect test had the last word."""
        return bool(self.state == ItemState.CLOSED)

    @property
    def is_unfinished(self) -> bool:
        """Whether somebody still has something to do."""
        return ItemState(self.state) in UNFINISHED
